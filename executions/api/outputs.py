"""What task runs brought, over HTTP."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.api.views import TenantView
from control_plane.kernel.authorization import require
from executions.models import TaskRun
from executions.permissions import EXECUTION
from executions.queries.execution import namespace_of, no_execution
from executions.queries.outputs import flow_outputs, outputs_of, runs_with_outputs


class OutputView(TenantView):
    """`/outputs/...`: of an execution, of its task runs, of one of them."""

    access = dict.fromkeys(("of_execution", "list", "read"), EXECUTION.ACCESS_OUTPUTS)

    def of_execution(self, request: Request, execution_id: str) -> dict[str, Any]:
        self._check(execution_id)
        return flow_outputs(execution_id)

    def list(self, request: Request, execution_id: str) -> Any:
        self._check(execution_id)
        return [_shown(run) for run in runs_with_outputs(execution_id)]

    def read(self, request: Request, execution_id: str, task_run_id: str) -> dict[str, Any]:
        self._check(execution_id)
        return outputs_of(execution_id, task_run_id)

    def _check(self, execution_id: str) -> None:
        require(self.ctx, EXECUTION.ACCESS_OUTPUTS, namespace_of(execution_id), absent=no_execution(execution_id))


def _shown(run: TaskRun) -> dict[str, Any]:
    return without_nulls(taskId=run.task_id, taskRunId=run.id, value=run.value, iteration=run.iteration, inline=True)
