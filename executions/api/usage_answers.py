"""Numbers of a tenant or an instance, as the API's description names them."""

from __future__ import annotations

from typing_extensions import TypedDict

from control_plane.kernel.api.answers import Moment


class TaskUsage(TypedDict):
    """How many tasks have a part."""

    hasRetryCount: int
    hasTimeoutCount: int
    hasWorkerSelectorCount: int
    hasAllowFailureCount: int
    hasLogToFileCount: int
    hasRunIfCount: int
    hasAllowWarningCount: int
    hasCacheCount: int
    hasAssetsCount: int
    hasErrorsCount: int
    hasFinallyCount: int


class TriggerUsage(TypedDict):
    """How many triggers have a part."""

    hasWhenCount: int
    hasWorkerSelectorCount: int
    hasLabelsCount: int
    hasStopAfterCount: int
    hasLogToFileCount: int
    hasFailOnErrorCount: int
    hasAllowConcurrentCount: int
    hasAssetsCount: int


class FlowUsage(TypedDict):
    """How many flows there are, of what they are made, and how many have a part."""

    count: int
    namespacesCount: int
    taskTypeCount: dict[str, int]
    triggerTypeCount: dict[str, int]
    taskRunnerTypeCount: dict[str, int]
    inputTypeCount: dict[str, int]
    hasInputsCount: int
    hasOutputsCount: int
    hasLabelsCount: int
    hasVariablesCount: int
    hasWorkerSelectorCount: int
    hasErrorsCount: int
    hasFinallyCount: int
    hasAfterExecutionCount: int
    hasTriggersCount: int
    hasConcurrencyCount: int
    hasRetryCount: int
    hasSlaCount: int
    hasChecksCount: int
    hasQuotasCount: int
    tasks: TaskUsage
    triggers: TriggerUsage


class DailyDuration(TypedDict):
    """How long the executions of a day took that have ended."""

    min: str
    avg: str
    max: str
    sum: str
    count: int


class DailyExecutions(TypedDict):
    startDate: Moment
    groupBy: str
    executionCounts: dict[str, int]
    duration: DailyDuration


class ExecutionUsage(TypedDict):
    dailyExecutionsCount: list[DailyExecutions]


class Counted(TypedDict):
    count: int


class UserUsage(TypedDict):
    """How many people there are, and how they sign in."""

    count: int
    apiKeyCount: int
    basicAuthCount: int
    oidcCount: int
    ldapAuthCount: int
    passwordlessCount: int


class Usage(TypedDict):
    """How much there is of everything, and how much runs."""

    flows: FlowUsage
    executions: ExecutionUsage
    groups: Counted
    users: UserUsage
    roles: Counted
    tenants: Counted
