"""Who names the secrets of a namespace."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.api.views import TenantView
from control_plane.kernel.authorization import authorizer, require
from control_plane.kernel.words.clock import iso
from flows.editing.secret_usage import Usage, usage_of
from flows.permissions import FLOW
from stores.permissions import SECRET


class SecretUsageView(TenantView):
    """`/namespaces/{namespace}/secrets-usage`. Flows that the asker may not see are counted and not named."""

    access = {"read": SECRET.LIST}

    def read(self, request: Request, namespace: str) -> list[dict[str, Any]]:
        require(self.ctx, SECRET.LIST, namespace)
        return [self._shown(each) for each in usage_of(namespace)]

    def _shown(self, usage: Usage) -> dict[str, Any]:
        visible = [(name, flow) for name, flow in usage.flows if authorizer().may(self.ctx, FLOW.LIST, name)]
        read = usage.last_read
        told = {"date": iso(read.at), "executionId": read.execution_id, "flow": read.reader} if read else None
        return without_nulls(
            key=usage.key,
            namespace=usage.namespace,
            state=usage.state,
            flows=[{"namespace": name, "id": flow} for name, flow in visible],
            otherFlows=len(usage.flows) - len(visible),
            settings=usage.settings,
            lastRead=told,
        )
