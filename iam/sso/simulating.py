"""What rules can see of something that is pasted: claims of a token, an entry of a directory, or a body of SCIM."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from control_plane.kernel.words.errors import Invalid, Violation

_LONGEST_LINE = 10_000


def claims_of_entry(text: str) -> dict[str, Any]:
    """An entry as directories write it (LDIF), or as `ldapsearch` shows it. Groups are those that `memberOf` names.

    Invalid, naming the line, for what is no such text.
    """
    claims: dict[str, Any] = {}
    for number, line in _lines(text):
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise _wrong("entry", f"line {number}: `name: value` is expected")
        claims.setdefault(name.strip().partition(";")[0], []).append(_value(value, number))
    told = [value for name, values in claims.items() if name.lower() == "memberof" for value in values]
    if told and "groups" not in claims:
        claims |= {"groups": sorted({_leaf(value) for value in told}), "groupDns": sorted(told)}
    return claims


def _lines(text: str) -> list[tuple[int, str]]:
    """With those put together that are told in several, and without comments."""
    found: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(" ") and found and len(found[-1][1]) < _LONGEST_LINE:
            found[-1] = (found[-1][0], found[-1][1] + line[1:])
        elif line.strip() and not line.startswith(("#", "version:")):
            found.append((number, line))
    return found


def _value(written: str, number: int) -> str:
    if not written.startswith(":"):
        return written.strip()
    try:
        return base64.b64decode(written[1:].strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        raise _wrong("entry", f"line {number}: what follows `::` is no text in Base64") from None


def _leaf(dn: str) -> str:
    """What the first part of a name is called; a comma that is part of it stays."""
    name = dn.partition("=")[2].replace("\\,", "\x00").partition(",")[0]
    return name.replace("\x00", ",").strip()


def groups_of_scim(body: Mapping[str, Any]) -> list[str]:
    """The names of groups that a body speaks of: the group itself, or those of a user. SCIM asks no rules."""
    if isinstance(body.get("members"), list) or _is_group(body):
        name = body.get("displayName")
        if not isinstance(name, str) or not name.strip():
            raise _wrong("scim.displayName", "a group has a name")
        return [name.strip()[:255]]
    groups = body.get("groups", [])
    if not isinstance(groups, list):
        raise _wrong("scim.groups", "a list is expected")
    told = [each.get("display") or each.get("value") for each in groups if isinstance(each, dict)]
    return sorted({name.strip()[:255] for name in told if isinstance(name, str) and name.strip()})


def _is_group(body: Mapping[str, Any]) -> bool:
    schemas = body.get("schemas")
    return isinstance(schemas, list) and any(str(each).endswith(":Group") for each in schemas)


def _wrong(path: str, message: str) -> Invalid:
    return Invalid(f"{path}: {message}", violations=[Violation(message, path)])
