"""Pause: wait for a person, or for a while."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar, Literal

from pydantic import Field

from plugins.contracts import Property, State, Task
from plugins.contracts.outputs import Outputs, record
from plugins.contracts.plans import FlowableTask, Plan, Rest, as_duration

_BEHAVIORS = {
    "RESUME": State.RUNNING,
    "WARN": State.WARNING,
    "CANCEL": State.CANCELLED,
    "FAIL": State.FAILED,
}


class Pause(FlowableTask):
    """Hold the execution until somebody resumes it, giving the values that `onResume` asks for.

    After `pauseDuration` it goes on by itself as `behavior` says; after `timeout` it fails.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.flow.Pause"
    ALIASES: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.flows.Pause",)
    TITLE: ClassVar[str] = "Pause the execution until it is resumed"
    OUTPUTS: ClassVar[Outputs] = {
        "onResume": record("What was given when it was resumed."),
        "resumed": record("Who resumed it (`by`), when (`on`), and to which state (`to`)."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: wait_a_moment
namespace: company.team
tasks:
  - id: wait
    type: io.kestra.plugin.core.flow.Pause
    pauseDuration: PT1S
  - id: go_on
    type: io.kestra.plugin.core.log.Log
    message: "Resumed"
""",
    )

    pause_duration: Property[timedelta] | None = None
    delay: Property[timedelta] | None = Field(default=None, description="The older name of `pauseDuration`.")
    behavior: Property[Literal["RESUME", "WARN", "CANCEL", "FAIL"]] = Property("RESUME")
    on_resume: list[Any] = Field(default_factory=list)
    on_pause: Task | None = None
    """Run once when the pause begins."""
    tasks: list[Task] = Field(default_factory=list)

    def branches(self) -> Mapping[str, Sequence[Task]]:
        return {"tasks": self.tasks}

    def when_paused(self) -> Sequence[Task]:
        return [self.on_pause] if self.on_pause is not None else []

    def control(self) -> Mapping[str, Any]:
        after = self.pause_duration or self.delay
        return {
            "delay": after and after.source,
            "timeout": self.timeout and self.timeout.source,
            "behavior": self.behavior.source,
        }

    def plan(self, values: Mapping[str, Any]) -> Plan:
        rest = Rest(
            delay=as_duration(values["delay"]),
            timeout=as_duration(values["timeout"]),
            on_delay=_BEHAVIORS[str(values["behavior"])],
        )
        return Plan(rest=rest)
