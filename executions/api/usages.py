"""How much a tenant, or the whole instance, holds and runs: numbers, and nothing of what they count."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from control_plane.kernel.api.query import text
from control_plane.kernel.api.views import InstanceView, TenantView
from control_plane.kernel.permissions import SUPERADMIN
from control_plane.kernel.scope import current_tenant, tenant_scope
from control_plane.kernel.words.clock import iso, now
from control_plane.kernel.words.durations import format_duration
from control_plane.kernel.words.errors import BadParameter, NotFound
from executions.queries.usages import (
    PARTS_OF_FLOWS,
    PARTS_OF_TASKS,
    PARTS_OF_TRIGGERS,
    Day,
    FlowUsage,
    days_since,
)
from iam.queries import identity_counts, instance_identity_counts
from plugins.contracts import State
from tenants.models import Tenant
from tenants.permissions import TENANT_SETTINGS

TOLD = timedelta(days=30)
REPORTED = timedelta(days=366)
COUNTED_STATES = [state.value for state in State]


class TenantUsageView(TenantView):
    access = {"show": TENANT_SETTINGS.VIEW}

    def show(self, request: Request) -> dict[str, Any]:
        usage = FlowUsage()
        usage.add_flows(current_tenant())
        return _usage(usage, days_since(now() - TOLD), identity_counts(), tenants=1)


class InstanceUsageView(InstanceView):
    """All tenants together. Each is counted in its own scope: nothing reads across them."""

    access = {"show": SUPERADMIN, "report": SUPERADMIN}

    def show(self, request: Request, tenant_id: str) -> dict[str, Any]:
        tenants = _tenants(tenant_id)
        usage, days, since = FlowUsage(), dict[date, Day](), now() - TOLD
        counts: Counter[str] = Counter(instance_identity_counts())
        for each in tenants:
            with tenant_scope(each):
                usage.add_flows(each)
                days_since(since, days)
                held = identity_counts()
            counts.update(groups=held["groups"], roles=held["roles"])
        return _usage(usage, days, counts, tenants=len(tenants))

    def report(self, request: Request, tenant_id: str) -> HttpResponse:
        """A table of days and tenants, from the date `from`, else of the last thirty days."""
        tenants, since = _tenants(tenant_id), self._since()
        written = io.StringIO()
        rows = csv.writer(written)
        rows.writerow(["date", "tenant", "executions", *COUNTED_STATES, "duration"])
        for each in tenants:
            with tenant_scope(each):
                rows.writerows(_reported(each, days_since(since)))
        response = HttpResponse(written.getvalue(), content_type="application/octet-stream")
        response.headers["Content-Disposition"] = 'attachment; filename="usages.csv"'
        return response

    def _since(self) -> datetime:
        given = text(self.query, "from")
        if not given:
            return now() - TOLD
        try:
            since = datetime.combine(date.fromisoformat(given), time(), UTC)
        except ValueError:
            raise BadParameter("`from` is a date, like 2026-01-31") from None
        if not timedelta() <= now() - since <= REPORTED:
            raise BadParameter("`from` lies at most a year back")
        return since


def _tenants(named: str) -> list[str]:
    """All of them; the one in the address must be among them."""
    found = list(Tenant.objects.order_by("id").values_list("id", flat=True))
    if named not in found:
        raise NotFound("tenant")
    return found


def _reported(tenant: str, days: Mapping[date, Day]) -> Iterator[list[Any]]:
    for day, of_day in sorted(days.items()):
        states = [of_day.states[state] for state in COUNTED_STATES]
        yield [day.isoformat(), tenant, sum(states), *states, format_duration(of_day.total)]


def _usage(usage: FlowUsage, days: Mapping[date, Day], held: Mapping[str, int], *, tenants: int) -> dict[str, Any]:
    return {
        "flows": _of_flows(usage),
        "executions": {"dailyExecutionsCount": [_of_day(*each) for each in sorted(days.items())]},
        "groups": {"count": held["groups"]},
        "users": {
            "count": held["users"],
            "apiKeyCount": held["tokens"],
            "basicAuthCount": held["passwords"],
            "oidcCount": held["openid"],
            "ldapAuthCount": 0,
            "passwordlessCount": 0,
        },
        "roles": {"count": held["roles"]},
        "tenants": {"count": tenants},
    }


def _of_flows(usage: FlowUsage) -> dict[str, Any]:
    return {
        "count": usage.counts["flows"],
        "namespacesCount": len(usage.namespaces),
        "taskTypeCount": dict(usage.task_types),
        "triggerTypeCount": dict(usage.trigger_types),
        "taskRunnerTypeCount": dict(usage.runner_types),
        "inputTypeCount": dict(usage.input_types),
        **_counted(usage.of_flows, PARTS_OF_FLOWS),
        "tasks": _counted(usage.of_tasks, PARTS_OF_TASKS),
        "triggers": _counted(usage.of_triggers, PARTS_OF_TRIGGERS),
    }


def _counted(counts: Counter[str], names: Mapping[str, str]) -> dict[str, int]:
    return {f"has{name}Count": counts[name] for name in names}


def _of_day(day: date, of_day: Day) -> dict[str, Any]:
    return {
        "startDate": iso(datetime.combine(day, time(), UTC)),
        "groupBy": "day",
        "executionCounts": {state: of_day.states[state] for state in COUNTED_STATES},
        "duration": {
            "min": format_duration(of_day.shortest or timedelta()),
            "avg": format_duration(of_day.mean),
            "max": format_duration(of_day.longest or timedelta()),
            "sum": format_duration(of_day.total),
            "count": of_day.ended,
        },
    }
