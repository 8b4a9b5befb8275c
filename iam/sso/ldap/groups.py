"""Which groups somebody is in: by what the groups say (`member`), by what a person says (`memberOf`), and nested."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from iam.directories.ldap import LdapSettings
from iam.sso.ldap.directory import Directory
from iam.sso.ldap.entries import Entry, normal_dn
from iam.sso.ldap.library import library
from iam.sso.ldap.primary_groups import SID, primary_group

MEMBER_OF = "memberOf"
_CHAIN = ":1.2.840.113556.1.4.1941:"
_BATCH = 40
_MOST_GROUPS = 2_000
"""Of one person."""
_DEEPEST = 20


@dataclass
class Group:
    dn: str
    name: str
    members: frozenset[str] = frozenset()
    """As the directory writes them; where they are names of entries, in one writing."""
    parents: set[str] = field(default_factory=set)
    sid: str = ""
    """Active Directory's id."""


def wanted_of_group(settings: LdapSettings) -> list[str]:
    return [settings.group_name_attribute, MEMBER_OF]


def names_entries(settings: LdapSettings) -> bool:
    """Whether members are told by the names of their entries; else by what they sign in with, as in a `posixGroup`."""
    return settings.member_attribute.lower() != "memberuid"


class Groups:
    """Those of one person, each asked of the directory when it is needed."""

    def __init__(self, directory: Directory, settings: LdapSettings) -> None:
        self._directory = directory
        self._settings = settings

    def of(self, person: Entry) -> list[Group]:
        """Each once, whatever circle they are in. With no place for groups, `memberOf` names them by their entries."""
        settings = self._settings
        told = person.texts(MEMBER_OF)
        if not settings.group_base:
            return [Group(dn, leaf_of(dn)) for dn in told[:_MOST_GROUPS]]
        found = self._primary(person)
        named = [_value(settings, person), *(entry.dn for entry in found.values() if self._is_chain)]
        found |= {group.key: group for group in self._holding(named, is_chain=self._is_chain)}
        self._add_told(found, told)
        return [self._group(entry) for entry in self._walked(found).values()]

    @property
    def _is_chain(self) -> bool:
        return self._settings.nesting == "CHAIN"

    def _primary(self, person: Entry) -> dict[str, Entry]:
        settings, sid = self._settings, primary_group(person)
        if not sid:
            return {}
        filters = f"(&{settings.group_filter}({SID}={sid}))"
        found = self._directory.search(settings.group_base, filters, wanted_of_group(settings), most=1)
        return {entry.key: entry for entry in found}

    def _walked(self, found: dict[str, Entry]) -> dict[str, Entry]:
        """With the groups that these are in, and so on; one that was seen is not asked for again."""
        frontier = dict(found)
        for _ in range(_DEEPEST if self._settings.nesting == "WALK" and names_entries(self._settings) else 0):
            above = {entry.key: entry for entry in self._holding(entry.dn for entry in frontier.values())}
            self._add_told(above, [dn for entry in frontier.values() for dn in entry.texts(MEMBER_OF)])
            frontier = {key: entry for key, entry in above.items() if key not in found}
            found |= frontier
            if not frontier or len(found) > _MOST_GROUPS:
                break
        return found

    def _add_told(self, found: dict[str, Entry], names: Iterable[str]) -> None:
        """Those that a person or a group says it is in, where they are groups of ours."""
        settings = self._settings
        base = normal_dn(settings.group_base)
        for dn in names:
            key = normal_dn(dn)
            if key in found or len(found) > _MOST_GROUPS or not (key == base or key.endswith("," + base)):
                continue
            entry = self._directory.read(dn, wanted_of_group(settings), settings.group_filter)
            if entry is not None:
                found[key] = entry

    def _holding(self, members: Iterable[str], *, is_chain: bool = False) -> Iterator[Entry]:
        settings, escape = self._settings, library().filter.escape_filter_chars
        rule = _CHAIN if is_chain else ""
        for part in _batches(members):
            asked = "".join(f"({settings.member_attribute}{rule}={escape(each)})" for each in part)
            filters = f"(&{settings.group_filter}(|{asked}))"
            yield from self._directory.search(
                settings.group_base, filters, wanted_of_group(settings), most=_MOST_GROUPS
            )

    def _group(self, entry: Entry) -> Group:
        return Group(entry.dn, entry.first(self._settings.group_name_attribute) or leaf_of(entry.dn))


class Graph:
    """All groups of a directory at once, for many people."""

    def __init__(self, settings: LdapSettings, groups: Iterable[Group]) -> None:
        self._settings = settings
        self.groups = {normal_dn(group.dn): group for group in groups}
        self._by_sid = {group.sid: key for key, group in self.groups.items() if group.sid}
        self._holders: dict[str, set[str]] = {}
        for key, group in self.groups.items():
            for member in group.members:
                self._holders.setdefault(member, set()).add(key)
            for parent in group.parents & self.groups.keys():
                self._holders.setdefault(key, set()).add(parent)

    def of(self, person: Entry) -> list[Group]:
        """The same as `Groups.of` says, without asking."""
        told = person.texts(MEMBER_OF)
        if not self._settings.group_base:
            return [Group(dn, leaf_of(dn)) for dn in told[:_MOST_GROUPS]]
        found = self._holders.get(_member(self._settings, person), set()) | {
            key for key in map(normal_dn, told) if key in self.groups
        }
        primary = self._by_sid.get(primary_group(person))
        found |= {primary} if primary else set()
        if self._settings.nesting != "NONE":
            found = self._closed(found)
        return [self.groups[key] for key in sorted(found)]

    def _closed(self, found: set[str]) -> set[str]:
        seen, frontier = set(found), set(found)
        for _ in range(_DEEPEST):
            frontier = {above for key in frontier for above in self._holders.get(key, ())} - seen
            if not frontier:
                break
            seen |= frontier
        return seen


def read_groups(directory: Directory, settings: LdapSettings) -> Iterator[Group]:
    """All that there are, with their members."""
    if not settings.group_base:
        return
    attributes = [*wanted_of_group(settings), settings.member_attribute, SID]
    for entry in directory.search(settings.group_base, settings.group_filter, attributes):
        members = directory.all_texts(entry, settings.member_attribute)
        is_dn = names_entries(settings)
        yield Group(
            entry.dn,
            entry.first(settings.group_name_attribute) or leaf_of(entry.dn),
            frozenset(map(normal_dn, members) if is_dn else members),
            {normal_dn(dn) for dn in entry.texts(MEMBER_OF)},
            entry.first(SID),
        )


def leaf_of(dn: str) -> str:
    """What an entry is called by the first part of its name."""
    ldap = library()
    try:
        parts = ldap.dn.str2dn(dn)
    except ldap.LDAPError:
        return dn[:255]
    return parts[0][0][1][:255] if parts else ""


def _value(settings: LdapSettings, person: Entry) -> str:
    """How a group names this person."""
    return person.dn if names_entries(settings) else person.first("uid")


def _member(settings: LdapSettings, person: Entry) -> str:
    return person.key if names_entries(settings) else person.first("uid")


def _batches(values: Iterable[str]) -> Iterator[list[str]]:
    held = [value for value in values if value]
    for start in range(0, len(held), _BATCH):
        yield held[start : start + _BATCH]
