"""What an operator lays over everything, as the API's description names it."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from control_plane.kernel.api.answers import Moment

BannerType = Literal["INFO", "WARNING", "ERROR"]
EvaluationType = Literal["PASS", "KILL", "CANCEL", "IGNORE"]


class Banner(TypedDict):
    """A message to everybody, or to the people of one tenant."""

    id: str
    message: str
    type: BannerType
    startDate: NotRequired[Moment]
    endDate: NotRequired[Moment]
    tenantId: NotRequired[str]
    active: bool


class KillSwitch(TypedDict):
    """What becomes of the executions of a scope."""

    id: str
    name: str
    description: NotRequired[str]
    evaluationType: EvaluationType
    tenantId: NotRequired[str]
    namespace: NotRequired[str]
    flowId: NotRequired[str]
    executionIds: NotRequired[list[str]]
    startDate: Moment
    endDate: NotRequired[Moment]
    enabled: bool
    deleted: bool


class Empty(TypedDict):
    """An object without anything in it."""


class ServiceStatus(TypedDict):
    total: int
    inMaintenance: int


class ServiceStatuses(TypedDict):
    EXECUTOR: NotRequired[ServiceStatus]
    SCHEDULER: NotRequired[ServiceStatus]
    WEBSERVER: NotRequired[ServiceStatus]
    WORKER: NotRequired[ServiceStatus]


class MaintenanceStatus(TypedDict):
    """`running`: jobs that workers still have in hand."""

    maintenance: bool
    ready: bool
    running: int
    services: ServiceStatuses


class Notification(TypedDict):
    """Something one person was told."""

    id: str
    userId: str
    tenantId: NotRequired[str]
    type: Literal["GENERIC"]
    title: str
    referenceId: NotRequired[str]
    current: NotRequired[int]
    total: NotRequired[int]
    read: bool
    createdDate: Moment
    updatedDate: Moment


class NotificationsSince(TypedDict):
    notifications: list[Notification]
    serverTime: Moment


class NotificationHistory(NotificationsSince):
    nextCursor: NotRequired[str]


class MarkedRead(TypedDict):
    updated: int


Enforcement = Literal["ACTIVE", "EVALUATE", "DISABLED", "REFERENCE"]
PolicyScope = Literal["STATIC", "INSTANCE", "TENANT", "NAMESPACE"]


class PolicyCondition(TypedDict):
    field: str
    operator: str
    value: NotRequired[Any]


@with_config(ConfigDict(extra="allow"))
class PolicyRule(TypedDict):
    """What else a rule says depends on its type."""

    type: str
    on: Literal["FLOW", "PLUGIN"]
    where: NotRequired[list[PolicyCondition]]


class PolicyTarget(TypedDict):
    tenants: NotRequired[list[str]]
    namespaces: NotRequired[list[str]]


class Policy(TypedDict):
    """Rules that change flows before they run, or say what they must be."""

    id: str
    displayName: NotRequired[str]
    description: NotRequired[str]
    enforcement: Enforcement
    target: NotRequired[PolicyTarget]
    rules: list[PolicyRule]
    source: NotRequired[str]
    deleted: bool


class PolicyRuleSummary(TypedDict):
    mutate: int
    validate: int


class PolicySummary(TypedDict):
    id: str
    displayName: NotRequired[str]
    description: NotRequired[str]
    scope: PolicyScope
    namespace: NotRequired[str]
    target: NotRequired[PolicyTarget]
    enforcement: Enforcement
    rules: PolicyRuleSummary


class PolicyMutation(TypedDict):
    action: Literal["ADDED", "REPLACED", "REMOVED"]
    target: str
    value: NotRequired[Any]
    previousValue: NotRequired[Any]
    policyId: str
    scope: PolicyScope


class PolicyViolation(TypedDict):
    severity: Literal["BLOCK", "WARN"]
    ruleType: str
    target: str
    message: str
    policyId: str
    scope: PolicyScope
    taskId: NotRequired[str]


class PolicyConflict(TypedDict):
    target: str
    addPolicyId: str
    addScope: PolicyScope
    deletePolicyId: str
    deleteScope: PolicyScope


class PolicyOutcome(TypedDict):
    mutations: list[PolicyMutation]
    violations: list[PolicyViolation]
    conflicts: list[PolicyConflict]


class PolicyPreview(PolicyOutcome):
    resolvedSource: str


class PolicyResource(TypedDict):
    kind: Literal["flow"]
    namespace: str
    id: str


class PolicyEvaluationResult(PolicyOutcome):
    resource: PolicyResource


class PolicyCounts(TypedDict):
    scanned: int
    mutated: int
    violating: int
    conflicting: int


class PolicyEvaluation(TypedDict):
    counts: PolicyCounts
    total: int
    results: list[PolicyEvaluationResult]


class PolicyImportError(TypedDict):
    document: str
    message: str


class PolicyImportResult(TypedDict):
    imported: int
    errors: list[PolicyImportError]


RetentionKind = Literal["EXECUTIONS", "LOGS", "METRICS", "FILES", "KV", "NAMESPACE_FILES"]


class RetentionRule(TypedDict):
    """What goes: what is older than that, and is all that is said of it besides."""

    olderThan: str
    states: NotRequired[list[str]]
    labels: NotRequired[dict[str, str]]
    levels: NotRequired[list[str]]
    expiredOnly: NotRequired[bool]
    keepVersions: NotRequired[int]


class RetentionPolicy(TypedDict):
    namespace: str
    rules: dict[RetentionKind, list[RetentionRule]]


class EffectiveRetention(TypedDict):
    """What holds for one kind, and whose word that is; "" is the tenant's."""

    kind: RetentionKind
    namespace: str
    rules: list[RetentionRule]


class RetentionRun(TypedDict):
    """How far one carrying out of the policies has come."""

    id: str
    namespace: str
    state: Literal["RUNNING", "DONE", "STOPPED", "FAILED"]
    startedBy: str
    startDate: Moment
    endDate: NotRequired[Moment]
    step: int
    steps: int
    kind: RetentionKind
    counts: dict[RetentionKind, int]
    expected: dict[RetentionKind, int]
    failure: NotRequired[str]


class Retention(TypedDict):
    """What is said in a place, what holds there, and the last runs."""

    namespace: str
    rules: NotRequired[dict[RetentionKind, list[RetentionRule]]]
    effective: list[EffectiveRetention]
    inherited: list[EffectiveRetention]
    """What would hold if nothing were said here."""
    runs: list[RetentionRun]


class RetentionPreviewLine(TypedDict):
    kind: RetentionKind
    namespace: str
    count: int
    oldest: NotRequired[Moment]
    bytes: int


class RetentionPreview(TypedDict):
    """What would go. Where it is not complete, there are files that were not looked at."""

    lines: list[RetentionPreviewLine]
    bytes: int
    complete: bool


class QuotaLimit(TypedDict):
    """How far a quota is used up since its time began."""

    tenantId: str
    namespace: NotRequired[str]
    flowId: NotRequired[str]
    id: str
    start: Moment
    count: int
    limit: int
    behavior: Literal["FAIL", "CANCEL", "QUEUE"]
    type: Literal["EXECUTIONS", "LOG_LINES", "STORAGE", "CONCURRENCY"]
    duration: NotRequired[str]
