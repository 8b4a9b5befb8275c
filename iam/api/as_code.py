"""The rights of a tenant as a document: read, compared and applied."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from control_plane.kernel.api.query import flag
from control_plane.kernel.api.schema import YAML, shaped
from control_plane.kernel.api.views import TenantView
from control_plane.kernel.authorization import require
from control_plane.kernel.words.errors import Invalid
from iam.as_code.document import parse, written
from iam.as_code.planning import Planner
from iam.as_code.state import read_state
from iam.permissions import BINDING, GROUP, ROLE, SERVICE_ACCOUNT
from iam.services.as_code import apply_document

PRUNE = (("prune", bool),)


class AccessAsCodeView(TenantView):
    access = {"export": BINDING.LIST, "plan": BINDING.LIST, "apply": apply_document}

    def export(self, request: Request) -> HttpResponse:
        self._require_lists()
        return HttpResponse(written(read_state().as_document()), content_type="application/x-yaml")

    @shaped(body=YAML, query=PRUNE)
    def plan(self, request: Request) -> dict[str, Any]:
        """What applying it would do. Whether the caller may do it is asked when it is done."""
        self._require_lists()
        steps = Planner(self.ctx, read_state(), parse(self._text()), flag(self.query, "prune")).plan()
        return {"steps": [step.shape for step in steps]}

    @shaped(body=YAML, query=PRUNE)
    def apply(self, request: Request) -> dict[str, Any]:
        return {"steps": apply_document(self.ctx, text=self._text(), is_pruning=flag(self.query, "prune"))}

    def _require_lists(self) -> None:
        for resource in (ROLE, GROUP, SERVICE_ACCOUNT):
            require(self.ctx, resource.LIST)

    def _text(self) -> str:
        if not isinstance(self.request.data, str):
            raise Invalid("a document in YAML is expected")
        return self.request.data
