"""Whom a directory means by a name and a password."""

from __future__ import annotations

from iam.directories.settings import ldap_settings
from iam.models import IdentityProvider
from iam.sso.ldap.directory import Directory
from iam.sso.ldap.entries import Entry
from iam.sso.ldap.groups import Groups
from iam.sso.ldap.people import Person, connection_to, find_person, person_of_entry, searching
from iam.sso.ldap.wire import Limits
from iam.sso.refusals import SignInRefused

SECONDS = 4.5
"""For all that is asked while somebody waits at the page of sign-in."""
SIZE = 16 * 1024 * 1024
_LONGEST_NAME, _LONGEST_PASSWORD = 255, 1024


def waiting_at_the_page() -> Limits:
    """For all directories together that are asked for one sign-in."""
    return Limits(SECONDS, SIZE)


def vouch(provider: IdentityProvider, name: str, password: str, limits: Limits) -> Person | None:
    """None where the directory knows nobody of this name. SignInRefused with the reason where this is not their
    password, ProviderUnreachable where it cannot be asked."""
    if not _could_be(name, password):
        return None
    with searching(provider, limits) as directory:
        entry = find_person(directory, provider, name)
        if entry is None:
            return None
        prove(provider, entry, password, limits)
        return described(directory, provider, entry)


def prove(provider: IdentityProvider, entry: Entry, password: str, limits: Limits) -> None:
    """On a connection of its own: what the person may read is no matter of ours."""
    with connection_to(provider, limits) as proving:
        reason = proving.refusal(entry.dn, password)
    if reason:
        raise SignInRefused(f"the directory refuses the password: {reason}")


def described(directory: Directory, provider: IdentityProvider, entry: Entry) -> Person:
    groups = Groups(directory, ldap_settings(provider)).of(entry)
    return person_of_entry(provider, entry, groups)


def _could_be(name: str, password: str) -> bool:
    """An empty password would prove nothing, and yet be accepted by many directories."""
    is_short = len(name) <= _LONGEST_NAME and len(password) <= _LONGEST_PASSWORD
    return bool(name.strip()) and bool(password) and is_short and "\x00" not in name + password
