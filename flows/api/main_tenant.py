"""Whether the tenant that an older instance had alone holds flows."""

from __future__ import annotations

from dataclasses import replace

from rest_framework.request import Request

from control_plane.kernel.api.views import Answer, InstanceView
from control_plane.kernel.authorization import authorizer
from control_plane.kernel.permissions import AUTHENTICATED
from control_plane.kernel.scope import tenant_scope
from flows.access import visible_flows
from flows.permissions import FLOW

MAIN = "main"


class MainTenantView(InstanceView):
    access = {"has_flows": AUTHENTICATED}

    def has_flows(self, request: Request) -> Answer:
        """False to whoever may not see them, as if there were none."""
        there = replace(self.ctx, tenant_id=MAIN, rights=None)
        with tenant_scope(MAIN):
            may = authorizer().is_member(there) and authorizer().may_anywhere(there, FLOW.LIST)
            return Answer(may and visible_flows(there).exists())
