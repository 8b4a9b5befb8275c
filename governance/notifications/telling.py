"""Telling people something, from wherever it becomes known."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from control_plane.kernel.words.clock import now
from control_plane.kernel.words.ids import new_id

_TELL = """
INSERT INTO notification
    (id, user_id, about_tenant, title, reference, current, total, is_read, created_at, updated_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, false, %s, %s)
ON CONFLICT (user_id, reference) DO UPDATE SET title = excluded.title, current = excluded.current,
    total = excluded.total, is_read = false, updated_at = excluded.updated_at
WHERE (notification.title, notification.current) IS DISTINCT FROM (excluded.title, excluded.current)"""


def notify(
    user_ids: Iterable[str],
    title: str,
    *,
    reference: str | None = None,
    tenant: str | None = None,
    current: int | None = None,
    total: int | None = None,
) -> None:
    """Tell these people, in the open scope. One `reference` is one notification: it is renewed when it says another
    thing, and unread again."""
    at = now()
    rows = [(new_id(), user, tenant, title, reference, current, total, at, at) for user in user_ids]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_TELL, rows)
