"""LoopUntil: the same tasks again until a condition holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import Field

from plugins.contracts import Model, Property, Task
from plugins.contracts.outputs import Outputs, whole
from plugins.contracts.plans import FlowableTask, Plan, Rounds, as_count, as_duration
from plugins.contracts.truth import is_true


class CheckFrequency(Model):
    """How long to wait between two rounds, and when to give up: by itself it never does."""

    interval: Property[timedelta] = Property("PT1M")
    max_iterations: Property[int] | None = None
    max_duration: Property[timedelta] | None = None


class LoopUntil(FlowableTask):
    """Run the tasks in rounds until the condition is true; `{{ outputs.<id>.iterationCount }}` counts them from 1.

    A round replaces the task runs of the one before it; in it `{{ taskrun.iteration }}` counts from 0. Between two
    rounds it is PAUSED. When the bounds of `checkFrequency` are reached, it ends in SUCCESS, or in FAILED with
    `failOnMaxReached`; `maxIterations` counts the rounds after the first.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.flow.LoopUntil"
    ALIASES: ClassVar[tuple[str, ...]] = ("io.kestra.plugin.core.flow.WaitFor",)
    TITLE: ClassVar[str] = "Run tasks until a condition holds"
    OUTPUTS: ClassVar[Outputs] = {
        "iterationCount": whole("How many rounds there were."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: until_it_is_three
namespace: company.team
tasks:
  - id: loop
    type: io.kestra.plugin.core.flow.LoopUntil
    condition: "{{ outputs.count.value == '3' }}"
    checkFrequency:
      interval: PT0.1S
      maxIterations: 5
    tasks:
      - id: count
        type: io.kestra.plugin.core.debug.Return
        format: "{{ outputs.loop.iterationCount }}"
""",
    )

    condition: Property[Any]
    check_frequency: CheckFrequency = CheckFrequency()
    fail_on_max_reached: Property[bool] = Property(False)
    tasks: list[Task] = Field(min_length=1)

    def branches(self) -> Mapping[str, Sequence[Task]]:
        return {"tasks": self.tasks}

    def control(self) -> Mapping[str, Any]:
        often = self.check_frequency
        return {
            "interval": often.interval.source,
            "maxIterations": often.max_iterations and often.max_iterations.source,
            "maxDuration": often.max_duration and often.max_duration.source,
            "failOnMaxReached": self.fail_on_max_reached.source,
        }

    def plan(self, values: Mapping[str, Any]) -> Plan:
        most = values["maxIterations"]
        rounds = Rounds(
            interval=as_duration(values["interval"]) or timedelta(),
            max_iterations=None if most is None else as_count(most, "maxIterations"),
            max_duration=as_duration(values["maxDuration"]),
            fails_when_reached=is_true(values["failOnMaxReached"]),
        )
        return Plan(rounds=rounds, outputs={"iterationCount": 1})

    def question(self) -> Mapping[str, Any]:
        return {"condition": self.condition.source}

    def is_done(self, values: Mapping[str, Any]) -> bool:
        return is_true(values["condition"])
