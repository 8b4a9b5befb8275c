"""Policies of retention, dry runs, and the runs that carry them out: of a tenant, or of a namespace that is named."""

from __future__ import annotations

from typing import Any

from pydantic import Field
from rest_framework.request import Request

from control_plane.kernel.api.bodies import Body
from control_plane.kernel.api.views import TenantView
from control_plane.kernel.authorization import authorizer, require
from governance.permissions import POLICY
from governance.retention.previewing import preview
from governance.retention.queries import find_policy, latest_runs, policies
from governance.retention.services import delete_retention, run_retention, save_retention, stop_retention
from governance.retention.shapes import effective_shape, policy_shape, report_shape, run_shape
from tenants.namespaces.names import check_namespace

Json = dict[str, Any]


class PlaceBody(Body):
    namespace: str = Field("", max_length=150)
    """Empty for the whole tenant."""


class RetentionBody(PlaceBody):
    rules: dict[str, Any]


class TrialBody(PlaceBody):
    rules: dict[str, Any] | None = None
    """Instead of what is saved there."""


class RetentionView(TenantView):
    access = {
        "show": POLICY.VIEW,
        "save": save_retention,
        "delete": delete_retention,
        "preview": POLICY.VIEW,
        "run": run_retention,
        "stop": stop_retention,
    }

    def show(self, request: Request) -> Json:
        """What is said here, what holds here, what would hold if nothing were said here, and the last runs."""
        namespace = self._seen(self._place())
        own, said = find_policy(namespace), policies()
        told: Json = {
            "namespace": namespace,
            "effective": effective_shape(said, namespace),
            "inherited": effective_shape({place: said[place] for place in said if place != namespace}, namespace),
            "runs": [run_shape(run) for run in latest_runs(namespace, sees_all=self._sees_all())],
        }
        return told if own is None else {**told, "rules": own.rules}

    def save(self, request: Request) -> Json:
        said = self.body(RetentionBody)
        return policy_shape(save_retention(self.ctx, namespace=said.namespace, rules=said.rules))

    def delete(self, request: Request) -> None:
        delete_retention(self.ctx, namespace=self._place())

    def preview(self, request: Request) -> Json:
        said = self.body(TrialBody)
        return report_shape(preview(self._seen(said.namespace), said.rules))

    def run(self, request: Request) -> Json:
        return run_shape(run_retention(self.ctx, namespace=self.body(PlaceBody).namespace))

    def stop(self, request: Request, run_id: str) -> Json:
        return run_shape(stop_retention(self.ctx, run_id=run_id))

    def _place(self) -> str:
        return self.query.get("namespace") or ""

    def _seen(self, namespace: str) -> str:
        """A namespace whose policies the asker may look at."""
        require(self.ctx, POLICY.VIEW, namespace or None)
        if namespace:
            check_namespace(namespace)
        return namespace

    def _sees_all(self) -> bool:
        """Runs of the whole tenant tell of all its namespaces."""
        return authorizer().namespaces(self.ctx, POLICY.VIEW) is None
