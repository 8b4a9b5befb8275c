"""What a directory tells of somebody or something: attributes with values, whatever the case they are asked in."""

from __future__ import annotations

import re
import struct
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from iam.sso.ldap.library import library

_RANGE = re.compile(r"range=[0-9]{1,9}-([0-9]{1,9})", re.I)
_LONGEST = 2_000


@dataclass(frozen=True)
class Entry:
    dn: str
    raw: Mapping[str, Sequence[bytes]]

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        """Names in lower case, each with how the directory writes it and its options."""
        found: dict[str, list[str]] = {}
        for key in self.raw:
            name, _, options = key.partition(";")
            if not options or options.lower().startswith("range="):
                found.setdefault(name.lower(), []).append(key)
        return found

    def texts(self, name: str) -> list[str]:
        """The values that are texts. An id of Active Directory is bytes: it is written as its tools show it."""
        values = (value for key in self._by_name.get(name.lower(), ()) for value in self.raw[key])
        return list(_texts(values, _WRITERS.get(name.lower(), bytes.decode)))

    def first(self, name: str) -> str:
        """ "" where there is none."""
        return next(iter(self.texts(name)), "")

    def names(self) -> list[str]:
        """Of its attributes, as the directory writes them."""
        return [keys[0].partition(";")[0] for keys in self._by_name.values()]

    def range_end(self, name: str) -> int | None:
        """Where a part of the values ends, if only a part was told."""
        for key in self._by_name.get(name.lower(), ()):
            part = _RANGE.fullmatch(key.partition(";")[2])
            if part:
                return int(part[1])
        return None

    @property
    def key(self) -> str:
        return normal_dn(self.dn)


def _guid(value: bytes) -> str:
    return str(uuid.UUID(bytes_le=bytes(value))) if len(value) == 16 else value.decode()


def _sid(value: bytes) -> str:
    """Such as `S-1-5-21-1-2-3-513`."""
    if len(value) < 8 or value[0] != 1 or len(value) != 8 + 4 * value[1]:
        return value.decode()
    parts = struct.unpack(f"<{value[1]}I", value[8:])
    return "-".join(map(str, ("S", value[0], int.from_bytes(value[2:8], "big"), *parts)))


_WRITERS: dict[str, Callable[[bytes], str]] = {"objectguid": _guid, "objectsid": _sid}


def _texts(values: Iterator[bytes], write: Callable[[bytes], str]) -> Iterator[str]:
    for value in values:
        try:
            text = write(value)
        except UnicodeDecodeError:
            continue
        if text and len(text) <= _LONGEST and "\x00" not in text:
            yield text


def normal_dn(dn: str) -> str:
    """One writing for what is one name, as far as a directory tells names apart: by neither case nor blanks."""
    ldap = library()
    try:
        parts = ldap.dn.str2dn(dn)
    except ldap.LDAPError:
        return dn.strip().lower()
    escape = ldap.dn.escape_dn_chars
    return ",".join(
        "+".join(sorted(f"{name}={escape((value or '').strip())}" for name, value, _ in part)) for part in parts
    ).lower()
