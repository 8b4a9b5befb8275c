"""Trying a directory, step by step: each said in words, and after the first that fails no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from control_plane.kernel.words.errors import ControlPlaneError
from iam.directories.ldap import LdapSettings
from iam.directories.settings import ldap_settings
from iam.models import IdentityProvider
from iam.sso.admission import decide, preview
from iam.sso.ldap.directory import PAGE, Directory
from iam.sso.ldap.entries import Entry
from iam.sso.ldap.groups import wanted_of_group
from iam.sso.ldap.people import find_person, searching, wanted_of_person
from iam.sso.ldap.sign_in import described, prove
from iam.sso.ldap.wire import Limits
from iam.sso.refusals import SignInRefused

SECONDS = 10.0
SIZE = 32 * 1024 * 1024


@dataclass
class Check:
    provider: IdentityProvider
    steps: list[dict[str, Any]] = field(default_factory=list)
    shown: dict[str, Any] = field(default_factory=dict)

    def run(self, name: str = "", password: str = "") -> dict[str, Any]:
        """What is shown of it: its steps, and of the person that is named what a sign-in would do. Changes nothing."""
        try:
            for step, text in self._walked(name, password):
                self.steps.append({"name": step, "ok": True, "text": text})
        except ControlPlaneError as error:
            self.steps.append({"name": self._doing, "ok": False, "text": error.message})
            return {"outcome": "refused", "reason": error.message, **self.shown, "steps": self.steps}
        return {"outcome": "connected", **self.shown, "steps": self.steps}

    _doing = "Connection"

    def _walked(self, name: str, password: str) -> Iterator[tuple[str, str]]:
        settings, limits = ldap_settings(self.provider), Limits(SECONDS, SIZE)
        with searching(self.provider, limits) as directory:
            is_tls = settings.is_tls or settings.start_tls
            encrypted = "encrypted, by a certificate that is accepted" if is_tls else "not encrypted"
            yield "Connection", f"{settings.host} answers on port {settings.port}, {encrypted}"
            yield "Bind", f"signed in as {settings.bind_dn}" if settings.bind_dn else "searches as nobody"
            self._doing = "People"
            yield "People", self._people(directory, settings)
            self._doing = "Groups"
            yield "Groups", self._groups(directory, settings)
            if name:
                yield from self._person(directory, name, password, limits)

    def _people(self, directory: Directory, settings: LdapSettings) -> str:
        wanted = wanted_of_person(self.provider)
        found = list(directory.search(settings.user_base, settings.user_filter, wanted, most=PAGE))
        if not found:
            raise SignInRefused(f"nobody is found below {settings.user_base} by {settings.user_filter}")
        unnamed = [entry for entry in found if not entry.first(settings.id_attribute)]
        if unnamed:
            raise SignInRefused(f"{unnamed[0].dn} has no {settings.id_attribute}: nothing lasting is known of it")
        without = sum(not entry.first(settings.email_attribute) for entry in found)
        lacking = f", {without} of them without {settings.email_attribute}" if without else ""
        return f"{_counted(found)} found below {settings.user_base}{lacking}"

    def _groups(self, directory: Directory, settings: LdapSettings) -> str:
        if not settings.group_base:
            return "memberOf of a person alone says which groups they are in"
        found = list(directory.search(settings.group_base, settings.group_filter, wanted_of_group(settings), most=PAGE))
        if not found:
            raise SignInRefused(f"no group is found below {settings.group_base} by {settings.group_filter}")
        return f"{_counted(found)} found below {settings.group_base}"

    def _person(self, directory: Directory, name: str, password: str, limits: Limits) -> Iterator[tuple[str, str]]:
        self._doing = "Person"
        entry = find_person(directory, self.provider, name)
        if entry is None:
            raise SignInRefused(f"nobody is called {name[:200]}")
        yield "Person", entry.dn
        if password:
            self._doing = "Password"
            prove(self.provider, entry, password, limits)
            yield "Password", "is right"
        self._doing = "Groups of the person"
        yield self._doing, self._would_be(directory, entry)

    def _would_be(self, directory: Directory, entry: Entry) -> str:
        person = described(directory, self.provider, entry)
        decision = decide(self.provider, person.claims)
        self.shown = {**preview(self.provider, person.told, decision), "claims": person.claims}
        return ", ".join(person.claims["groups"]) or "none"


def _counted(found: list[Entry]) -> str:
    return f"{len(found)} or more" if len(found) >= PAGE else str(len(found))
