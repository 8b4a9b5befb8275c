"""Acts on many triggers over HTTP: by their names, or by what they have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Q
from django.http import HttpRequest

from control_plane.kernel.actor import Context
from control_plane.kernel.api.bodies import read
from control_plane.kernel.api.json import decode
from control_plane.kernel.api.query import flag
from control_plane.kernel.words.ids import new_id
from triggers.api.bodies import SetDisabled, names_in
from triggers.queries.search import TriggerFilters, visible_triggers
from triggers.services.acting import act_on_triggers
from triggers.services.acts import ACTS
from triggers.services.targets import MOST, Name

Shape = dict[str, Any]
Handler = Callable[[HttpRequest, Context], Shape]

_FITTING = {
    "unlock": Q(execution_id__isnull=False),
    "pause-backfill": Q(backfill__isnull=False),
    "resume-backfill": Q(backfill__isnull=False),
    "delete-backfill": Q(backfill__isnull=False),
}
"""Which ones an act can do something to at all."""


def by_names(verb: str) -> Handler:
    def handle(request: HttpRequest, ctx: Context) -> Shape:
        return _accepted(ctx, verb, names_in(_body(request)))

    return _named(handle, f"{verb}_by_triggers")


def by_query(verb: str) -> Handler:
    def handle(request: HttpRequest, ctx: Context) -> Shape:
        return _accepted(ctx, verb, _found(ctx, verb, TriggerFilters.matching(request.GET)))

    return _named(handle, f"{verb}_by_query")


def set_disabled_by_names(request: HttpRequest, ctx: Context) -> Shape:
    asked = read(SetDisabled, _body(request))
    return _accepted(ctx, "disable" if asked.disabled else "enable", [each.name for each in asked.triggers])


def set_disabled_by_query(request: HttpRequest, ctx: Context) -> Shape:
    verb = "disable" if flag(request.GET, "disabled", True) else "enable"
    return _accepted(ctx, verb, _found(ctx, verb, TriggerFilters.matching(request.GET)))


def delete_by_query(request: HttpRequest, ctx: Context) -> Shape:
    """Filters come in the body, and as a query like everywhere else."""
    body = _body(request)
    filters = body.get("filters") if isinstance(body, dict) else body
    matching = TriggerFilters.matching(request.GET) & TriggerFilters.matching_json(filters or None)
    return _accepted(ctx, "delete", _found(ctx, "delete", matching))


def _body(request: HttpRequest) -> Any:
    return decode(request.body) if request.body else None


def _found(ctx: Context, verb: str, matching: Q) -> list[Name]:
    rows = visible_triggers(ctx, ACTS[verb].right).filter(matching & _FITTING.get(verb, Q()))
    return [Name(*name) for name in rows.values_list("namespace", "flow_id", "trigger_id")[: MOST + 1]]


def _accepted(ctx: Context, verb: str, names: Sequence[Name]) -> Shape:
    """It is done when this is answered; clients expect the name of an operation nevertheless."""
    return {"operationId": new_id(), "totalItems": act_on_triggers(ctx, verb=verb, names=names)}


def _named(handle: Handler, name: str) -> Handler:
    handle.__name__ = name.replace("-", "_")
    return handle
