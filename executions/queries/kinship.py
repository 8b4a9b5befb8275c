"""Whose files an execution may read: its own, those of what stands above it, what it repeats, and what it started."""

from __future__ import annotations

from django.db import connection

from control_plane.kernel.scope import current_tenant
from executions.record.sql import OF_THIS_TENANT
from stores.storage.keys import execution_prefix, is_below

DEEPEST = 200
"""How many steps up are followed."""

# A replay names what it was made of as its parent and the first of all as its original; a retried execution has the
# parent that its original had. So what somebody repeats is found by going from parent to parent within one family.
_ARE_KIN = f"""
WITH RECURSIVE up AS (
    SELECT id, parent_id, original_id, 0 AS height FROM execution WHERE id = %(reader)s AND {OF_THIS_TENANT}
    UNION
    SELECT above.id, above.parent_id, above.original_id, up.height + 1
    FROM up JOIN execution AS above ON above.id IN (up.parent_id, up.original_id)
    WHERE up.height < %(deepest)s AND above.{OF_THIS_TENANT}
), line AS (
    SELECT id, namespace, flow_id, parent_id, 0 AS height FROM execution WHERE id = %(owner)s AND {OF_THIS_TENANT}
    UNION
    SELECT above.id, above.namespace, above.flow_id, above.parent_id, line.height + 1
    FROM line JOIN execution AS above ON above.id = line.parent_id
    WHERE line.height < %(deepest)s AND above.{OF_THIS_TENANT}
), repeated AS (
    SELECT up.id FROM up JOIN up AS reader ON reader.height = 0
    WHERE COALESCE(up.original_id, up.id) = COALESCE(reader.original_id, reader.id)
)
SELECT namespace, flow_id FROM line AS owner
WHERE height = 0 AND (
    id IN (SELECT id FROM up) OR EXISTS (SELECT FROM line WHERE line.id IN (SELECT id FROM repeated))
)"""


def may_read(execution_id: str, key: str) -> bool:
    """Whether the key is that of a file of an execution that this one may read from."""
    parts = key.split("/")
    return any(
        part == "executions" and _is_kin(execution_id, parts[place + 1], key) for place, part in enumerate(parts[:-2])
    )


def _is_kin(reader: str, owner: str, key: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_ARE_KIN, {"reader": reader, "owner": owner, "deepest": DEEPEST})
        row = cursor.fetchone()
    return row is not None and is_below(key, execution_prefix(current_tenant(), row[0], row[1], owner))
