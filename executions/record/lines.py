"""Log lines and figures on their way into an execution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.words.ids import new_id
from executions.record import sql
from executions.record.rows import Kept, dumps

LONGEST_MESSAGE = 256 * 1024
LONGEST_NAME = 200


@dataclass(slots=True)
class Line:
    """`seq` is given when the line is written, under the lock of the execution: so there is never a gap."""

    at: datetime
    level: str
    message: str
    task_id: str | None = None
    task_run_id: str | None = None
    attempt: int | None = None
    seq: int = 0


@dataclass(slots=True)
class MetricPoint:
    at: datetime
    type: str
    name: str
    value: float
    tags: dict[str, str] = field(default_factory=dict)
    task_id: str | None = None
    task_run_id: str | None = None


def insert_lines(pipeline: Pipeline, kept: Kept, lines: Sequence[Line]) -> None:
    if not lines:
        return
    record = kept.record
    values: list[Any] = []
    for line in lines:
        line.message = storable(line.message)
        values += [new_id(), record.tenant, record.id, line.seq, record.namespace, record.flow_id, line.task_id]
        values += [line.task_run_id, line.attempt, line.at, line.level, line.message]
    pipeline.add(sql.rows(sql.INSERT_LOGS, sql.LOG_ROW, len(lines)), values)


def insert_metrics(pipeline: Pipeline, kept: Kept, points: Sequence[MetricPoint]) -> None:
    if not points:
        return
    record = kept.record
    values: list[Any] = []
    for point in points:
        values += [new_id(), record.tenant, record.id, record.namespace, record.flow_id, point.task_id]
        values += [point.task_run_id, point.at, point.type, storable(point.name)[:LONGEST_NAME], point.value]
        values.append(dumps(point.tags))
    pipeline.add(sql.rows(sql.INSERT_METRICS, sql.METRIC_ROW, len(points)), values)


def storable(text: str) -> str:
    """Text that PostgreSQL keeps: without NUL, and not without end."""
    text = text.replace("\0", "�") if "\0" in text else text
    return text if len(text) <= LONGEST_MESSAGE else text[:LONGEST_MESSAGE] + "… (cut)"
