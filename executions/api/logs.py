"""Log lines over HTTP: search, list, download, delete. Following them is in `executions.live.streams`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import StreamingHttpResponse
from rest_framework.request import Request

from control_plane.kernel.api.pages import listed, order_of, page_of
from control_plane.kernel.api.query import flag, number, text
from control_plane.kernel.api.views import Answer, TenantView
from control_plane.kernel.authorization import require
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.clock import iso
from executions import shapes
from executions.api.log_filters import SORTS, LinesOfExecutionFilters, LogFilters, execution_in, levels_from
from executions.models import LogEntry
from executions.permissions import EXECUTION
from executions.queries.execution import namespace_of, no_execution
from executions.queries.logs import lines_of, standing, streamed_lines, visible_lines
from executions.services.logs import delete_lines


class LogView(TenantView):
    """`/logs/search` and `/logs/{executionId}/...`."""

    access = {
        "search": EXECUTION.ACCESS_LOGS,
        "list": EXECUTION.ACCESS_LOGS,
        "download": EXECUTION.ACCESS_LOGS,
        "delete": delete_lines,
    }

    def search(self, request: Request) -> dict[str, Any]:
        found = visible_lines(self.ctx).filter(LogFilters.matching(self.query))
        if flag(self.query, "folded"):
            found = found.filter(standing(execution_in(self.query)))
        order = order_of(self.query, SORTS, ("-at",))
        return {**listed(found.order_by(*order), page_of(self.query), log_json), "type": "OFFSET"}

    def list(self, request: Request, execution_id: str) -> Any:
        return [log_json(line) for line in self._lines(execution_id)]

    def download(self, request: Request, execution_id: str) -> StreamingHttpResponse:
        lines = self._lines(execution_id)
        headers = {"Content-Disposition": f'attachment; filename="{execution_id}.log"'}
        stream = _as_text(streamed_lines(current_tenant(), lines))
        return StreamingHttpResponse(stream, content_type="text/plain; charset=utf-8", headers=headers)

    def delete(self, request: Request, execution_id: str) -> Answer:
        least = text(self.query, "minLevel")
        delete_lines(
            self.ctx,
            execution_id=execution_id,
            levels=levels_from(least) if least else None,
            task_id=text(self.query, "taskId"),
            task_run_id=text(self.query, "taskRunId"),
            attempt=number(self.query, "attempt", 0, at_least=0) + 1 if "attempt" in self.query else None,
        )
        return Answer(status=200)

    def _lines(self, execution_id: str) -> Any:
        require(self.ctx, EXECUTION.ACCESS_LOGS, namespace_of(execution_id), absent=no_execution(execution_id))
        return lines_of(execution_id).filter(LinesOfExecutionFilters.matching(self.query))


def log_json(line: LogEntry) -> dict[str, Any]:
    """A line with whose it is."""
    shown = shapes.line(
        seq=line.seq,
        at=line.at,
        level=line.level,
        message=line.message,
        task_id=line.task_id,
        task_run_id=line.task_run_id,
        attempt=line.attempt,
    )
    return {"namespace": line.namespace, "flowId": line.flow_id, "executionId": line.execution_id, **shown}


def _as_text(lines: Iterator[LogEntry]) -> Iterator[bytes]:
    for line in lines:
        yield f"{iso(line.at)} {line.level} {line.task_id or '-'} {line.message}\n".encode()
