"""Acts on one trigger over HTTP."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from control_plane.kernel.actor import Context
from control_plane.kernel.api.fast import json_body
from control_plane.kernel.api.query import required
from control_plane.kernel.api.views import Answer
from triggers import shapes
from triggers.api.bodies import CreateBackfill, DisableTrigger, TriggerId
from triggers.services.acting import act_on_trigger
from triggers.services.backfilling import create_backfill
from triggers.services.forgetting import forget_lines
from triggers.services.targets import Name

Shape = dict[str, Any]


def set_disabled(request: HttpRequest, ctx: Context) -> Shape:
    asked = json_body(request, DisableTrigger)
    verb = "disable" if asked.disabled else "enable"
    return shapes.state(act_on_trigger(ctx, verb=verb, name=asked.name))


def unlock(request: HttpRequest, ctx: Context, namespace: str, flow_id: str, trigger_id: str) -> Shape:
    return shapes.state(act_on_trigger(ctx, verb="unlock", name=Name(namespace, flow_id, trigger_id)))


def restart(request: HttpRequest, ctx: Context, namespace: str, flow_id: str, trigger_id: str) -> Shape:
    return shapes.state(act_on_trigger(ctx, verb="restart", name=Name(namespace, flow_id, trigger_id)))


def delete(request: HttpRequest, ctx: Context, namespace: str, flow_id: str, trigger_id: str) -> Answer:
    act_on_trigger(ctx, verb="delete", name=Name(namespace, flow_id, trigger_id))
    return Answer(None, status=204)


def forget(request: HttpRequest, ctx: Context, namespace: str, flow_id: str) -> Answer:
    """The lines of one of the flow's triggers."""
    forget_lines(ctx, name=Name(namespace, flow_id, required(request.GET, "triggerId")))
    return Answer(None)


def begin_backfill(request: HttpRequest, ctx: Context) -> Shape:
    asked = json_body(request, CreateBackfill)
    return shapes.state(create_backfill(ctx, name=asked.name, wanted=asked.wanted))


def pause_backfill(request: HttpRequest, ctx: Context) -> Shape:
    return _act(request, ctx, "pause-backfill")


def unpause_backfill(request: HttpRequest, ctx: Context) -> Shape:
    return _act(request, ctx, "resume-backfill")


def delete_backfill(request: HttpRequest, ctx: Context) -> Shape:
    return _act(request, ctx, "delete-backfill")


def _act(request: HttpRequest, ctx: Context, verb: str) -> Shape:
    return shapes.state(act_on_trigger(ctx, verb=verb, name=json_body(request, TriggerId).name))
