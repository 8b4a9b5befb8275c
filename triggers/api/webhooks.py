"""Requests from outside that start flows: whoever bears the key may, and nobody learns more than that it was wrong."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse

from control_plane.kernel.actor import Context
from control_plane.kernel.api.json import encode
from control_plane.kernel.words.errors import NotFound
from executions import shapes
from executions.api.create import url_of
from executions.engine.records import Execution
from triggers.services.webhooks import Answered, take_webhook
from triggers.webhooks.matching import NOT_FOUND
from triggers.webhooks.requests import Brought, Part

WAITS = "orrery_waits"
"""Of an answer: the webhook that says to hold it back until its execution has ended."""
_KEPT_BACK = {"cookie"}
"""A browser's session is nobody else's."""


def by_webhook(request: HttpRequest, ctx: Context, namespace: str, flow_id: str, key: str) -> Any:
    answered = take_webhook(ctx, namespace=namespace, flow_id=flow_id, key=key, brought=brought_by(request))
    if answered.execution is None:
        return HttpResponse(status=204)
    return answer_to(answered, ctx.tenant_id or "")


def behind_a_webhook(request: HttpRequest, ctx: Context, namespace: str, flow_id: str, key: str, path: str) -> Any:
    """No webhook has an address below its own: the same answer as for a wrong key."""
    raise NotFound(NOT_FOUND)


def answer_to(answered: Answered, tenant: str) -> HttpResponse:
    execution, webhook = answered.execution, answered.webhook
    assert execution is not None
    shown = shown_to_caller(execution, tenant)
    response = HttpResponse(encode(shown), content_type="application/json", status=webhook.response_code or 200)
    if webhook.wait:
        setattr(response, WAITS, webhook)
    return response


def shown_to_caller(execution: Execution, tenant: str) -> dict[str, Any]:
    """What was started. Outputs only where the webhook gives them: the key opens the flow, not what it works on."""
    shown = shapes.light(execution)
    kept = {name: shown[name] for name in _TOLD if name in shown}
    return {**kept, "url": url_of(tenant, execution.namespace, execution.flow_id, execution.id)}


_TOLD = ("tenantId", "id", "namespace", "flowId", "flowRevision", "trigger", "labels", "state")


def brought_by(request: HttpRequest) -> Brought:
    headers = {name: [value] for name, value in request.headers.items() if name.lower() not in _KEPT_BACK}
    parameters = {name: [str(value) for value in values] for name, values in request.GET.lists()}
    kind = (request.content_type or "").lower()
    if kind.startswith("multipart/"):
        fields = {name: [str(value) for value in values] for name, values in request.POST.lists()}
        return Brought(b"", headers, parameters, fields, _parts(request))
    body = request.body
    if kind == "application/x-www-form-urlencoded":
        fields = {name: [str(value) for value in values] for name, values in request.POST.lists()}
        return Brought(body, headers, parameters, fields)
    return Brought(body, headers, parameters)


def _parts(request: HttpRequest) -> list[Part]:
    found = []
    for name, files in request.FILES.lists():
        for file in files:
            if isinstance(file, UploadedFile):
                found.append(Part(name, file.name or name, file.content_type or "", file.read()))
    return found
