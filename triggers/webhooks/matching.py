"""Which webhook a request is for: the one of the flow whose key it bears."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from control_plane.kernel.words.errors import ControlPlaneError, NotFound
from executions.record.flow_source import RunningFlow, running_revision
from flows.expressions import ServiceError
from plugins.conditions.facts import Facts
from plugins.triggers.webhook import Webhook
from stores.secrets.reading import revealed
from triggers.firing.facts import facts_of
from triggers.models import Trigger

NOBODYS = "a key that is nobody's"
NOT_FOUND = "no webhook has this address"


@dataclass(frozen=True, slots=True)
class Addressed:
    """The webhook that was asked for, with the flow it starts."""

    row: Trigger
    webhook: Webhook
    running: RunningFlow
    facts: Facts


class KeySecrets:
    """What the key of a webhook may be made of: secrets that the flow sees, and nothing else."""

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace

    def secret(self, key: str, namespace: str | None = None, subkey: str | None = None) -> str:
        if namespace not in (None, self._namespace) or subkey is not None:
            raise ServiceError("the key of a webhook is made of secrets of its own namespace")
        try:
            return revealed(self._namespace, key)
        except ControlPlaneError as error:
            raise ServiceError(error.message) from None

    def may_read(self, uri: str) -> bool:
        return False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def refuse(*_: Any, **__: Any) -> Any:
            raise ServiceError("the key of a webhook is made of variables and secrets alone")

        return refuse


def addressed(namespace: str, flow_id: str, key: str, at: datetime) -> Addressed:
    """NotFound, the same for a flow that is not there and for a key that is wrong.

    Every key is compared to its end, and one is compared where there is none, so that time tells nothing of them.
    """
    found: Addressed | None = None
    rows = list(Trigger.objects.filter(namespace=namespace, flow_id=flow_id, kind="WEBHOOK").order_by("trigger_id"))
    for row in rows:
        each = _readable(row, at)
        if each is not None and _bears(each, key, at) and found is None:
            found = each
    if not rows:
        hmac.compare_digest(NOBODYS.encode(), key.encode())
    if found is None:
        raise NotFound(NOT_FOUND)
    return found


def _readable(row: Trigger, at: datetime) -> Addressed | None:
    """None for one that cannot be understood: it matches nothing, and keeps no other from being found."""
    try:
        running = running_revision(row.revision_id)
    except ControlPlaneError:
        return None
    webhook = running.compiled.flow.trigger(row.trigger_id)
    return Addressed(row, webhook, running, facts_of(running.compiled, at)) if isinstance(webhook, Webhook) else None


def _bears(each: Addressed, key: str, at: datetime) -> bool:
    services: Any = KeySecrets(each.row.namespace)
    return each.webhook.has_key(key, facts_of(each.running.compiled, at, services))
