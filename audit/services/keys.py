"""Let another key sign the trail."""

from __future__ import annotations

from typing import Any

from audit.permissions import AUDITLOG
from audit.proof.keys import make_key
from audit.recording.commands import command
from control_plane.kernel.actor import Context
from control_plane.kernel.permissions import SUPERADMIN


@command(SUPERADMIN, instance=True)
def rotate_key(ctx: Context) -> dict[str, Any]:
    """Make a key that signs from now on, vouched for by the one before; what verifiers are shown of it."""
    document, before = make_key()
    ctx.record(AUDITLOG.name, document["public"], before=before, after=document, what="signing key")
    return document
