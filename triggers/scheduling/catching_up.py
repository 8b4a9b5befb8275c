"""Makes the rows of triggers whose flows were saved before there were any, once, when a scheduler starts."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.db import connection

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import across_tenants, tenant_scope
from control_plane.kernel.words.errors import ControlPlaneError
from executions.record.sql import OF_THIS_TENANT
from flows.hooks import FlowChanged
from flows.models import Flow
from flows.queries import parsed_revision
from flows.record.transitions import locked
from triggers.record.rows import follow_flow

logger = logging.getLogger(__name__)

_TENANTS = "SELECT id FROM tenant ORDER BY id"
_LACKING = f"""
SELECT namespace, flow_id FROM flow f WHERE NOT is_deleted AND NOT is_draft AND {OF_THIS_TENANT}
  AND jsonb_array_length(CASE WHEN jsonb_typeof(document -> 'triggers') = 'array'
      THEN document -> 'triggers' ELSE '[]'::jsonb END) > 0
  AND NOT EXISTS (SELECT FROM flow_trigger t
      WHERE t.tenant_id = f.tenant_id AND t.namespace = f.namespace AND t.flow_id = f.flow_id)
ORDER BY namespace, flow_id"""


@dataclass(slots=True)
class CatchUp:
    """Looks until it has looked at every tenant once without a failure."""

    is_done: bool = False

    def make_missing_rows(self) -> bool:
        """Never more to do right now."""
        if self.is_done:
            return False
        pipeline = Pipeline()
        with across_tenants("flows of all tenants whose triggers have no rows"):
            place = pipeline.add(_TENANTS)
            tenants = [tenant for (tenant,) in pipeline.run()[place]]
        for tenant in tenants:
            with tenant_scope(tenant), connection.cursor() as cursor:
                cursor.execute(_LACKING)
                names = list(cursor.fetchall())
            for namespace, flow_id in names:
                _follow(tenant, namespace, flow_id)
        self.is_done = True
        return False


def _follow(tenant: str, namespace: str, flow_id: str) -> None:
    """One that cannot be read any more keeps no other from getting its rows."""
    try:
        with tenant_scope(tenant):
            flow = locked(namespace, flow_id)
            if flow is not None and not flow.is_deleted:
                follow_flow(_change(flow))
    except ControlPlaneError as error:
        logger.warning("triggers of flow %s.%s cannot be read: %s", namespace, flow_id, error.message)


def _change(flow: Flow) -> FlowChanged:
    parsed = parsed_revision(flow.revision_id)
    return FlowChanged(flow.namespace, flow.flow_id, flow.revision_id, flow.revision, parsed)
