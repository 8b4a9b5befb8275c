"""Everybody and every group of a directory, read at once."""

from __future__ import annotations

from dataclasses import dataclass, field

from iam.directories.settings import ldap_settings
from iam.models import IdentityProvider
from iam.sso.ldap.groups import Graph, Group, read_groups
from iam.sso.ldap.people import Person, person_of_entry, searching, wanted_of_person
from iam.sso.ldap.wire import Limits
from iam.sso.refusals import SignInRefused

SECONDS = 600.0
SIZE = 512 * 1024 * 1024


@dataclass
class Everybody:
    people: list[Person] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    nameless: list[str] = field(default_factory=list)
    """Why entries are left out."""


def read_everybody(provider: IdentityProvider) -> Everybody:
    """All of it, or ProviderUnreachable: with a part it would look as if the others had left."""
    settings, found = ldap_settings(provider), Everybody()
    with searching(provider, Limits(SECONDS, SIZE)) as directory:
        graph = Graph(settings, read_groups(directory, settings))
        for entry in directory.search(settings.user_base, settings.user_filter, wanted_of_person(provider)):
            try:
                found.people.append(person_of_entry(provider, entry, graph.of(entry)))
            except SignInRefused as error:
                found.nameless.append(error.message)
    found.groups = list(graph.groups.values())
    return found
