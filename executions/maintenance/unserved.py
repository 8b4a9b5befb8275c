"""Jobs whose workers are away: sent elsewhere, failed or cancelled, as their flow says; and those whose line is new."""

from __future__ import annotations

import logging
from typing import Any

import msgspec

from control_plane.kernel.pipeline import Pipeline, Row
from control_plane.kernel.scope import across_tenants, instance_scope, tenant_scope
from plugins.contracts.worker_selectors import WantedWorkers, from_kept
from workers.models import DEFAULT_GROUP
from workers.queue import sql, tickets
from workers.queue.kinds import handler_of
from workers.queue.lines import UNROUTED
from workers.queue.routing import Fleet, read_fleet

logger = logging.getLogger(__name__)

AT_ONCE = 200
GRACE_SECONDS = 2.0
"""So long a job is left alone: a worker that is being restarted is not away."""


def see_to_unserved() -> bool:
    """Whether there may be more."""
    impatient = [line for (line,) in _asked(sql.IMPATIENT_LINES, [])]
    unrouted = _asked(sql.UNROUTED_JOBS, [UNROUTED, AT_ONCE])
    if not impatient and not unrouted:
        return False
    with instance_scope():
        fleet = read_fleet()
    moved = [move for row in unrouted if (move := _routed(fleet, row)) is not None]
    _move(moved)
    silent = [line for line in impatient if not fleet.has_workers(line)]
    waiting = _asked(sql.UNSERVED, [silent, GRACE_SECONDS, AT_ONCE]) if silent else []
    elsewhere = [move for row in waiting for move in _give_up(row)]
    _move(elsewhere)
    return len(waiting) == AT_ONCE or len(moved) == AT_ONCE


def _asked(statement: str, values: list[Any]) -> list[Row]:
    pipeline = Pipeline()
    with across_tenants("jobs of all tenants whose workers are away"):
        place = pipeline.add(statement, values)
        return pipeline.run()[place]


def _routed(fleet: Fleet, row: Row) -> tuple[str, str] | None:
    """A job whose line is there by now, with that line."""
    job, tenant, payload = row[0], row[1], row[5]
    chosen = fleet.choose(tenant, _wanted(payload, ""))
    return (job, chosen.key) if chosen is not None else None


def _wanted(payload: Any, fallback: str) -> WantedWorkers:
    told = payload if isinstance(payload, dict) else msgspec.json.decode(payload)
    return from_kept(told.get("workers") or {}, fallback)


def _give_up(row: Row) -> list[tuple[str, str]]:
    """What the flow says of it; a job that may run anywhere is told with the line it goes to."""
    job, tenant, subject, kind, _, payload, fallback = row
    if fallback == "IGNORE":
        return [(job, DEFAULT_GROUP)]
    reason = _reason(_wanted(payload, fallback))
    try:
        with tenant_scope(tenant):
            handler_of(kind).unserved(subject, job, cancels=fallback == "CANCEL", reason=reason)
    except Exception:
        logger.exception("a job that nobody serves could not be ended")
    return []


def _reason(wanted: WantedWorkers) -> str:
    if wanted.key:
        return f"No worker is available in the worker group `{wanted.key}`"
    word = "any of the tags" if wanted.matches_any else "the tags"
    return f"No worker is available for {word} {', '.join(f'`{tag}`' for tag in wanted.tags)}"


def _move(moved: list[tuple[str, str]]) -> None:
    if not moved:
        return
    pipeline = Pipeline()
    with across_tenants("jobs of all tenants go to workers that are there"):
        for job, line in moved:
            pipeline.add(sql.MOVE_JOB, [line, line, job])
        lines = [row[0] for rows in pipeline.run() for row in rows]
    tickets.send(lines)
