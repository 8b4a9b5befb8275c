"""Flows, their topology and plugins as the API's description names them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from control_plane.kernel.api.answers import Label, Moment
from flows.model.inputs.definitions import INPUT_TYPES

# A part of a flow as its author wrote it: a plugin has properties of its own beside those that all have.
AS_WRITTEN = ConfigDict(extra="allow")
# What stands in such a part would take the same over.
WHOLE = ConfigDict()

InputType = Annotated[str, Field(json_schema_extra={"enum": list(INPUT_TYPES)})]


@with_config(AS_WRITTEN)
class Task(TypedDict):
    """A task as it was written."""

    id: str
    type: str
    version: NotRequired[str]
    description: NotRequired[str]
    runIf: NotRequired[str]
    allowFailure: NotRequired[bool]
    allowWarning: NotRequired[bool]
    logToFile: NotRequired[bool]


@with_config(AS_WRITTEN)
class Trigger(TypedDict):
    """A trigger as it was written."""

    id: str
    type: str
    version: NotRequired[str]
    description: NotRequired[str]
    disabled: NotRequired[bool]
    allowConcurrent: NotRequired[bool]


@with_config(WHOLE)
class DependsOn(TypedDict):
    inputs: NotRequired[list[str]]
    condition: NotRequired[str]


@with_config(AS_WRITTEN)
class Input(TypedDict):
    """An input as it was written; each type has properties of its own."""

    id: str
    type: InputType
    description: NotRequired[str]
    displayName: NotRequired[str]
    required: NotRequired[bool]
    defaults: NotRequired[Any]
    prefill: NotRequired[Any]
    dependsOn: NotRequired[DependsOn]


@with_config(AS_WRITTEN)
class Output(TypedDict):
    """What a flow hands on."""

    id: str
    type: InputType
    value: Any
    description: NotRequired[str]
    displayName: NotRequired[str]
    required: NotRequired[bool]


class FlowConcurrency(TypedDict):
    limit: int
    behavior: NotRequired[Literal["QUEUE", "CANCEL", "FAIL"]]


@with_config(AS_WRITTEN)
class Sla(TypedDict):
    id: str
    type: Literal["MAX_DURATION", "EXECUTION_ASSERTION"]
    behavior: Literal["FAIL", "CANCEL", "NONE"]


class Check(TypedDict):
    message: str
    when: NotRequired[str]
    condition: NotRequired[str]
    style: NotRequired[Literal["ERROR", "SUCCESS", "WARNING", "INFO"]]
    behavior: NotRequired[Literal["BLOCK_EXECUTION", "FAIL_EXECUTION", "CREATE_EXECUTION"]]


class PluginDefault(TypedDict):
    type: str
    forced: NotRequired[bool]
    values: dict[str, Any]


class Listener(TypedDict):
    description: NotRequired[str]
    conditions: NotRequired[list[dict[str, Any]]]
    tasks: list[Task]


class _AnyFlow(TypedDict):
    id: str
    namespace: str
    revision: int
    description: NotRequired[str]
    disabled: bool
    deleted: bool
    draft: bool
    labels: NotRequired[list[Label]]
    inputs: NotRequired[list[Input]]
    outputs: NotRequired[list[Output]]
    workerGroup: NotRequired[dict[str, Any]]
    workerSelector: NotRequired[dict[str, Any]]
    listeners: NotRequired[list[Listener]]
    concurrency: NotRequired[FlowConcurrency]
    retry: NotRequired[dict[str, Any]]
    sla: NotRequired[list[Sla]]
    checks: NotRequired[list[Check]]
    policyRefs: NotRequired[list[str]]


_Branches = TypedDict("_Branches", {"errors": NotRequired[list[Task]], "finally": NotRequired[list[Task]]})


class Flow(_AnyFlow, _Branches):
    """A flow as it was written, with its revision."""

    tenantId: str
    updated: Moment
    variables: NotRequired[dict[str, Any]]
    tasks: list[Task]
    afterExecution: NotRequired[list[Task]]
    triggers: NotRequired[list[Trigger]]
    pluginDefaults: NotRequired[list[PluginDefault]]
    taskDefaults: NotRequired[list[PluginDefault]]


class FlowWithSource(Flow):
    """The same with its text, where that was asked for."""

    source: NotRequired[str]


@with_config(AS_WRITTEN)
class TaskForExecution(TypedDict):
    """A task without what it does: its place in the flow alone."""

    id: str
    type: str


class TriggerForExecution(TypedDict):
    id: str
    type: str


_BranchesForExecution = TypedDict(
    "_BranchesForExecution",
    {"errors": NotRequired[list[TaskForExecution]], "finally": NotRequired[list[TaskForExecution]]},
)


class FlowForExecution(_AnyFlow, _BranchesForExecution):
    """A flow as those see it who may run it."""

    tasks: list[TaskForExecution]
    afterExecution: NotRequired[list[TaskForExecution]]
    triggers: NotRequired[list[TriggerForExecution]]


class SearchResult(TypedDict):
    """A flow whose source holds what was looked for, and where."""

    model: Flow
    fragments: list[str]


class TaskDeprecation(TypedDict):
    description: str


class FlowWithDeprecatedTasks(TypedDict):
    namespace: str
    flowId: str
    revision: int
    deprecatedTasks: list[TaskDeprecation]


class Violation(TypedDict):
    """What is wrong, and where in the text."""

    message: str
    path: NotRequired[str]
    line: NotRequired[int]
    column: NotRequired[int]


class UpgradeNote(TypedDict):
    """One thing an upgrade did or could not do, and the line it is about."""

    message: str
    line: int


class UpgradedFlow(TypedDict):
    """A flow in the forms of the present generation: what changed, what may run another way, what stays and why."""

    source: str
    changes: list[UpgradeNote]
    cautions: list[UpgradeNote]
    left: list[UpgradeNote]


class ValidateConstraintViolation(TypedDict):
    """A report about one document; without `constraints` it is about a valid one."""

    index: int
    namespace: NotRequired[str]
    flow: NotRequired[str]
    constraints: NotRequired[str]
    violations: NotRequired[list[Violation]]
    outdated: bool
    deprecationPaths: list[str]
    warnings: list[str]
    infos: list[str]


class GraphNode(TypedDict):
    """A point of a topology: a task, a trigger, or where a group begins and ends."""

    uid: str
    type: str
    branchType: NotRequired[Literal["ERROR", "FINALLY", "AFTER_EXECUTION"]]
    task: NotRequired[Task]
    triggerDeclaration: NotRequired[Trigger]


class GraphRelation(TypedDict):
    relationType: Literal["SEQUENTIAL", "CHOICE", "ERROR", "FINALLY", "AFTER_EXECUTION", "PARALLEL", "DYNAMIC"]
    value: NotRequired[str]


class GraphEdge(TypedDict):
    source: str
    target: str
    relation: GraphRelation


class GraphCluster(TypedDict):
    cluster: GraphNode
    nodes: list[str]
    parents: list[str]
    start: str
    end: str


class ExpressionCategories(TypedDict):
    """Expressions by what they are about; filters and functions by their names."""

    taskOutputs: list[str]
    executionContext: list[str]
    inputs: list[str]
    variables: list[str]
    secrets: list[str]
    kvPairs: list[str]
    namespaceFiles: list[str]
    filters: list[str]
    functions: list[str]
    appContext: list[str]


class ExpressionContext(TypedDict):
    categories: ExpressionCategories


class FlowGraph(TypedDict):
    nodes: list[GraphNode]
    edges: list[GraphEdge]
    clusters: list[GraphCluster]
    flowables: list[str]


class FlowNode(TypedDict):
    uid: str
    namespace: str
    id: str


class PebbleArgument(TypedDict):
    name: str
    defaultValue: NotRequired[str]


class PebbleFunction(TypedDict):
    """A function that expressions know."""

    name: str
    arguments: list[PebbleArgument]


class FlowTopologyEdge(TypedDict):
    source: str
    target: str
    relation: Literal["FLOW_TASK", "FLOW_TRIGGER"]


class FlowTopologyGraph(TypedDict):
    nodes: list[FlowNode]
    edges: list[FlowTopologyEdge]


class RenderedExpressions(TypedDict):
    rendered: dict[str, str]


class ReusableInputs(TypedDict):
    """A block of inputs that flows share."""

    namespace: str
    id: str
    description: NotRequired[str]
    inputs: list[Input]
    revision: int
    updated: Moment
    source: str


class SurroundingVariable(TypedDict):
    """A variable, and the namespace that gives it."""

    name: str
    value: Any
    namespace: str
    hiddenBy: NotRequired[str]


class SurroundingDefault(TypedDict):
    """Plugin defaults, and the namespace that gives them."""

    type: str
    forced: bool
    values: dict[str, Any]
    namespace: str


class Surroundings(TypedDict):
    """What holds in a namespace, its parents' gifts included, the nearest first."""

    variables: list[SurroundingVariable]
    pluginDefaults: list[SurroundingDefault]


class SecretUser(TypedDict):
    """A flow that names a secret."""

    namespace: str
    id: str


class SecretRead(TypedDict):
    """When a job read a secret last, and of which execution."""

    date: str
    executionId: str
    flow: str


class SecretUsage(TypedDict):
    """Who names a secret. `namespace` is where it is set; of one that is missing, that of a flow that names it."""

    key: str
    namespace: str
    state: Literal["used", "unused", "missing", "unknown"]
    flows: list[SecretUser]
    otherFlows: int
    settings: list[str]
    lastRead: NotRequired[SecretRead]
