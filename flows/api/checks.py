"""What an editor asks about flows that are not saved yet."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.query import required, text
from control_plane.kernel.api.views import TenantView
from control_plane.kernel.authorization import require
from control_plane.kernel.words.errors import BadParameter
from flows.access import defaults_for, told_of
from flows.api.bodies import source_in
from flows.editing.available import available
from flows.editing.validation import validate_flows, validate_part
from flows.model.parse import parse_flow
from flows.model.upgrading.found import Note
from flows.model.upgrading.upgrade import upgrade
from flows.permissions import FLOW
from flows.topology.graph import flow_graph

_SECTIONS = ("TASKS", "TRIGGERS")


class FlowCheckView(TenantView):
    """Validation and topology of a text."""

    access = {
        "validate": FLOW.VALIDATE,
        "validate_task": FLOW.VALIDATE,
        "validate_trigger": FLOW.VALIDATE,
        "graph": FLOW.VALIDATE,
        "upgrade": FLOW.VALIDATE,
        "expressions": FLOW.VALIDATE,
    }

    def validate(self, request: Request) -> list[dict[str, Any]]:
        return validate_flows(source_in(request), defaults_for(self.ctx), told_of(self.ctx))

    def validate_task(self, request: Request) -> dict[str, Any]:
        section = required(self.query, "section")
        if section not in _SECTIONS:
            raise BadParameter(f"`section` must be one of {', '.join(_SECTIONS)}")
        return validate_part(section, source_in(request))

    def validate_trigger(self, request: Request) -> dict[str, Any]:
        return validate_part("TRIGGERS", source_in(request))

    def graph(self, request: Request) -> dict[str, Any]:
        parsed = parse_flow(source_in(request), defaults=defaults_for(self.ctx))
        return flow_graph(parsed.flow.to_api()).as_json()

    def expressions(self, request: Request) -> dict[str, Any]:
        """What may be used in the flow, or in one task of it."""
        flow = parse_flow(source_in(request), defaults=defaults_for(self.ctx)).flow
        require(self.ctx, FLOW.VALIDATE, flow.namespace)
        return {"categories": available(self.ctx, flow, text(self.query, "taskId"))}

    def upgrade(self, request: Request) -> dict[str, Any]:
        """The text in the forms of the present generation, and what was done; nothing is saved."""
        found = upgrade(source_in(request), defaults=defaults_for(self.ctx))
        told = {"changes": found.changes, "cautions": found.cautions, "left": found.left}
        return {"source": found.source, **{name: [_note(note) for note in notes] for name, notes in told.items()}}


def _note(note: Note) -> dict[str, Any]:
    return {"message": note.message, "line": note.line}
