"""A filter of system calls for sandboxes: what lets a process reach into others, into keys or into the kernel."""

from __future__ import annotations

import errno
import os
import platform
import struct
from functools import cache

# Name: its number on x86_64, on aarch64. Everything newer than 424 has one number everywhere.
REFUSED = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438), "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsmount": (432, 432), "mount_setattr": (442, 442), "setns": (308, 268), "unshare": (272, 97),
    "open_by_handle_at": (304, 265), "kexec_load": (246, 104), "kexec_file_load": (320, 294),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106), "swapon": (167, 224),
    "acct": (163, 89), "syslog": (103, 116), "quotactl": (179, 60),
}  # fmt: skip
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_OTHER_ABI = 0x40000000
"""From here on the numbers are those of the x32 ABI, which would pass by the list."""

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM


@cache
def program() -> bytes | None:
    """The filter as the kernel takes it; None on a machine whose numbers are not listed here."""
    about = _MACHINES.get(platform.machine())
    if about is None:
        return None
    column, architecture = about
    numbers = [each[column] for each in REFUSED.values()]
    lines = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),
        (_AT_LEAST, len(numbers) + 1, 0, _OTHER_ABI),
        *((_EQUAL, len(numbers) - place, 0, number) for place, number in enumerate(numbers)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def as_file() -> int | None:
    """A descriptor to read the filter from, to be closed by whoever asked."""
    filter_of = program()
    if filter_of is None:
        return None
    descriptor = os.memfd_create("syscalls", os.MFD_CLOEXEC)
    os.write(descriptor, filter_of)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
