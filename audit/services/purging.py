"""Purge old entries: each is replaced by a signed tombstone, and the purge is itself an entry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from audit.models import AuditEntry
from audit.permissions import AUDITLOG
from audit.proof.keys import newest_key
from audit.proof.tombstones import bury
from audit.recording.commands import command
from audit.recording.trail import Action
from control_plane.kernel.actor import Context
from control_plane.kernel.config import config
from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.places import within
from control_plane.kernel.scope import current_owner
from control_plane.kernel.words.clock import iso, iso_or_none, now
from control_plane.kernel.words.errors import Conflict

MOST_AT_ONCE = 5_000
_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('audit purge ' || %s, 0))"


class NoKey(Conflict):
    """Nothing can be purged before there is a key to sign tombstones with: the scheduler makes one."""

    code = "no_audit_key"


@command(AUDITLOG.DELETE, instance=None, action=Action.DELETE)
def purge_entries(
    ctx: Context,
    *,
    end: datetime,
    start: datetime | None = None,
    namespace: str | None = None,
    flow_id: str | None = None,
    resources: Sequence[str] = (),
    actions: Sequence[str] = (),
    limit: int = MOST_AT_ONCE,
) -> int:
    """Purge at most `limit` entries up to a date; return how many. Fewer than that means that none are left.

    A namespace means what is below it too. Entries younger than `audit.keep_at_least` stay whatever is asked.
    """
    key = newest_key()
    if key is None:
        raise NoKey()
    pipeline = Pipeline()
    pipeline.add(_ALONE, [current_owner()])
    pipeline.run()
    until = min(end, now() - config().audit.keep_at_least)
    chosen = AuditEntry.objects.filter(_reached(namespace, flow_id), at__lte=until)
    chosen = chosen.filter(at__gte=start) if start is not None else chosen
    chosen = chosen.filter(resource__in=resources) if resources else chosen
    chosen = chosen.filter(action__in=actions) if actions else chosen
    most = max(1, min(limit, MOST_AT_ONCE))
    links = list(chosen.order_by("seq").values_list("seq", "previous", "hash")[:most])
    if links:
        tombstones = bury(ctx, key, links)
        asked: dict[str, Any] = {
            "purgedNamespace": namespace,
            "flowId": flow_id,
            "resources": list(resources) or None,
            "actions": list(actions) or None,
        }
        ctx.record(
            AUDITLOG.name,
            "",
            purged=len(links),
            tombstones=tombstones,
            startDate=iso_or_none(start),
            endDate=iso(until),
            **{name: value for name, value in asked.items() if value is not None},
        )
    return len(links)


def _reached(namespace: str | None, flow_id: str | None) -> Q:
    condition = Q()
    if namespace is not None:
        condition &= within("namespace", namespace)
    if flow_id is not None:
        condition &= Q(body__contains=f'"flowId":"{flow_id}"')
    return condition
