"""AllowFailure: a group whose failure is only a warning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from plugins.contracts import State, Task
from plugins.contracts.plans import FlowableTask


class AllowFailure(FlowableTask):
    """Run tasks one after the other; when one fails, the rest of the group is left out and the group ends in
    WARNING.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.flow.AllowFailure"
    ALIASES: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.flows.AllowFailure",)
    TITLE: ClassVar[str] = "Let a group of tasks fail"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: may_fail
namespace: company.team
tasks:
  - id: optional
    type: io.kestra.plugin.core.flow.AllowFailure
    tasks:
      - id: fails
        type: io.kestra.plugin.core.execution.Fail
  - id: goes_on
    type: io.kestra.plugin.core.log.Log
    message: "Still here"
""",
    )

    tasks: list[Task] = Field(min_length=1)

    def branches(self) -> Mapping[str, Sequence[Task]]:
        return {"tasks": self.tasks}

    def settle(self, state: State) -> State:
        return State.WARNING if state is State.FAILED else state
