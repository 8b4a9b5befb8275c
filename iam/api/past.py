"""What somebody could do at a moment of the past."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from audit.permissions import AUDITLOG
from control_plane.kernel.api.query import required
from control_plane.kernel.api.schema import Parameter, shaped
from control_plane.kernel.api.views import TenantView
from control_plane.kernel.authorization import require
from control_plane.kernel.words.clock import parse_iso
from control_plane.kernel.words.errors import BadParameter
from iam.authorization.explaining import Kind
from iam.authorization.past import rights_at

KINDS: dict[str, Kind] = {"USER": "USER", "GROUP": "GROUP", "SERVICE_ACCOUNT": "SERVICE_ACCOUNT"}
ASKED = tuple(Parameter(name, str, is_required=True) for name in ("kind", "id", "at"))


class PastView(TenantView):
    """Of the whole tenant's trail: who sees a part of it does not see all rights either."""

    access = {"show": AUDITLOG.VIEW}

    @shaped(query=ASKED)
    def show(self, request: Request) -> dict[str, Any]:
        require(self.ctx, AUDITLOG.VIEW)
        kind = KINDS.get(required(self.query, "kind"))
        if kind is None:
            raise BadParameter(f"`kind` must be one of {', '.join(KINDS)}")
        try:
            moment = parse_iso(required(self.query, "at"))
        except ValueError:
            raise BadParameter("`at` must be a date") from None
        return rights_at(kind, required(self.query, "id"), moment)
