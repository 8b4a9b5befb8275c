"""Where a credential was used first: told once for each network it comes from."""

from __future__ import annotations

from django.db import connection

from audit.recording.trail import Action, append
from control_plane.kernel.actor import Change, Context
from control_plane.kernel.scope import current_owner
from control_plane.kernel.words.ids import new_id

# One statement, so that of many first uses at once one is told.
_NOTICE = """
INSERT INTO audit_place (id, tenant_id, credential, network) VALUES (%s, %s, %s, %s)
ON CONFLICT (tenant_id, credential, network) DO NOTHING
"""


def tell_first_use(ctx: Context, network: str) -> bool:
    """In the open scope's chain, unless this credential was seen in this network before; whether it was not."""
    actor = ctx.actor
    with connection.cursor() as cursor:
        cursor.execute(_NOTICE, [new_id(), current_owner(), actor.credential, network])
        is_new: bool = cursor.rowcount == 1
    if is_new:
        detail = {"newPlace": network, "userAgent": ctx.user_agent}
        change = Change("USER", actor.id, None, None, None, {name: told for name, told in detail.items() if told})
        append(ctx, [change], action=Action.LOGIN, by="audit.recording.places")
    return is_new
