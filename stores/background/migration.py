"""Secrets are carried from one place to another, as the operator's command orders it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from audit.recording.trail import Action, append
from control_plane.kernel.actor import SYSTEM, Change, Context
from control_plane.kernel.config import config
from control_plane.kernel.egress import policy_of
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import ControlPlaneError
from plugins.secrets.catalog import BUILT_IN, backend_class, settings_of
from plugins.secrets.port import BackendFailed, Described, Level, Place, SecretsBackend
from stores.secrets.built_in import BuiltInBackend
from tenants.queries import namespace_names

CARRIED, SAME, KEPT, FAILED = "carried", "the same already", "kept: another value is there", "failed"


@dataclass(frozen=True, slots=True)
class End:
    """One of the two places, as the operator names it; without a configuration only our own database has a meaning."""

    kind: str
    configuration: Mapping[str, Any]

    def opened(self) -> SecretsBackend:
        """Raises Invalid for what is no place, or configured wrong."""
        backend = backend_class(self.kind, Level.INSTANCE)
        if backend is None:
            return BuiltInBackend()
        settings = settings_of(self.kind, self.configuration, Level.INSTANCE)
        return backend(settings, Level.INSTANCE, policy_of(config(), allow_private=True))


@dataclass(frozen=True, slots=True)
class Order:
    """What is carried, and how. With `is_trial` nothing is changed and the same is told."""

    tenant: str
    source: End
    target: End
    namespaces: tuple[str, ...] = ()
    """All of the tenant when empty."""
    is_trial: bool = False
    overwrites: bool = False
    """Whether another value that is there already gives way."""


@dataclass(frozen=True, slots=True)
class Outcome:
    namespace: str
    key: str
    what: str
    reason: str = ""


def migrate(order: Order) -> list[Outcome]:
    """Every secret of the namespaces, one after the other; what fails keeps none of the others. The source keeps all.

    A value is read again where it was set before it counts as carried.
    """
    source, target = order.source.opened(), order.target.opened()
    try:
        with tenant_scope(order.tenant):
            names = list(order.namespaces) or namespace_names()
        return [outcome for name in names for outcome in _namespace(order, source, target, name)]
    finally:
        source.close()
        target.close()


def _namespace(order: Order, source: SecretsBackend, target: SecretsBackend, namespace: str) -> Iterable[Outcome]:
    place = Place(order.tenant, namespace)
    try:
        with tenant_scope(order.tenant):
            entries = source.entries(place)
    except ControlPlaneError as error:
        yield Outcome(namespace, "", FAILED, error.message)
        return
    for described in sorted(entries, key=lambda each: each.key):
        try:
            with tenant_scope(order.tenant):
                yield Outcome(namespace, described.key, _one(order, source, target, place, described))
        except ControlPlaneError as error:
            yield Outcome(namespace, described.key, FAILED, error.message)


def _one(order: Order, source: SecretsBackend, target: SecretsBackend, place: Place, described: Described) -> str:
    value = source.read(place, described.key)
    there = target.read(place, described.key) if target.find(place, described.key) is not None else None
    if there == value:
        return SAME
    if there is not None and not order.overwrites:
        return KEPT
    if order.is_trial:
        return CARRIED
    target.write(place, described, value)
    if target.read(place, described.key) != value:
        raise BackendFailed("what was written is not what is read")
    _record(order, place, described.key)
    return CARRIED


def _record(order: Order, place: Place, key: str) -> None:
    ctx = Context(SYSTEM, tenant_id=order.tenant)
    ends = {"from": order.source.kind or BUILT_IN, "to": order.target.kind or BUILT_IN}
    change = Change("SECRET", key.upper(), place.namespace, None, None, {"key": key.upper(), "carried": ends})
    append(ctx, [change], action=Action.UPDATE, by="stores.background.migration")
