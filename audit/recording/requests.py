"""Entries about requests that change nothing and matter all the same: exports, and refusals of reads."""

from __future__ import annotations

from django.http import HttpRequest

from audit.recording.trail import Action, append
from control_plane.kernel.actor import Change, Context
from control_plane.kernel.permissions import Permission

LONGEST = 2_000


def tell_export(ctx: Context, right: Permission, request: HttpRequest) -> None:
    """In the scope of the request: what cannot be told is not given out."""
    detail = {"exported": request.path[:LONGEST], "filters": request.META.get("QUERY_STRING", "")[:LONGEST]}
    change = Change(right.resource, "", None, None, None, {name: told for name, told in detail.items() if told})
    append(ctx, [change], action=Action.READ, by="audit.recording.requests")


def tell_refusal(ctx: Context, *, asked: str, namespace: str | None, method: str, path: str) -> None:
    """In a scope of its own, of a request whose command has not told of it already."""
    resource = asked.partition(".")[0] or "SUPERADMIN"
    detail = {"asked": asked, "method": method, "path": path[:LONGEST]}
    action = Action.READ if method in ("GET", "HEAD") else Action.UNKNOWN
    append(ctx, [Change(resource, "", namespace, None, None, detail)], action=action, by="refused", is_refused=True)
