"""A flow revision made ready for the engine: every lookup an event needs, built once and never changed."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from executions.engine.control import Control, control_of
from flows.model.inputs.definitions import Output
from flows.model.inputs.forms import asked
from plugins.contracts import Property, Retry, RunnableTask, Task
from plugins.contracts.plans import EndingTask, ExecutableTask, FlowableTask, LoopTask
from plugins.contracts.worker_selectors import WantedWorkers, is_dynamic, wanted_workers

ROOT_BRANCHES = ("tasks", "errors", "finally", "afterExecution")
SIDE_BRANCHES = frozenset({"errors", "finally", "afterExecution", "onPause"})
MAY_HOLD_SECRETS = frozenset({"SECRET", "REUSABLE_INPUTS"})
"""Types of inputs that are stored encrypted; what a block of inputs holds is known at a start alone."""


class Kind(enum.Enum):
    RUNNABLE = "runnable"
    FLOWABLE = "flowable"
    DIRECTORY = "directory"
    CHILD = "child"
    TURNS = "turns"
    ENDING = "ending"


@dataclass(frozen=True, slots=True)
class Node:
    """A task where it stands in the flow. `retry`: its own, else of the nearest task around it, else the flow's."""

    task: Task
    kind: Kind
    parent: str | None
    branch: str
    position: int
    retry: Retry | None
    gate: Control
    control: Control
    question: Control
    branches: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    waits_for: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """For a graph: the lanes that must have ended before a lane opens."""
    is_inside_job: bool = False
    workers: WantedWorkers | None = None
    """Those it asks for, itself or by its flow; None too where an expression says it, which its gate renders."""

    @property
    def id(self) -> str:
        return self.task.id


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What expressions may read that is neither the flow's nor the execution's."""

    envs: Mapping[str, Any] = field(default_factory=dict)
    globals: Mapping[str, Any] = field(default_factory=dict)
    kestra: Mapping[str, Any] = field(default_factory=dict)
    namespace: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CompiledFlow:
    """Immutable; share it between threads and cache it by (tenant, namespace, id, revision).

    `max_losses`: after so many lost attempts a task run fails. `surroundings` may differ from call to call: replace it
    with `dataclasses.replace`, which copies nothing else.
    """

    flow: Any
    nodes: Mapping[str, Node]
    branches: Mapping[str, tuple[str, ...]]
    listeners: tuple[tuple[str, ...], ...] = ()
    assertions: Mapping[int, Control] = field(default_factory=dict)
    outputs: Control = field(default_factory=lambda: control_of({}))
    closed_inputs: frozenset[str] = frozenset()
    """Inputs stored encrypted: only a worker may render what touches them."""
    max_losses: int = 3
    message_limit: int | None = None
    """Bytes that an execution may hold in all (`executions.engine.message_size`)."""
    surroundings: Surroundings = field(default_factory=Surroundings)
    turns: Mapping[str, CompiledFlow] = field(default_factory=dict)
    """For each loop: what an execution of one of its turns runs."""
    around: Sequence[str] = ()
    """In a turn: the tasks of the executions around it."""
    workers: WantedWorkers | None = None
    """Those that the flow as a whole asks for."""
    changes_variables: bool = False
    """Whether a task may change the variables, so that what the flow says of them is not the last word."""

    def task(self, task_id: str) -> Task:
        """Raises KeyError. Knows the parts of a ForEachItem too."""
        return self.nodes[task_id].task

    def document(self, task_id: str) -> dict[str, Any]:
        """The task as a JSON document, plugin defaults applied, as a worker parses it."""
        # Tasks inside it are written as what they are, not as what the field that holds them declares.
        return self.task(task_id).model_dump(
            mode="json", by_alias=True, exclude_none=True, polymorphic_serialization=True
        )

    def ancestors(self, task_id: str) -> Iterator[Node]:
        """Nearest first."""
        node = self.nodes[task_id]
        while node.parent is not None:
            node = self.nodes[node.parent]
            yield node


def compile_flow(
    flow: Any,
    *,
    max_losses: int = 3,
    message_limit: int | None = None,
    surroundings: Surroundings | None = None,
    around: Sequence[str] = (),
    changes_variables: bool = False,
) -> CompiledFlow:
    """Build the lookups. Tasks that are disabled for good are left out: they leave no trace in an execution."""
    whole = _Said(flow.worker_group, flow.worker_selector)
    builder = _Builder(flow.retry, whole)
    branches = {name: builder.branch(_root_tasks(flow, name), None, name, flow.retry, False) for name in ROOT_BRANCHES}
    listeners = tuple(
        builder.branch(listener.tasks, None, "afterExecution", flow.retry, False)
        for listener in getattr(flow, "listeners", None) or ()
    )
    changes = changes_variables or any(node.task.CHANGES_VARIABLES for node in builder.nodes.values())
    return CompiledFlow(
        flow=flow,
        nodes=builder.nodes,
        changes_variables=changes,
        branches=branches,
        listeners=listeners,
        assertions=_assertions(flow),
        outputs=control_of({output.id: output.value for output in flow.outputs or ()}),
        closed_inputs=frozenset(
            each.id.split(".")[0] for each in asked(flow.inputs or ()) if each.type in MAY_HOLD_SECRETS
        ),
        max_losses=max_losses,
        message_limit=message_limit,
        surroundings=surroundings or Surroundings(),
        turns={
            node.id: compile_flow(
                _turn(flow, node),
                max_losses=max_losses,
                message_limit=message_limit,
                surroundings=surroundings,
                around=(*builder.nodes, *around),
                changes_variables=changes,
            )
            for node in builder.nodes.values()
            if node.kind is Kind.TURNS
        },
        around=around,
        workers=whole.workers,
    )


def _turn(flow: Any, node: Node) -> Any:
    """The flow as a turn of one of its loops runs it: the loop's tasks, and nothing that belongs to the whole."""
    loop = node.task
    assert isinstance(loop, LoopTask)
    return flow.model_copy(
        update={
            "tasks": loop.branches()["tasks"],
            "errors": loop.errors,
            "finally_": loop.finally_,
            "after_execution": [],
            "outputs": [Output.model_validate(output) for output in loop.turn_outputs()],
            "retry": node.retry,
            **_of_turn(loop, flow),
            "sla": [],
            "checks": [],
            "listeners": [],
            "triggers": [],
            "concurrency": None,
        }
    )


