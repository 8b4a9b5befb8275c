"""Webhooks whose answer waits for the end of what they started; they hold no thread and no connection meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import Any, cast

import msgspec
from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.core.handlers.asgi import ASGIRequest
from django.http.response import HttpResponse, HttpResponseBase

from control_plane.kernel.actor import Context
from control_plane.kernel.asgi_routes import AsyncRoute, body_of, until_gone
from control_plane.kernel.pools import request_pool
from executions.live.following import follow_execution
from executions.live.streams import reply
from iam.authorization.jobs import job_actor
from plugins.triggers.webhook import Webhook
from triggers.api.urls import webhook_view
from triggers.api.webhooks import WAITS

LONGEST_WAIT = 3600.0
_encoder = msgspec.json.Encoder(enc_hook=str)
_GIVING = ("SUCCESS", "WARNING")


async def take(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """The same view as Django would call; the answer is held back where the webhook says so."""
    request = ASGIRequest(cast(Any, scope), cast(Any, body_of(scope)))
    parameters: dict[str, str] = cast(Any, scope)["path_params"]
    response = await request_pool().run(cast(Any, scope)["caller"], webhook_view, request, **parameters)
    webhook: Webhook | None = getattr(response, WAITS, None)
    if webhook is not None:
        response = await until_gone(scope, receive, _at_its_end(parameters["tenant"], webhook, response))
    await reply(send, response)


async def _at_its_end(tenant: str, webhook: Webhook, started: HttpResponseBase) -> HttpResponseBase:
    """What was started, once it has ended; as it is then when that takes too long."""
    told = msgspec.json.decode(cast(HttpResponse, started).content)
    actor = job_actor(tenant, told["namespace"], told["flowId"], told["id"])
    seen: dict[str, Any] = told
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_WAIT):
            async for each in follow_execution(Context(actor, tenant), told["id"]):
                seen = each.shown.data
    told["state"] = seen["state"]
    if webhook.return_outputs and seen["state"]["current"] in _GIVING:
        told["outputs"] = seen.get("outputs") or {}
    answer = _answer(webhook, told, started.status_code)
    answer["X-Request-Id"] = started["X-Request-Id"]
    return answer


def _answer(webhook: Webhook, told: dict[str, Any], status: int) -> HttpResponse:
    """As text the outputs alone: the one there is, or all of them as JSON."""
    if webhook.response_content_type != "text/plain":
        return HttpResponse(_encoder.encode(told), content_type="application/json", status=status)
    outputs = told.get("outputs") or {}
    value = next(iter(outputs.values())) if len(outputs) == 1 else outputs
    text = value if isinstance(value, str) else _encoder.encode(value).decode() if outputs else ""
    return HttpResponse(text, content_type="text/plain; charset=utf-8", status=status)


_ADDRESS = re.compile(
    r"/api/v1/(?P<tenant>[^/]+)/executions/webhook/(?P<namespace>[^/]+)/(?P<flow_id>[^/]+)/(?P<key>[^/]+)"
)
async_routes = [AsyncRoute(_ADDRESS, cast(ASGI3Application, take), frozenset({"GET", "POST", "PUT"}))]
