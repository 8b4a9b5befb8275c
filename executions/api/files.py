"""Files of an execution over HTTP: download, size, preview."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from control_plane.kernel.api.query import number, required, text
from control_plane.kernel.api.views import TenantView
from control_plane.kernel.authorization import require
from executions.permissions import EXECUTION
from executions.queries.execution import namespace_of, no_execution
from executions.queries.files import Chunks, StoredFile, file_of, preview

_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{0,18})")
_USUAL_ROWS = 100
_MOST_ROWS = 5000


class FileView(TenantView):
    """`/executions/{executionId}/file...`; `path` is the `kestra://` address of the file."""

    access = dict.fromkeys(("download", "metas", "preview"), EXECUTION.ACCESS_FILES)

    def download(self, request: Request, execution_id: str) -> HttpResponseBase:
        file = self._file(execution_id)
        headers = {
            # A browser must never run what a task wrote as if it were a page of ours.
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
            "X-Content-Type-Options": "nosniff",
            "Accept-Ranges": "bytes",
        }
        part = _RANGE.fullmatch(request.headers.get("Range", ""))
        if part is None:
            headers["Content-Length"] = str(file.size)
            return _stream(file, 0, None, 200, headers)
        return _part(file, int(part[1]), int(part[2]) if part[2] else file.size - 1, headers)

    def metas(self, request: Request, execution_id: str) -> dict[str, int]:
        return {"size": self._file(execution_id).size}

    def preview(self, request: Request, execution_id: str) -> dict[str, Any]:
        rows = number(self.query, "maxRows", _USUAL_ROWS, at_least=1, at_most=_MOST_ROWS)
        return preview(self._file(execution_id), rows, text(self.query, "encoding") or "UTF-8")

    def _file(self, execution_id: str) -> StoredFile:
        require(self.ctx, EXECUTION.ACCESS_FILES, namespace_of(execution_id), absent=no_execution(execution_id))
        return file_of(execution_id, required(self.query, "path"))


def _part(file: StoredFile, first: int, last: int, headers: dict[str, str]) -> HttpResponseBase:
    last = min(last, file.size - 1)
    if first > last:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{file.size}"})
    length = last - first + 1
    headers |= {"Content-Length": str(length), "Content-Range": f"bytes {first}-{last}/{file.size}"}
    return _stream(file, first, length, 206, headers)


def _stream(
    file: StoredFile, start: int, length: int | None, status: int, headers: dict[str, str]
) -> StreamingHttpResponse:
    body = Chunks(file.open(start, length))
    return StreamingHttpResponse(body, status=status, content_type="application/octet-stream", headers=headers)
