"""Flow: an execution after the executions of other flows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from pydantic import Field

from plugins.conditions.facts import Facts
from plugins.conditions.multiple_condition import MultipleCondition
from plugins.contracts import Condition, Problem, State, Trigger
from plugins.contracts.outputs import Outputs, moment, record, text, whole
from plugins.contracts.truth import is_true
from plugins.triggers.dependencies import Dependencies, Dependency, Mode, Window
from plugins.triggers.preconditions import Preconditions

DEFAULT_STATES = (
    State.SUCCESS,
    State.WARNING,
    State.FAILED,
    State.KILLED,
    State.CANCELLED,
    State.RETRIED,
    State.SKIPPED,
    State.RESUBMITTED,
    State.PAUSED,
)


class Flow(Trigger):
    """Start an execution when one of another flow comes into one of `states` (those that end it, and PAUSED).

    `dependsOn` names other flows; `mode` says how many of them must have run within the `window`. `inputs` are
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
    dependsOn:
      - namespace: company.team
        flowId: extract
        states: [SUCCESS]
    window:
      every: P1D
""",
    )

    states: list[State] = Field(default=list(DEFAULT_STATES))
    """The states that count."""
    depends_on: list[Dependency] = Field(default_factory=list)
    """Other flows whose executions must have come into their states."""
    mode: Mode = "ALL"
    """How many of `dependsOn` must be met: all, any, or at least `minSatisfied`."""
    min_satisfied: int | None = Field(default=None, gt=0)
    """How many are enough with `mode: AT_LEAST`."""
    window: Window | None = None
    """Within which time they must be met."""
    preconditions: Preconditions | None = Field(default=None, json_schema_extra={"deprecated": True})
    """What must have happened, in the words of the generation before. Use `dependsOn` and `window`."""

    def problems(self) -> Iterable[Problem]:
        if self.mode == "AT_LEAST" and self.min_satisfied is None:
            yield Problem("must not be null with mode `AT_LEAST`", "minSatisfied")
        ids = [window.id for window in self.windows()]
        for name in sorted({name for name in ids if ids.count(name) > 1}):
            yield Problem(f"Duplicate condition with id [{name}]", "conditions")

    @property
    def is_unbounded(self) -> bool:
        """Whether every execution of every flow starts it."""
        return not self.conditions and self.preconditions is None and not self.depends_on and self.when is None

    def windows(self) -> Iterator[Remembering]:
        """Those of its conditions that remember what was met before: each has `id`, `span` and `met_by`."""
        yield from (condition for condition in self.conditions if isinstance(condition, MultipleCondition))
        if self.preconditions is not None:
            yield self.preconditions
        if self.depends_on:
            yield Dependencies(
                dependencies=self.depends_on, window=self.window, mode=self.mode, min_satisfied=self.min_satisfied
            )

    def reacts_to(self, state: State) -> bool:
        """Whether a change to that state is looked at at all. CREATED never is."""
        if state is State.CREATED:
            return False
        return state in (self.states or DEFAULT_STATES)

    def accepts(self, facts: Facts) -> bool:
        """Whether the conditions that look at this execution alone hold: state, own flow, all but the windows.

        Raises PluginError when one cannot be decided.
        """
        return self.listens_to(facts) and self.when_holds(facts) and self.conditions_hold(facts)

    def listens_to(self, facts: Facts) -> bool:
        """Whether the execution is of another flow, one of those it depends on if it names any, and in a state that
        counts."""
        execution = facts.execution or {}
        is_own = all(execution.get(there) == facts.flow.get(here) for there, here in _SAME_FLOW)
        if is_own or not self.reacts_to(State(execution["state"])):
            return False
        return not self.depends_on or any(each.is_about(execution) for each in self.depends_on)

    def when_holds(self, facts: Facts) -> bool:
        """`when` sees the other execution, its flow and its labels: nothing yet of what it would start."""
        return self.when is None or is_true(facts.within(SEEN_BY_WHEN).render(self.when))

    def conditions_hold(self, facts: Facts) -> bool:
        return all(condition.holds(facts) for condition in self.conditions if not _remembers(condition))


Remembering = Preconditions | MultipleCondition | Dependencies
"""What remembers within a window what was met before: each has `id`, `span` and `met_by`."""


def needed_by(window: Remembering) -> frozenset[str]:
    """The names of everything a window waits for."""
    return frozenset(window.conditions) if isinstance(window, MultipleCondition) else window.needed


def least_of(window: Remembering) -> int:
    """How many of what it waits for are enough."""
    return window.least if isinstance(window, Dependencies) else len(needed_by(window))


def is_complete(window: Remembering, met: Iterable[str]) -> bool:
    """Whether what was met is enough."""
    return len(needed_by(window) & set(met)) >= least_of(window)


def flow_trigger_variables(execution: Mapping[str, Any]) -> dict[str, Any]:
    """`trigger` as the flow that starts sees it, from the execution that made it start; what it lacks is left out."""
    more = {name: execution[name] for name in _MORE if execution.get(name) is not None}
    return {
        **more,
        "executionLabels": execution.get("labels") or {},
        "executionId": execution.get("id"),
        "namespace": execution.get("namespace"),
        "flowId": execution.get("flowId"),
        "flowRevision": execution.get("flowRevision"),
        "state": execution.get("state"),
        **({"outputs": execution["outputs"]} if execution.get("outputs") else {}),
    }


SEEN_BY_WHEN = frozenset({"flow", "execution", "labels", "envs", "globals", "namespace", "kestra"})
_MORE = ("startDate", "endDate", "lastTaskId", "firstFailedTaskId")
_SAME_FLOW = (("namespace", "namespace"), ("flowId", "id"))


def _remembers(condition: Condition) -> bool:
    return isinstance(condition, MultipleCondition)