def _root_tasks(flow: Any, branch: str) -> Sequence[Task]:
    attribute = {"finally": "finally_", "afterExecution": "after_execution"}.get(branch, branch)
    return getattr(flow, attribute) or ()


def _assertions(flow: Any) -> dict[int, Control]:
    found = ((index, getattr(sla, "assert_", None)) for index, sla in enumerate(flow.sla or ()))
    return {index: control_of({"assert": source}) for index, source in found if source is not None}


@dataclass(frozen=True, slots=True)
class _Said:
    """What a task or a flow says of the workers it wants."""

    group: Mapping[str, Any] | None
    selector: Mapping[str, Any] | None

    @property
    def is_dynamic(self) -> bool:
        return is_dynamic(self.group) or is_dynamic(self.selector)

    @property
    def workers(self) -> WantedWorkers | None:
        return None if self.is_dynamic else wanted_workers(self.group, self.selector)


def _of_turn(loop: Task, flow: Any) -> dict[str, Any]:
    own = loop if loop.worker_group or loop.worker_selector else flow
    return {"worker_group": own.worker_group, "worker_selector": own.worker_selector}


class _Builder:
    def __init__(self, retry: Retry | None, whole: _Said) -> None:
        self.whole = whole
        self.nodes: dict[str, Node] = {}
        self.retry = retry

    def branch(
        self, tasks: Sequence[Task], parent: str | None, name: str, retry: Retry | None, inside: bool
    ) -> tuple[str, ...]:
        kept = [task for task in tasks if not _is_off(task)]
        for position, task in enumerate(kept):
            self._add(task, parent, name, position, task.retry or retry, inside)
        return tuple(task.id for task in kept)

    def _add(
        self, task: Task, parent: str | None, branch: str, position: int, retry: Retry | None, inside: bool
    ) -> None:
        kind = _kind(task)
        branches, waits = self._below(task, kind, retry)
        own = _Said(task.worker_group, task.worker_selector)
        said = own if own.group or own.selector else self.whole
        self.nodes[task.id] = Node(
            task=task,
            kind=kind,
            parent=parent,
            branch=branch,
            position=position,
            retry=retry,
            gate=_gate(task, said),
            control=control_of(task.control() if isinstance(task, FlowableTask | ExecutableTask | EndingTask) else {}),
            question=control_of(task.question() if isinstance(task, FlowableTask) else {}),
            branches=branches,
            waits_for=waits,
            is_inside_job=inside,
            workers=said.workers,
        )

    def _below(
        self, task: Task, kind: Kind, retry: Retry | None
    ) -> tuple[dict[str, tuple[str, ...]], dict[int, frozenset[int]]]:
        if not isinstance(task, FlowableTask) or kind is Kind.TURNS:
            return {}, {}
        inside = kind is Kind.DIRECTORY
        branches = {name: self.branch(tasks, task.id, name, retry, inside) for name, tasks in task.branches().items()}
        branches["errors"] = self.branch(task.errors, task.id, "errors", retry, False)
        branches["finally"] = self.branch(task.finally_, task.id, "finally", retry, False)
        branches["onPause"] = self.branch(task.when_paused(), task.id, "onPause", retry, False)
        return branches, _lane_order(task.depends_on(), branches.get("tasks", ()))


def _lane_order(depends_on: Mapping[str, Sequence[str]], ids: Sequence[str]) -> dict[int, frozenset[int]]:
    """Dependencies on tasks that are disabled count as met."""
    lanes = {task_id: lane for lane, task_id in enumerate(ids)}
    return {
        lanes[task_id]: frozenset(lanes[name] for name in names if name in lanes)
        for task_id, names in depends_on.items()
        if task_id in lanes
    }


def _kind(task: Task) -> Kind:
    if isinstance(task, ExecutableTask):
        return Kind.CHILD
    if isinstance(task, EndingTask):
        return Kind.ENDING
    if not isinstance(task, FlowableTask):
        return Kind.RUNNABLE
    if isinstance(task, LoopTask):
        return Kind.TURNS
    return Kind.DIRECTORY if task.IS_ONE_JOB else Kind.FLOWABLE


def _is_off(task: Task) -> bool:
    return _constant(task.disabled) in (True, "true")


def _constant(prop: Property[bool] | None) -> Any:
    return None if prop is None or prop.is_dynamic else prop.source


def _gate(task: Task, said: _Said) -> Control:
    """What must be known before the task may begin."""
    expressions: dict[str, Any] = {}
    if task.run_if is not None:
        expressions["runIf"] = task.run_if
    if task.disabled is not None and task.disabled.is_dynamic:
        expressions["disabled"] = task.disabled.source
    is_job = isinstance(task, RunnableTask) or (isinstance(task, FlowableTask) and task.IS_ONE_JOB)
    if is_job and task.timeout is not None and task.timeout.is_dynamic:
        expressions["timeout"] = task.timeout.source
    if is_job and said.is_dynamic:
        expressions["workers"] = {"group": said.group, "selector": said.selector}
    return control_of(expressions)
