"""What a hostile script tries from inside a job: each prints LEAK when it got what it wanted.

`$BAIT` is a folder with what is not the job's: `secret` (0600), `open` (0666), `other-job/secret`, `door` (a socket).
`$DOOR` names an abstract socket and files in /tmp and /dev/shm, `$PORT` listens on this machine, `$PID` is a process
with bait in its environment. `docs/isolation.md` lists them all.
"""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

CALL = "import ctypes,os,sys;l=ctypes.CDLL(None,use_errno=True)"


def python(code: str) -> str:
    return f'python3 -c "{code}" && echo LEAK'


def call(*numbers: object) -> str:
    """LEAK when the system call does not fail."""
    arguments = ",".join(str(number) for number in numbers)
    return python(f"{CALL};sys.exit(l.syscall({arguments}) < 0)")


def connects(family: str, address: str) -> str:
    return python(f"import socket;s=socket.socket(socket.{family});s.settimeout(2);s.connect({address})")


PROBES = {
    # Files
    "write-root": "touch /probe && echo LEAK",
    "write-etc": "echo x >> /etc/passwd && echo LEAK",
    "write-usr": "touch /usr/bin/probe && echo LEAK",
    "write-var": "touch /var/probe /var/tmp/probe && echo LEAK",
    "write-home": "for home in /home /root; do touch $home/probe && echo LEAK; done",
    "read-shadow": "cat /etc/shadow && echo LEAK",
    "read-worker-token": "cat $BAIT/secret && echo LEAK",
    "read-open-file": "cat $BAIT/open && echo LEAK",
    "read-other-job": "cat $BAIT/other-job/secret && echo LEAK",
    "list-other-jobs": "ls $BAIT | grep -q other && echo LEAK",
    "climb-out": "ls ../.. | grep -q bait && echo LEAK",
    "link-out": "ln -s $BAIT/open link && cat link && echo LEAK",
    "hard-link-out": "ln $BAIT/open hard && echo LEAK",
    "shared-tmp": "test -e /tmp/$DOOR && echo LEAK",
    "shared-memory-files": "test -e /dev/shm/$DOOR && echo LEAK",
    "run-sockets": "ls /run | grep -q . && echo LEAK",
    "homes": "ls -A /home /root | grep -v : | grep -q . && echo LEAK",
    "spools": "ls -A /var | grep -q . && echo LEAK",
    "through-proc-root": "ls /proc/$PID/root/ && echo LEAK",
    "through-proc-cwd": "ls /proc/1/cwd/ | grep -q bait && echo LEAK",
    # Processes
    "see-processes": "test -d /proc/$PID && test $PID -gt 50 && echo LEAK",
    "worker-environment": "cat /proc/[0-9]*/environ | grep -qa bait-in-environment && echo LEAK",
    "own-environment": "env | grep -E '^(ORRERY_(TOKEN|SECRET|DATABASE)|AWS_|PG)' && echo LEAK",
    "signal-worker": "kill -0 $PID 2>/dev/null && test $PID -gt 50 && echo LEAK",
    "signal-all": "kill -TERM -1; sleep 0; test -e /proc/1 || echo LEAK",
    "kill-init": "kill -KILL 1; sleep 0.1; test -e /proc/1 || echo LEAK",
    "trace-init": call(101, 16, 1, 0, 0),
    "read-memory-of-init": "head -c 1 /proc/1/mem && echo LEAK",
    "priority": python("import os;os.nice(-5)"),
    # Rights
    "become-root": python("import os;os.setuid(0)"),
    "become-neighbour": python("import os;os.setuid(os.getuid()+1)"),
    "setuid-programs": "grep -q 'NoNewPrivs:.*1' /proc/self/status || echo LEAK",
    "capabilities": "grep Cap /proc/self/status | grep -qv 0000000000000000 && echo LEAK",
    "syscall-filter": "grep -q 'Seccomp:.*2' /proc/self/status || echo LEAK",
    "new-user-namespace": "unshare --user true && echo LEAK",
    "new-network-namespace": "unshare --user --net true && echo LEAK",
    "clone-user-namespace": call(56, "0x10000000|17", 0, 0, 0, 0),
    "mount-tmpfs": "mount -t tmpfs none /mnt && echo LEAK",
    "mount-call": call(165, "b'none'", "b'/tmp'", "b'tmpfs'", 0, 0),
    "remount-root": "mount -o remount,rw / && echo LEAK",
    "unmount": "umount -l /run && echo LEAK",
    "chroot": "chroot / true && echo LEAK",
    "enter-namespace": "nsenter -t 1 -n true && echo LEAK",
    "make-device": "mknod disk b 8 0 && echo LEAK",
    "raw-disk": "head -c 1 /dev/sda /dev/vda /dev/nvme0n1 && echo LEAK",
    "kernel-memory": "head -c 1 /dev/mem /dev/kmem /proc/kcore && echo LEAK",
    "kernel-log": "dmesg && echo LEAK",
    "kernel-settings": "echo 1 > /proc/sys/kernel/core_pattern && echo LEAK",
    "kernel-modules": call(175, 0, 0, "b''"),
    "sysrq": "echo h > /proc/sysrq-trigger && echo LEAK",
    "host-name": "hostname probe && echo LEAK",
    "clock": "date -s 2001-01-01 && echo LEAK",
    "reboot": call(169, "0xfee1dead", 672274793, 0, 0),
    "cgroup-escape": "mkdir /sys/fs/cgroup/probe /sys/fs/cgroup/*/probe && echo LEAK",
    "session-keys": call(250, 0, -3, 0),
    "add-key": call(248, "b'user'", "b'probe'", "b'x'", 1, -3),
    "bpf": call(321, 0, 0, 0),
    "perf-events": call(298, 0, 0, -1, -1, 0),
    "io-uring": call(425, 1, 0),
    "userfaultfd": call(323, 1),
    "raise-limits": "ulimit -n 999999 && echo LEAK",
    # Network
    "service-of-the-host": connects("AF_INET", "('127.0.0.1',$PORT)"),
    "service-over-ipv6": connects("AF_INET6", "('::1',$PORT)"),
    "metadata": connects("AF_INET", "('169.254.169.254',80)"),
    "metadata-over-ipv6": connects("AF_INET6", "('fd00:ec2::254',80)"),
    "name-server": python("import socket;socket.getaddrinfo('probe.example.org',80)"),
    "datagrams": python(
        "import socket;s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM);s.sendto(b'x',('192.0.2.1',53))"
    ),
    "abstract-sockets": connects("AF_UNIX", "chr(0)+'$DOOR'"),
    "socket-files": connects("AF_UNIX", "'$BAIT/door'"),
    "docker-socket": connects("AF_UNIX", "'/var/run/docker.sock'"),
    "raw-sockets": python("import socket;socket.socket(socket.AF_INET,socket.SOCK_RAW,1)"),
    "packet-sockets": python("import socket;socket.socket(socket.AF_PACKET,socket.SOCK_RAW,3)"),
    "interfaces": "grep -vE 'lo:|Inter|face' /proc/net/dev && echo LEAK",
    "routes": "tail -n +2 /proc/net/route | grep -q . && echo LEAK",
}
"""Name, and the shell commands that try it: refused by the walls of the sandbox."""


