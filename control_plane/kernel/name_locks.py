"""Names that are held before anything bears them: a row that is not there yet cannot be locked."""

from __future__ import annotations

from django.db import connection

from control_plane.kernel.scope import current_tenant


def hold_name(kind: str, *parts: str) -> None:
    """Hold a name of the open tenant until the transaction ends; whoever asks for it meanwhile waits.

    Look for what bears it again afterwards: somebody may have made it just now.
    """
    name = "\x1f".join((kind, current_tenant(), *parts))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
