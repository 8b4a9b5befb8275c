"""A kill switch as the API shows it."""

from __future__ import annotations

from typing import Any

from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.words.clock import iso, iso_or_none
from governance.models import KillSwitch


def switch_shape(switch: KillSwitch) -> dict[str, Any]:
    return without_nulls(
        id=switch.id,
        name=switch.name,
        description=switch.description or None,
        evaluationType=switch.evaluation,
        tenantId=switch.for_tenant or None,
        namespace=switch.namespace or None,
        flowId=switch.flow_id or None,
        executionIds=switch.execution_ids or None,
        startDate=iso(switch.start_date),
        endDate=iso_or_none(switch.end_date),
        enabled=switch.is_enabled,
        deleted=switch.is_deleted,
    )
