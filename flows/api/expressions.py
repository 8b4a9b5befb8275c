"""Expressions rendered for an editor."""

from __future__ import annotations

from typing import Any

from pydantic import Field
from rest_framework.request import Request

from control_plane.kernel.admission.at_once import evaluating
from control_plane.kernel.api.bodies import Body
from control_plane.kernel.api.views import TenantView
from control_plane.kernel.authorization import require
from control_plane.kernel.scope import current_tenant
from flows.access import defaults_for
from flows.editing.previewing import flow_scope, rendered
from flows.model.flow import Flow
from flows.model.parse import parse_flow
from flows.permissions import FLOW
from flows.queries import get_flow, no_flow, parsed_revision


class Asked(Body):
    """Expressions, and the flow whose variables they may use: a stored one, or a source."""

    expressions: list[str] = Field(min_length=1, max_length=500)
    namespace: str | None = None
    flow_id: str | None = None
    flow: str | None = None


class ExpressionView(TenantView):
    """`/expressions/render`."""

    access = {"render": FLOW.VALIDATE}

    def render(self, request: Request) -> dict[str, Any]:
        asked = self.body(Asked)
        scope = flow_scope(self._flow(asked), current_tenant())
        with evaluating(self.ctx):
            return {"rendered": rendered(asked.expressions, scope)}

    def _flow(self, asked: Asked) -> Flow | None:
        if asked.flow:
            return parse_flow(asked.flow, defaults=defaults_for(self.ctx)).flow
        if asked.namespace and asked.flow_id:
            require(self.ctx, FLOW.VIEW, asked.namespace, absent=no_flow(asked.namespace, asked.flow_id))
            return parsed_revision(get_flow(asked.namespace, asked.flow_id).revision_id)
        return None
