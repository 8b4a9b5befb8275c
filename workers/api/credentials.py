"""Workers that have joined, as a superadmin sees them and sends them away."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.views import InstanceView
from control_plane.kernel.permissions import SUPERADMIN
from workers.queries import joined_worker, joined_workers
from workers.services.joined import drain_worker, revoke_worker
from workers.shapes import credential_shape


class WorkerCredentialsView(InstanceView):
    access = {"list": SUPERADMIN, "show": SUPERADMIN, "revoke": revoke_worker, "drain": drain_worker}

    def list(self, request: Request) -> dict[str, Any]:
        """Those that have not left, the newest first."""
        return {"workers": [credential_shape(worker) for worker in joined_workers()]}

    def show(self, request: Request, worker_id: str) -> dict[str, Any]:
        return credential_shape(joined_worker(worker_id))

    def revoke(self, request: Request, worker_id: str) -> dict[str, Any]:
        return credential_shape(revoke_worker(self.ctx, worker_id=worker_id))

    def drain(self, request: Request, worker_id: str) -> dict[str, Any]:
        return credential_shape(drain_worker(self.ctx, worker_id=worker_id))