def tries() -> list[str]:
    """The commands of a job that tries all of them, and says of each that it was tried, and whether it came through."""
    lines = [
        f"( {script} ) </dev/null 2>/dev/null | grep -q LEAK && echo leak {name}; echo tried {name}"
        for name, script in PROBES.items()
    ]
    return ["trap '' TERM", *lines]


def told(lines: Iterable[str], word: str) -> list[str]:
    """The probes of which a job has said that."""
    return [line.removeprefix(f"{word} ") for line in lines if line.startswith(f"{word} ")]


@contextmanager
def laid_out(folder: Path) -> Iterator[dict[str, str]]:
    """What is not the job's, and open to whoever is not kept away; the environment in which a job is told of it."""
    secret, door = folder / "bait", f"orrery-bait-{os.urandom(4).hex()}"
    (secret / "other-job").mkdir(parents=True)
    for name, mode in (("secret", 0o600), ("open", 0o666), ("other-job/secret", 0o644)):
        (secret / name).write_text("s3cret")
        (secret / name).chmod(mode)
    with (
        socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server,
        socket.socket(socket.AF_UNIX) as abstract,
        socket.socket(socket.AF_UNIX) as file,
        subprocess.Popen(["cat"], stdin=subprocess.PIPE, env={"TOKEN": "bait-in-environment"}) as victim,
    ):
        for listening, address in ((abstract, f"\0{door}"), (file, str(secret / "door"))):
            listening.bind(address)
            listening.listen()
        (secret / "door").chmod(0o666)
        shared = [Path(place, door) for place in ("/tmp", "/dev/shm")]
        for path in shared:
            path.write_text("s3cret")
        yield {"BAIT": str(secret), "DOOR": door, "PORT": str(server.getsockname()[1]), "PID": str(victim.pid)}
        for path in shared:
            path.unlink()
