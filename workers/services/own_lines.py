"""Who may name a group by its key follows from its queues: what is kept for some tenants runs nobody else's work."""

from __future__ import annotations

from collections.abc import Iterable

from workers.models import DEFAULT_GROUP, Subscription
from workers.queue.lines import Subscribed, allowed_at
from workers.queue.queue import let_strangers_go


def let_strangers_of_groups_go(groups: Iterable[str]) -> None:
    """What waits in a group's own line for a tenant that it no longer serves looks for another line."""
    for group in groups:
        allowed = allowed_at(subscribed_of(group))
        if allowed and group != DEFAULT_GROUP:
            let_strangers_go(group, allowed)


def subscribed_of(group: str) -> list[Subscribed]:
    edges = Subscription.objects.filter(group_id=group).select_related("queue").order_by("queue_id")
    return [
        Subscribed(edge.queue_id, edge.reserved_percent, edge.mode, tuple(edge.queue.allowed_tenants)) for edge in edges
    ]
