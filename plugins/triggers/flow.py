"""Flow: an execution after the executions of other flows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from pydantic import Field, ValidationError

from plugins.conditions.multiple_condition import MultipleCondition
from plugins.contracts import TERMINAL, Condition, ConditionFacts, Problem, State, Trigger
from plugins.contracts.truth import is_true
from plugins.contracts.outputs import Outputs, moment, record, text, whole
from plugins.triggers.preconditions import Preconditions


class Flow(Trigger):
    """Start an execution when one of another flow comes into one of `states` (the terminal ones unless said otherwise).

    All conditions must hold; `preconditions` may ask for several executions within one window of time. `inputs` are
    rendered with what the other execution brought: `{{ outputs.<task>.value }}`, `{{ trigger.outputs.<id> }}`,
    `{{ trigger.executionId }}`. It never reacts to executions of its own flow.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.trigger.Flow"
    ALIASES: ClassVar[tuple[str, ...]] = ("io.kestra.core.models.triggers.types.Flow",)
    TITLE: ClassVar[str] = "Start after other flows"
    OUTPUTS: ClassVar[Outputs] = {
        "endDate": moment("When the other execution ended."),
        "executionId": text("The other execution."),
        "executionLabels": record("Its labels."),
        "firstFailedTaskId": text("The first of its tasks that failed."),
        "flowId": text("Its flow."),
        "flowRevision": whole("The revision of its flow."),
        "lastTaskId": text("The last of its tasks."),
        "namespace": text("The namespace of its flow."),
        "outputs": record("The outputs of its flow."),
        "startDate": moment("When it began."),
        "state": text("The state it is in."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: after_extract
namespace: company.team
tasks:
  - id: hello
    type: io.kestra.plugin.core.log.Log
    message: "After {{ trigger.executionId ?? 'nothing' }}"
triggers:
  - id: upstream
    type: io.kestra.plugin.core.trigger.Flow
    preconditions:
      id: both
      flows:
        - namespace: company.team
          flowId: extract
          states: [SUCCESS]
      timeWindow:
        type: DURATION_WINDOW
        window: P1D
""",
    )

    states: list[State] = Field(default_factory=list)
    preconditions: Preconditions | None = None
    depends_on: dict[str, Any] | list[Any] | None = Field(
        default=None, description="Preconditions in the newer spelling: their properties, or just the list of flows."
    )

    def problems(self) -> Iterable[Problem]:
        try:
            yield from self._window_problems()
        except ValidationError as error:
            detail = error.errors()[0]
            place = ".".join(str(step) for step in detail["loc"])
            yield Problem(f"{place}: {detail['msg'].lower()}", "dependsOn")

    def _window_problems(self) -> Iterable[Problem]:
        ids = [window.id for window in self.windows()]
        for name in sorted({name for name in ids if ids.count(name) > 1}):
            yield Problem(f"Duplicate condition with id [{name}]", "conditions")

    @property
    def is_unbounded(self) -> bool:
        """Whether every execution of every flow starts it."""
        return not self.conditions and self.preconditions is None and self.depends_on is None and self.when is None

    def windows(self) -> Iterator[Preconditions | MultipleCondition]:
        """Those of its conditions that remember what was met before: each has `id`, `span` and `met_by`."""
        yield from (condition for condition in self.conditions if isinstance(condition, MultipleCondition))
        if self.preconditions is not None:
            yield self.preconditions
        if self.depends_on is not None:
            yield self._dependencies()

    def _dependencies(self) -> Preconditions:
        given = {"flows": self.depends_on} if isinstance(self.depends_on, list) else self.depends_on or {}
        known = {key: value for key, value in given.items() if key in _PRECONDITIONS}
        return Preconditions.model_validate({"id": "dependsOn", **known})

    def reacts_to(self, state: State) -> bool:
        """Whether a change to that state is looked at at all. CREATED never is."""
        if state is State.CREATED:
            return False
        return state in (self.states or _DEFAULT_STATES)

    def accepts(self, facts: ConditionFacts) -> bool:
        """Whether the conditions that look at this execution alone hold: state, own flow, all but the windows.

        Raises PluginError when one cannot be decided.
        """
        execution = facts.execution or {}
        is_own = all(execution.get(there) == facts.flow.get(here) for there, here in _SAME_FLOW)
        if is_own or not self.reacts_to(State(execution["state"])):
            return False
        if self.when is not None and not is_true(facts.render(self.when)):
            return False
        return all(condition.holds(facts) for condition in self.conditions if not _remembers(condition))


def needed_by(window: Preconditions | MultipleCondition) -> frozenset[str]:
    """The names of everything a window waits for."""
    return frozenset(window.conditions) if isinstance(window, MultipleCondition) else window.needed


def flow_trigger_variables(execution: Mapping[str, Any]) -> dict[str, Any]:
    """`trigger` as the flow that starts sees it, from the execution that made it start."""
    return {
        "executionId": execution.get("id"),
        "namespace": execution.get("namespace"),
        "flowId": execution.get("flowId"),
        "flowRevision": execution.get("flowRevision"),
        "state": execution.get("state"),
        "outputs": execution.get("outputs") or {},
    }


_PRECONDITIONS = frozenset({"id", "description", "flows", "where", "timeWindow", "resetOnSuccess"})
_DEFAULT_STATES = TERMINAL
_SAME_FLOW = (("namespace", "namespace"), ("flowId", "id"))


def _remembers(condition: Condition) -> bool:
    return isinstance(condition, MultipleCondition)
