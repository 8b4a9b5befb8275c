"""What watchers are told of a transition: the changed records themselves, so that watching reads nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from executions import shapes
from executions.engine.records import TaskRun
from executions.record.lines import Line
from executions.record.rows import Kept


def execution_channel(tenant: str, execution_id: str) -> str:
    return f"orrery:{tenant}:execution:{execution_id}"


def tenant_channel(tenant: str) -> str:
    """Light rows of all executions of a tenant that changed."""
    return f"orrery:{tenant}:executions"


@dataclass(slots=True)
class Announcement:
    """One message for one transaction. `version` counts changes, `log_seq` lines; neither ever skips a number."""

    kept: Kept
    is_changed: bool
    is_wide: bool
    task_runs: Sequence[TaskRun]
    deleted: Sequence[str] = ()
    lines: Sequence[Line] = field(default_factory=list)

    def messages(self) -> list[tuple[str, Any]]:
        """With their channels, for `publish`."""
        record = self.kept.record
        light = shapes.light(record) if self.is_wide else None
        messages: list[tuple[str, Any]] = [(execution_channel(record.tenant, record.id), self._message(light))]
        if light is not None:
            messages.append((tenant_channel(record.tenant), {"execution": light}))
        return messages

    def _message(self, light: dict[str, Any] | None) -> dict[str, Any]:
        record = self.kept.record
        message: dict[str, Any] = {
            "isEnded": record.state.is_terminal,
            "isDone": is_done(self.kept),
            "logSeq": self.kept.log_seq,
            "version": self.kept.version,
        }
        if self.is_changed:
            message["change"] = self._change(light)
        if self.lines:
            message["logFrom"] = self.lines[0].seq
            message["logs"] = [shown_line(line) for line in self.lines]
        return message

    def _change(self, light: dict[str, Any] | None) -> dict[str, Any]:
        change: dict[str, Any] = {}
        if light is not None:
            change["execution"] = light
        if self.task_runs:
            change["taskRuns"] = [shapes.task_run(run) for run in self.task_runs]
        if self.deleted:
            change["deleted"] = list(self.deleted)
        outputs = [run.id for run in self.task_runs if run.outputs is not None]
        if outputs:
            change["outputs"] = outputs
        return change


def is_done(kept: Kept) -> bool:
    """Ended, and so has whatever runs after the end."""
    return kept.record.state.is_terminal and kept.record.frame.get("stage", "done") == "done"


def shown_line(line: Line) -> dict[str, Any]:
    return shapes.line(
        seq=line.seq,
        at=line.at,
        level=line.level,
        message=line.message,
        task_id=line.task_id,
        task_run_id=line.task_run_id,
        attempt=line.attempt,
    )
