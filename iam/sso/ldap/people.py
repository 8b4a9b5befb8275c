"""From an entry of a directory to somebody: who they are, and what rules can see of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from control_plane.kernel.config import config
from control_plane.kernel.egress import policy_of
from iam.authentication.sign_in import normal
from iam.directories.ldap import LdapSettings, is_attribute
from iam.directories.providers import rules_of, secret_of
from iam.directories.settings import ldap_settings
from iam.models import IdentityProvider
from iam.record.identities import Told
from iam.sso.ldap.directory import Directory
from iam.sso.ldap.entries import Entry
from iam.sso.ldap.groups import MEMBER_OF, Group, names_entries
from iam.sso.ldap.library import library
from iam.sso.ldap.primary_groups import PRIMARY_GROUP, SID
from iam.sso.ldap.wire import Limits
from iam.sso.outbound import is_private_allowed
from iam.sso.refusals import SignInRefused

GROUPS, GROUP_NAMES, NAME = "groups", "groupDns", "dn"
_COMPUTED = frozenset({GROUPS, GROUP_NAMES, NAME})
_MOST_VALUES = 2_000
_LONGEST_SUBJECT = 255


@dataclass(frozen=True)
class Person:
    """`claims` are the attributes that were asked for, with `dn`, `groups` and `groupDns` beside them."""

    told: Told
    claims: dict[str, Any]


def connection_to(provider: IdentityProvider, limits: Limits) -> Directory:
    """A connection on which nobody has signed in yet."""
    policy = policy_of(config(), allow_private=is_private_allowed(provider))
    return Directory(ldap_settings(provider), policy, limits)


@contextmanager
def searching(provider: IdentityProvider, limits: Limits) -> Iterator[Directory]:
    """A connection by which the directory can be searched."""
    with connection_to(provider, limits) as directory:
        directory.bind(ldap_settings(provider).bind_dn, secret_of(provider))
        yield directory


def wanted_of_person(provider: IdentityProvider) -> list[str]:
    """The attributes that are asked for: what we keep, what rules look at, and nothing else."""
    settings = ldap_settings(provider)
    names = [
        *(settings.id_attribute, settings.email_attribute, MEMBER_OF),
        *(settings.first_name_attribute, settings.last_name_attribute, *settings.login_attributes),
        *((SID, PRIMARY_GROUP) if names_entries(settings) else ("uid",)),
        *(rule.claim for rule in rules_of(provider) if rule.claim not in _COMPUTED and is_attribute(rule.claim)),
    ]
    return list({name.lower(): name for name in names}.values())


def find_person(directory: Directory, provider: IdentityProvider, name: str) -> Entry | None:
    """Whoever is called so. SignInRefused where several are.

    Directories compare more loosely than we count wrong passwords: only who is called exactly so, but for the case of
    letters, is meant.
    """
    settings, escaped = ldap_settings(provider), library().filter.escape_filter_chars(name.strip())
    called = "".join(f"({attribute}={escaped})" for attribute in settings.login_attributes)
    filters = f"(&{settings.user_filter}(|{called}))"
    found = list(islice(directory.search(settings.user_base, filters, wanted_of_person(provider), page=3), 3))
    meant = [entry for entry in found if _is_called(entry, settings, name)]
    if len(meant) > 1:
        raise SignInRefused("several entries of the directory have this name")
    return meant[0] if meant else None


def _is_called(entry: Entry, settings: LdapSettings, name: str) -> bool:
    return any(normal(text) == normal(name) for each in settings.login_attributes for text in entry.texts(each))


def person_of_entry(provider: IdentityProvider, entry: Entry, groups: Iterable[Group]) -> Person:
    """SignInRefused for an entry that nothing lasting is known of."""
    settings = ldap_settings(provider)
    subject = entry.first(settings.id_attribute)
    if not subject or len(subject) > _LONGEST_SUBJECT:
        raise SignInRefused(f"{entry.dn[:200]}: the directory tells no {settings.id_attribute}")
    email = entry.first(settings.email_attribute)
    is_address = "@" in email
    told = Told(
        issuer=issuer_of(settings),
        subject=subject,
        email=email if is_address else "",
        is_verified=is_address,
        first_name=entry.first(settings.first_name_attribute).strip()[:255],
        last_name=entry.first(settings.last_name_attribute).strip()[:255],
    )
    return Person(told, _claims(provider, entry, list(groups)))


def issuer_of(settings: LdapSettings) -> str:
    """Another attribute for the id means other people; another address of the directory does not."""
    return f"ldap:{settings.id_attribute.lower()}"


def _claims(provider: IdentityProvider, entry: Entry, groups: list[Group]) -> dict[str, Any]:
    claims: dict[str, Any] = {name: entry.texts(name)[:_MOST_VALUES] for name in entry.names()}
    for rule in rules_of(provider):
        # Names of attributes have no case; those of claims do.
        if rule.claim not in claims and entry.texts(rule.claim):
            claims[rule.claim] = entry.texts(rule.claim)[:_MOST_VALUES]
    names = sorted({group.name for group in groups})
    return {**claims, NAME: entry.dn, GROUPS: names, GROUP_NAMES: sorted(group.dn for group in groups)}
