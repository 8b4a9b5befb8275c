"""Where the secrets of a namespace are kept: what it says itself, else what stands above it, else the instance."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from control_plane.kernel.config import config
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.errors import Forbidden
from plugins.secrets.catalog import BUILT_IN, BUILT_IN_NAMES
from plugins.secrets.port import Level
from tenants.models import Namespace, Tenant
from tenants.namespaces.configured import CONFIGURATION, ISOLATION, READ_ONLY, TYPE, kept, opened
from tenants.namespaces.inheritance import lineage

JOBS, PEOPLE = "WORKER", "WEBSERVER"
"""Who may be denied to ask, in the words of the settings."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One place as it was chosen. `said_by` is the tenant or the namespace whose settings chose it."""

    type: str
    level: Level
    said_by: str
    tenant: str
    stored: Mapping[str, Any]
    """The settings with their secrets sealed; in the clear when they are the instance's."""
    is_read_only: bool
    denied: frozenset[str]

    @property
    def is_built_in(self) -> bool:
        return self.type in BUILT_IN_NAMES

    @property
    def name(self) -> str:
        return BUILT_IN if self.is_built_in else self.type

    @property
    def fingerprint(self) -> str:
        """The same for the same configuration of the same tenant, so that what is in use is found again."""
        text = json.dumps([self.tenant, self.said_by, self.type, self.level, dict(self.stored)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def configuration(self) -> dict[str, Any]:
        """In the clear. Raises CannotDecrypt."""
        if self.level is Level.INSTANCE:
            return dict(self.stored)
        namespace = self.said_by if self.level is Level.NAMESPACE else ""
        return opened({CONFIGURATION: self.stored}, self.tenant, namespace)

    def require(self, asking: str) -> None:
        """Raises Forbidden for those who are kept away from the place."""
        if asking in self.denied:
            whom = "people" if asking == PEOPLE else "jobs"
            raise Forbidden(f"The secrets of this namespace are not open to {whom}: its `{ISOLATION}` says so")


def choices(namespaces: Iterable[str]) -> dict[str, Choice]:
    """For each namespace, in the open tenant's scope."""
    wanted = list(namespaces)
    names = {name for each in wanted for name in lineage(each)}
    rows = Namespace.objects.filter(name__in=names, settings__has_key=TYPE).values_list("name", "settings")
    said = {name: settings for name, settings in rows if settings.get(TYPE)}
    above = _of_tenant() or _of_instance()
    return {each: _nearest(each, said) or above for each in wanted}


def choice(namespace: str) -> Choice:
    return choices([namespace])[namespace]


def proposed(namespace: str, kind: str, configuration: Mapping[str, Any], is_read_only: bool) -> Choice:
    """What a namespace is about to choose: secrets that are not sent again are those that it has. Raises Invalid."""
    before = Namespace.objects.filter(name=namespace).values_list("settings", flat=True).first() or {}
    settings = {TYPE: kind, CONFIGURATION: dict(configuration), READ_ONLY: is_read_only}
    return _chosen(kept(settings, before, current_tenant(), namespace), Level.NAMESPACE, namespace)


def _nearest(namespace: str, said: Mapping[str, Mapping[str, Any]]) -> Choice | None:
    for name in lineage(namespace):
        if name in said:
            return _chosen(said[name], Level.NAMESPACE, name)
    return None


def _of_tenant() -> Choice | None:
    tenant = current_tenant()
    settings = Tenant.objects.filter(id=tenant).values_list("settings", flat=True).first() or {}
    return _chosen(settings, Level.TENANT, tenant) if settings.get(TYPE) else None


def _of_instance() -> Choice:
    knobs = config().secrets
    return Choice(
        type=knobs.type,
        level=Level.INSTANCE,
        said_by="instance",
        tenant=current_tenant(),
        stored=knobs.configuration,
        is_read_only=knobs.read_only,
        denied=frozenset(knobs.denied_services),
    )


def _chosen(settings: Mapping[str, Any], level: Level, said_by: str) -> Choice:
    isolation = settings.get(ISOLATION) or {}
    return Choice(
        type=settings[TYPE],
        level=level,
        said_by=said_by,
        tenant=current_tenant(),
        stored=settings.get(CONFIGURATION) or {},
        is_read_only=bool(settings.get(READ_ONLY)),
        denied=frozenset(isolation.get("deniedServices") or ()) if isolation.get("enabled") else frozenset(),
    )
