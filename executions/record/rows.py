"""How the engine's records are kept as rows, and read back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from executions.engine.records import Attempt, Execution, Step, TaskRun
from plugins.contracts import State

T = TypeVar("T")

EXECUTION_COLUMNS = (
    "id, tenant_id, namespace, flow_id, flow_revision, revision_id, state, history, labels, inputs, outputs, variables,"
    " trigger, parent_id, parent_task_run_id, parent_iteration, original_id, kind, breakpoints, schedule_date,"
    " attempt_number, original_created_date, task_run_count, frame, version, log_seq, loop_run"
)
TASK_RUN_COLUMNS = (
    "id, task_id, seq, state, history, parent_id, value, iteration, lane, position, branch, attempts, outputs, frame,"
    " waits_for, path"
)
"""Without `items`: the values of a loop are read one by one."""

SHOWN_TASK_RUN_COLUMNS = (
    "id, task_id, seq, state, history, parent_id, value, iteration, lane, position, branch, attempts, NULL, NULL,"
    " waits_for, path"
)
"""The same, without what is large and not shown."""

# A NUL that JSON escapes but PostgreSQL cannot keep; an escaped backslash before `u0000` is only text.
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def _plain(value: Any) -> Any:
    """What JSON does not know: texts and numbers of other classes, as their plain selves."""
    plain: tuple[type[Any], ...] = (str, bool, int, float, dict, list)
    for kind in plain:
        if isinstance(value, kind):
            return kind(value)
    return str(value)


_encoder = msgspec.json.Encoder(enc_hook=_plain)


def dumps(value: Any) -> str:
    """JSON that PostgreSQL takes."""
    text = _encoder.encode(value).decode()
    return _NUL.sub(r"\1\\ufffd", text) if "\\u0000" in text else text


def dumps_or_none(value: Any) -> str | None:
    return None if value is None else dumps(value)


def loads(text: str | None) -> Any:
    return None if text is None else msgspec.json.decode(text)


steps = msgspec.json.Decoder(list[Step]).decode
_attempts = msgspec.json.Decoder(list[Attempt])


@dataclass(slots=True)
class Kept:
    """An execution with what the engine need not know of it."""

    record: Execution
    revision_id: str
    parent_task_run_id: str | None
    parent_iteration: int | None
    version: int
    log_seq: int


def execution_from(row: Sequence[Any]) -> Kept:
    record = Execution(
        id=row[0],
        tenant=row[1],
        namespace=row[2],
        flow_id=row[3],
        flow_revision=row[4],
        state=State(row[6]),
        history=steps(row[7]),
        labels=loads(row[8]),
        inputs=loads(row[9]),
        outputs=loads(row[10]),
        variables=loads(row[11]),
        trigger=loads(row[12]),
        parent_id=row[13],
        original_id=row[16],
        kind=row[17],
        breakpoints=loads(row[18]),
        schedule_date=row[19],
        attempt_number=row[20],
        original_created_date=row[21],
        task_run_count=row[22],
        frame=loads(row[23]),
        loop_run=loads(row[26]),
    )
    return Kept(record, row[5], row[14], row[15], row[24], row[25])


def end_date(execution: Execution) -> datetime | None:
    """When it ended, by its history; None while it has not."""
    return execution.history[-1].date if execution.state.is_terminal else None


def task_run_from(row: Sequence[Any]) -> TaskRun:
    return TaskRun(
        id=row[0],
        task_id=row[1],
        seq=row[2],
        state=State(row[3]),
        history=steps(row[4]),
        parent_id=row[5],
        value=row[6],
        iteration=row[7],
        lane=row[8],
        position=row[9],
        branch=row[10],
        attempts=_attempts.decode(row[11]),
        outputs=loads(row[12]),
        frame=loads(row[13]),
        waits_for=row[14],
    )


def execution_values(kept: Kept, at: datetime) -> list[Any]:
    """In the order of the columns that are inserted."""
    record = kept.record
    return [
        record.id,
        record.tenant,
        record.namespace,
        record.flow_id,
        record.flow_revision,
        kept.revision_id,
        record.state.value,
        dumps(record.history),
        dumps(record.labels),
        dumps(record.inputs),
        dumps_or_none(record.outputs),
        dumps(record.variables),
        dumps_or_none(record.trigger),
        record.parent_id,
        kept.parent_task_run_id,
        kept.parent_iteration,
        record.original_id,
        record.kind,
        dumps(record.breakpoints),
        record.schedule_date,
        record.attempt_number,
        record.original_created_date,
        record.task_run_count,
        dumps(record.frame),
        record.start_date,
        end_date(record),
        at,
        kept.log_seq,
        dumps_or_none(record.loop_run),
    ]


def task_run_values(execution: Execution, run: TaskRun, path: tuple[str, ...]) -> list[Any]:
    return [
        run.id,
        execution.tenant,
        execution.id,
        run.task_id,
        run.seq,
        run.state.value,
        dumps(run.history),
        run.parent_id,
        run.value,
        run.iteration,
        run.lane,
        run.position,
        run.branch,
        dumps(run.attempts),
        dumps_or_none(run.outputs),
        dumps_or_none(run.frame),
        dumps_or_none(run.items),
        run.waits_for,
        list(path),
    ]
