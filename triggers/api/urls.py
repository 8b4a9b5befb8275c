"""Addresses of triggers. Literal paths stand before those with a name in their place."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter

from control_plane.kernel.api.fast import fast_view
from control_plane.kernel.permissions import PUBLIC
from triggers.api import acts, described, lists, many, webhooks
from triggers.permissions import TRIGGER
from triggers.services.acting import act_on_trigger, act_on_triggers
from triggers.services.acts import ACTS
from triggers.services.backfilling import create_backfill
from triggers.services.forgetting import forget_lines
from triggers.services.webhooks import take_webhook

TRIGGERS = "api/v1/<str:tenant>/triggers"
ONE = f"{TRIGGERS}/<str:namespace>/<str:flow_id>/<str:trigger_id>"


def _one(verb: str, handler: Any) -> Any:
    return (act_on_trigger.asking(ACTS[verb].right), handler)


def _many(verb: str, handler: Any) -> Any:
    return (act_on_triggers.asking(ACTS[verb].right), handler)


def _both(address: str, verb: str) -> list[URLPattern]:
    names, query = many.by_names(verb), many.by_query(verb)
    described.many_acted(names, query)
    return [
        path(f"{TRIGGERS}/{address}/by-triggers", fast_view(post=_many(verb, names))),
        path(f"{TRIGGERS}/{address}/by-query", fast_view(post=_many(verb, query))),
    ]


def _deleting() -> list[URLPattern]:
    names = many.by_names("delete")
    described.many_acted(names)
    return [
        path(f"{TRIGGERS}/delete/by-triggers", fast_view(delete=_many("delete", names))),
        path(f"{TRIGGERS}/delete/by-query", fast_view(delete=_many("delete", many.delete_by_query))),
    ]


class FlowName(StringConverter):
    """The id of a flow, where the log of an execution has these words."""

    regex = "(?!(?:download|follow)(?:/|$))[^/]+"


register_converter(FlowName, "flow")

WEBHOOK = "api/v1/<str:tenant>/executions/webhook/<str:namespace>/<str:flow_id>/<str:key>"
_taken = (take_webhook, webhooks.by_webhook)
_behind = (PUBLIC, webhooks.behind_a_webhook)
webhook_view = fast_view(get=_taken, post=_taken, put=_taken)

urlpatterns = [
    path(WEBHOOK, webhook_view),
    path(f"{WEBHOOK}/<path:path>", fast_view(get=_behind, post=_behind, put=_behind)),
    path(f"{TRIGGERS}/search", fast_view(get=(TRIGGER.LIST, lists.search))),
    path(f"{TRIGGERS}/export/by-query/csv", fast_view(get=(TRIGGER.EXPORT, lists.export_csv))),
    path(f"{TRIGGERS}/set-disabled", fast_view(put=_one("disable", acts.set_disabled))),
    path(f"{TRIGGERS}/set-disabled/by-triggers", fast_view(post=_many("disable", many.set_disabled_by_names))),
    path(f"{TRIGGERS}/set-disabled/by-query", fast_view(post=_many("disable", many.set_disabled_by_query))),
    path(f"{TRIGGERS}/backfill/create", fast_view(put=(create_backfill, acts.begin_backfill))),
    path(f"{TRIGGERS}/backfill/pause", fast_view(put=_one("pause-backfill", acts.pause_backfill))),
    path(f"{TRIGGERS}/backfill/unpause", fast_view(put=_one("resume-backfill", acts.unpause_backfill))),
    path(f"{TRIGGERS}/backfill/delete", fast_view(post=_one("delete-backfill", acts.delete_backfill))),
    *_both("backfill/pause", "pause-backfill"),
    *_both("backfill/unpause", "resume-backfill"),
    *_both("backfill/delete", "delete-backfill"),
    *_both("unlock", "unlock"),
    *_deleting(),
    path(f"{TRIGGERS}/<str:namespace>/<str:flow_id>", fast_view(get=(TRIGGER.LIST, lists.of_flow))),
    path("api/v1/<str:tenant>/logs/<str:namespace>/<flow:flow_id>", fast_view(delete=(forget_lines, acts.forget))),
    path(ONE, fast_view(delete=_one("delete", acts.delete))),
    path(f"{ONE}/unlock", fast_view(post=_one("unlock", acts.unlock))),
    path(f"{ONE}/restart", fast_view(post=_one("restart", acts.restart))),
]
