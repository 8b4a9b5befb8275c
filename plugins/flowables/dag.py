"""Dag: tasks that wait for other tasks by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field

from plugins.contracts import Model, Problem, Property, Task
from plugins.contracts.cycles import waiting_for_themselves
from plugins.contracts.plans import FlowableTask, OnChildFailure, Plan, Shape, as_count


class DagTask(Model):
    """A task of a Dag and the ids of those that must have ended before it begins."""

    task: Task
    depends_on: list[str] = Field(default_factory=list)


class Dag(FlowableTask):
    """Run tasks as soon as those they depend on have ended, at most `concurrent` at once (0: all that may run)."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.flow.Dag"
    ALIASES: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.flows.Dag",)
    TITLE: ClassVar[str] = "Run tasks in the order of their dependencies"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: by_dependency
namespace: company.team
tasks:
  - id: dag
    type: io.kestra.plugin.core.flow.Dag
    tasks:
      - task:
          id: extract
          type: io.kestra.plugin.core.log.Log
          message: "extract"
      - task:
          id: load
          type: io.kestra.plugin.core.log.Log
          message: "load"
        dependsOn: [extract]
""",
    )

    concurrent: Property[int] = Property(0)
    on_child_failure: OnChildFailure = "CONTINUE"
    """What becomes of tasks that run when one fails: FAIL and CANCEL end them at once, CONTINUE lets them end."""
    tasks: list[DagTask] = Field(min_length=1)

    def problems(self) -> Iterable[Problem]:
        known = self.depends_on()
        missing = sorted({name for names in known.values() for name in names} - set(known))
        if missing:
            yield Problem(f"Not existing task id in dependency: {', '.join(missing)}")
        cycle = waiting_for_themselves(known)
        if cycle:
            yield Problem(f"Cyclic dependency detected: {', '.join(cycle)}")

    def branches(self) -> Mapping[str, Sequence[Task]]:
        return {"tasks": [entry.task for entry in self.tasks]}

    def depends_on(self) -> Mapping[str, Sequence[str]]:
        return {entry.task.id: entry.depends_on for entry in self.tasks}

    def control(self) -> Mapping[str, Any]:
        return {"concurrent": self.concurrent.source}

    def plan(self, values: Mapping[str, Any]) -> Plan:
        return Plan(
            shape=Shape.GRAPH, limit=as_count(values["concurrent"], "concurrent"), on_failure=self.on_child_failure
        )
