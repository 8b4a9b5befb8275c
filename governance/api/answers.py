"""What an operator lays over everything, as the API's description names it."""

from __future__ import annotations

from typing import Literal, NotRequired

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
