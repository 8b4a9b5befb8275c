"""Keeps who was refused what, so that an admin can be asked why."""

from __future__ import annotations

import time
from collections import OrderedDict
from datetime import timedelta
from threading import Lock

from audit.recording.requests import tell_refusal
from control_plane.kernel.actor import ANONYMOUS
from control_plane.kernel.api.dispatch import Refused
from control_plane.kernel.scope import instance_scope, tenant_scope
from control_plane.kernel.words.clock import now
from iam.authorization.versions import Versions
from iam.models import Refusal

KEPT = timedelta(days=30)
SAME_SECONDS = 60.0
MOST_A_MINUTE = 120
_REMEMBERED = 10_000

Key = tuple[str, str, str, str, str]
_lock = Lock()
_lately: OrderedDict[Key, tuple[float, str]] = OrderedDict()
_by_actor: OrderedDict[str, tuple[float, int, str]] = OrderedDict()


def remember(refused: Refused) -> str:
    """Write it down and return its reference. What is asked again within a minute is the same refusal, and whoever asks
    very often is told the reference of what was written down last: nobody fills the table."""
    actor = refused.ctx.actor if refused.ctx else ANONYMOUS
    owner = _owner(refused)
    asked = str(refused.error.details.get("asked", ""))
    key = (owner, actor.id, refused.method, refused.path, asked)
    known = _known(key, actor.id)
    if known is not None:
        return known
    with tenant_scope(owner) if owner else instance_scope():
        moment = now()
        Refusal.objects.filter(at__lt=moment - KEPT).delete()
        reference = Refusal.objects.create(
            at=moment,
            actor_kind=actor.kind.value,
            actor_id=actor.id,
            actor_name=actor.name,
            method=refused.method[:10],
            path=refused.path[:500].replace("\x00", ""),
            asked=asked[:80],
            namespace=refused.error.details.get("namespace"),
            message=refused.error.message[:500],
            request_id=refused.request_id,
        ).id
        if refused.ctx is not None and refused.ctx.entries == 0:
            tell_refusal(
                refused.ctx,
                asked=asked,
                namespace=refused.error.details.get("namespace"),
                method=refused.method,
                path=refused.path.replace("\x00", ""),
            )
    _keep(key, actor.id, reference)
    return reference


def _owner(refused: Refused) -> str:
    """The tenant where it happened, where there is one; else the instance."""
    rights = refused.ctx.rights if refused.ctx else None
    is_there = isinstance(rights, Versions) and rights.tenant is not None
    return refused.tenant_id or "" if is_there else ""


def _known(key: Key, actor_id: str) -> str | None:
    moment = time.monotonic()
    with _lock:
        held = _lately.get(key)
        if held is not None and held[0] > moment:
            return held[1]
        counted = _by_actor.get(actor_id)
        if counted is not None and counted[0] > moment and counted[1] >= MOST_A_MINUTE:
            return counted[2]
    return None


def _keep(key: Key, actor_id: str, reference: str) -> None:
    moment = time.monotonic()
    with _lock:
        _lately[key] = (moment + SAME_SECONDS, reference)
        until, count, _ = _by_actor.get(actor_id, (0.0, 0, ""))
        _by_actor[actor_id] = (until, count + 1, reference) if until > moment else (moment + 60.0, 1, reference)
        for kept in (_lately, _by_actor):
            while len(kept) > _REMEMBERED:
                kept.popitem(last=False)


def forget_lately() -> None:
    """Count anew: for tests, whose database is emptied between them."""
    with _lock:
        _lately.clear()
        _by_actor.clear()
