"""WorkingDirectory: tasks that share the files of one directory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field

from control_plane.kernel.words.durations import Duration
from plugins.contracts import Model, Problem, Property, RunnableTask, Task
from plugins.contracts.plans import FlowableTask, Plan, Shape


class DirectoryCache(Model):
    """Which files outlive the directory, and for how long; kept per flow, task and loop value."""

    patterns: list[str] = Field(min_length=1)
    ttl: Duration | None = None


class WorkingDirectory(FlowableTask):
    """Run tasks one after the other on one worker, in one directory. It stops at the first that fails.

    `inputFiles` and namespace files are laid into the directory first; files matching `outputFiles` are kept
    afterwards.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.flow.WorkingDirectory"
    ALIASES: ClassVar[tuple[str, ...]] = (
        "io.kestra.core.tasks.flows.WorkingDirectory",
        "io.kestra.core.tasks.flows.Worker",
    )
    TITLE: ClassVar[str] = "Run tasks in one shared directory"
    IS_ONE_JOB: ClassVar[bool] = True
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: shared_directory
namespace: company.team
tasks:
  - id: directory
    type: io.kestra.plugin.core.flow.WorkingDirectory
    tasks:
      - id: write
        type: io.kestra.plugin.core.storage.LocalFiles
        inputs:
          hello.txt: "Hello"
      - id: keep
        type: io.kestra.plugin.core.storage.LocalFiles
        outputs:
          - hello.txt
""",
    )

    tasks: list[Task] = Field(default_factory=list)
    cache: DirectoryCache | None = None
    namespace_files: dict[str, Any] | None = None
    input_files: Property[Any] | None = None
    output_files: Property[list[str]] | None = None

    def problems(self) -> Iterable[Problem]:
        if not self.tasks:
            yield Problem(f"{self.id}: The 'tasks' property cannot be empty", "tasks")
        if any(not isinstance(task, RunnableTask) for task in self.tasks):
            yield Problem("Only runnable tasks are allowed as children of a WorkingDirectory task")
        if any(task.worker_group or task.worker_selector for task in self.tasks):
            yield Problem(
                "Cannot set a Worker Group in any WorkingDirectory sub-tasks, "
                "it is only supported at the WorkingDirectory level",
                "tasks",
            )

    def branches(self) -> Mapping[str, Sequence[Task]]:
        return {"tasks": self.tasks}

    def plan(self, values: Mapping[str, Any]) -> Plan:
        return Plan(shape=Shape.ONE_JOB)
