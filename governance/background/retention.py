"""What the command line of the machine does about retention, as the system."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from control_plane.kernel.actor import SYSTEM, Context
from control_plane.kernel.scope import tenant_scope
from governance.models import RetentionRun
from governance.retention.previewing import preview
from governance.retention.runner import Runner
from governance.retention.services import run_retention, save_retention
from governance.retention.shapes import report_shape, run_shape

Json = dict[str, Any]
PAUSE = 1.0


def dry_run(tenant: str, namespace: str) -> Json:
    with tenant_scope(tenant):
        return report_shape(preview(namespace))


def save_from_machine(tenant: str, namespace: str, rules: Json) -> None:
    save_retention(Context(SYSTEM, tenant), namespace=namespace, rules=rules)


def run_from_machine(tenant: str, namespace: str, tell: Callable[[Json], None]) -> Json:
    """Begin a run and carry it out here, or see another process do it, until it has ended."""
    run_id = run_retention(Context(SYSTEM, tenant), namespace=namespace).id
    runner = Runner()
    while True:
        is_working = runner.carry_on()
        with tenant_scope(tenant):
            run = RetentionRun.objects.get(pk=run_id)
        if run.ended_at is not None:
            return run_shape(run)
        tell(run_shape(run))
        if not is_working:
            time.sleep(PAUSE)
