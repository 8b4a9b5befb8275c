"""Start an execution over HTTP; no view machinery stands between, for this is the hot path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict

from control_plane.kernel.actor import Context
from control_plane.kernel.api.fast import fast_view
from control_plane.kernel.api.json import decode
from control_plane.kernel.api.query import flag, moment, number
from control_plane.kernel.config import config
from control_plane.kernel.words.errors import BadParameter, Invalid, Violation
from executions import shapes
from executions.services.starting import start_execution
from flows.model.inputs.ports import Upload

KINDS = frozenset({"NORMAL", "TEST", "PLAYGROUND", "LOOP"})


def create(request: HttpRequest, ctx: Context, namespace: str, flow_id: str) -> dict[str, Any]:
    query = request.GET
    execution = start_execution(
        ctx,
        namespace=namespace,
        flow_id=flow_id,
        inputs=given_inputs(request),
        revision=number(query, "revision", 0, at_least=1) or None,
        labels=given_labels(query),
        schedule_date=moment("scheduleDate", query["scheduleDate"]) if query.get("scheduleDate") else None,
        breakpoints=breakpoints_of(query),
        kind=_kind(query),
    )
    flag(query, "wait")
    shown = shapes.full(execution, [])
    shown["url"] = url_of(ctx.tenant_id or "", namespace, flow_id, execution.id)
    return shown


def url_of(tenant: str, namespace: str, flow_id: str, execution_id: str) -> str:
    return f"{config().origin}/ui/{tenant}/executions/{namespace}/{flow_id}/{execution_id}"


def given_inputs(request: HttpRequest) -> Mapping[str, Any]:
    """Values by input id: parts of a form, or a JSON object. No body at all is none."""
    kind = (request.content_type or "").lower()
    if kind.startswith("multipart/") or kind == "application/x-www-form-urlencoded":
        return _parts(request)
    if kind not in ("application/json", ""):
        return {}
    body = request.body
    given = decode(body) if body.strip() else {}
    if isinstance(given, list):
        return {}
    if not isinstance(given, dict):
        raise Invalid("a JSON object is expected: one property for each input")
    return given


def _parts(request: HttpRequest) -> dict[str, Any]:
    given: dict[str, Any] = {name: values[-1] for name, values in request.POST.lists() if values}
    for name, files in request.FILES.lists():
        for file in files:
            if isinstance(file, UploadedFile):
                given[_input_of(name, file)] = Upload(file.name or name, file)
    return given


def _input_of(part: str, file: UploadedFile[Any]) -> str:
    """The older form sends every file as a part `files`, named after its input."""
    return file.name if part == "files" and file.name else part


def _unreadable(message: str) -> Invalid:
    return Invalid(message, violations=[Violation(message, "labels")])


def given_labels(query: QueryDict) -> dict[str, str]:
    """`labels=key:value`, repeatable."""
    labels: dict[str, str] = {}
    for text in query.getlist("labels"):
        key, colon, value = text.partition(":")
        if not colon:
            raise _unreadable(f"Can't split the queryString parameter by ':': `{text[:100]}` is no `key:value`")
        if not key or not value:
            raise _unreadable(f"Can't have an empty part of queryString: `{text[:100]}` is no `key:value`")
        if "\0" in text:
            raise BadParameter("`labels` holds a NUL character")
        labels[key] = value
    return labels


def breakpoints_of(query: Mapping[str, str]) -> list[str]:
    return [point.strip() for point in query.get("breakpoints", "").split(",") if point.strip()]


def _kind(query: Mapping[str, str]) -> str | None:
    kind = query.get("kind")
    if kind and kind not in KINDS:
        raise BadParameter(f"`{kind[:50]}` is no kind: use one of {', '.join(sorted(KINDS))}")
    return kind or None


create_view = fast_view(post=(start_execution, create))
