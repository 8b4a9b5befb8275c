"""Rights as code: a document is compared with what is there, shown as steps, and carried out as a whole."""

from __future__ import annotations

from typing import Any

from audit.recording.commands import command
from control_plane.kernel.actor import Context
from control_plane.kernel.permissions import AUTHENTICATED
from iam.as_code.document import parse
from iam.as_code.planning import Planner, carry_out
from iam.as_code.state import read_state
from iam.authorization import versions


@command(AUTHENTICATED)
def apply_document(ctx: Context, *, text: str, is_pruning: bool = False) -> list[dict[str, Any]]:
    """Make the rights of the tenant what the document says; the steps that were done, none where nothing was to do.

    Each step asks for the right that the same change asks for elsewhere, and gives nothing that the caller lacks.
    """
    document = parse(text)
    steps = Planner(ctx, read_state(), document, is_pruning).plan()
    shown = [step.shape for step in steps]
    if steps:
        versions.move_tenant(ctx.tenant_id or "")
        carry_out(ctx, steps)
    return shown
