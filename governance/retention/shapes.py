"""Retention as the API and the audit trail show it."""

from __future__ import annotations

from typing import Any

from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.words.clock import iso, iso_or_none
from governance.models import RetentionPolicy, RetentionRun
from governance.retention.deciding import Policies, deciding
from governance.retention.report import Report
from governance.retention.rules import Kind, written

Json = dict[str, Any]


def policy_shape(row: RetentionPolicy) -> Json:
    return {"namespace": row.namespace, "rules": row.rules}


def effective_shape(policies: Policies, namespace: str) -> list[Json]:
    """What holds there for each kind, and whose word that is; a kind of which nobody says anything is left out."""
    found = []
    for kind in Kind:
        source = deciding(policies, kind, namespace)
        if source is not None:
            rules = written({kind: policies[source][kind]})[kind.value]
            found.append({"kind": kind.value, "namespace": source, "rules": rules})
    return found


def run_shape(run: RetentionRun) -> Json:
    return without_nulls(
        id=run.id,
        namespace=run.namespace,
        state=run.state,
        startedBy=run.actor.get("name") or run.actor.get("id") or "",
        startDate=iso(run.started_at),
        endDate=iso_or_none(run.ended_at),
        step=min(run.step, len(run.steps)),
        steps=len(run.steps) + 1,
        kind=run.steps[run.step]["kind"] if run.step < len(run.steps) else Kind.FILES.value,
        counts=run.counts,
        expected=run.expected,
        failure=run.failure or None,
    )


def report_shape(report: Report) -> Json:
    return {
        "lines": [
            without_nulls(
                kind=line.kind.value,
                namespace=line.namespace,
                count=line.count,
                oldest=iso_or_none(line.oldest),
                bytes=line.size,
            )
            for line in report.lines
        ],
        "bytes": sum(line.size for line in report.lines),
        "complete": report.is_complete,
    }
