"""Reading policies of retention, and the runs that carry them out."""

from __future__ import annotations

from control_plane.kernel.words.errors import NotFound
from governance.models import RetentionPolicy, RetentionRun
from governance.retention.deciding import Policies, policies_from

_MOST_SHOWN = 20


def policies() -> Policies:
    """All of the tenant, by their namespaces."""
    return policies_from(RetentionPolicy.objects.order_by("namespace").values_list("namespace", "rules"))


def find_policy(namespace: str) -> RetentionPolicy | None:
    return RetentionPolicy.objects.filter(namespace=namespace).first()


def latest_runs(namespace: str, *, sees_all: bool) -> list[RetentionRun]:
    """Those of the namespace and, for who sees all of the tenant, those of the whole tenant; the newest first."""
    places = {namespace, ""} if sees_all else {namespace}
    rows = RetentionRun.objects.filter(namespace__in=places).order_by("-started_at", "-id")
    return list(rows[:_MOST_SHOWN])


def no_run(run_id: str) -> NotFound:
    return NotFound(f"Run '{run_id[:50]}' was not found")
