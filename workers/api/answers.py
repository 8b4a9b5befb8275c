"""The fleet as the API's description names it."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from control_plane.kernel.api.answers import Moment

ServiceType = Literal["SCHEDULER", "WEBSERVER", "WORKER"]
ServiceState = Literal["RUNNING", "DISCONNECTED", "TERMINATING", "TERMINATED_GRACEFULLY"]


class Server(TypedDict):
    """The machine a process runs on."""

    id: str
    type: Literal["SERVER"]
    version: str
    hostname: str


class Service(TypedDict):
    """A process of the instance."""

    id: str
    type: ServiceType
    state: ServiceState
    server: Server
    createdAt: Moment
    updatedAt: Moment


class MetricTag(TypedDict):
    key: str
    value: str


class ServiceMetric(TypedDict):
    """A figure that a process says of itself."""

    name: str
    type: str
    description: str
    baseUnit: str
    tags: list[MetricTag]
    value: float


class ServiceEvent(TypedDict):
    ts: Moment
    value: str
    type: str
    state: ServiceState


class ServerInstance(Server):
    props: dict[str, Any]
    metrics: list[ServiceMetric]


class ServiceInstance(TypedDict):
    """A process of the instance, on its own."""

    id: str
    type: ServiceType
    state: ServiceState
    server: ServerInstance
    createdAt: Moment
    updatedAt: Moment
    metrics: list[ServiceMetric]
    events: list[ServiceEvent]
    props: dict[str, Any]


class ActiveService(TypedDict):
    type: ServiceType
    total: int


class ActiveServices(TypedDict):
    """How many processes of each kind live."""

    total: int
    services: list[ActiveService]


class WorkerSelectorTags(TypedDict):
    """What a flow may name to choose its workers."""

    tags: list[str]


class WorkerQueueSummary(TypedDict):
    id: str
    name: str
    tags: list[str]
    allowedTenants: list[str]


class WorkerSubscription(TypedDict):
    queue: WorkerQueueSummary
    reservedPercent: int
    mode: Literal["STRICT", "ELASTIC"]


class WorkerGroupToken(TypedDict):
    """A token of a worker group, without its text."""

    uid: str
    name: str
    description: str
    tokenPrefix: str
    createdAt: Moment
    expiresAt: NotRequired[Moment]
    useCount: int
    revoked: bool
    valid: bool


class WorkerGroup(TypedDict):
    """A named pool of workers."""

    id: str
    name: str
    description: str
    subscriptions: list[WorkerSubscription]
    tokens: list[WorkerGroupToken]
    deletable: bool
    createdAt: Moment
    updatedAt: Moment


class WorkerGroups(TypedDict):
    workerGroups: list[WorkerGroup]


class NewWorkerGroupToken(TypedDict):
    """The only time that the text of a token is told."""

    token: str
    details: WorkerGroupToken


class WorkerCapacity(TypedDict):
    pending: int
    running: int
    max: int
    endedRate: float


class GroupWorker(TypedDict):
    """A worker that is heard."""

    workerId: str
    workerName: str
    credentialId: str
    tokenUid: str
    state: str
    createdAt: Moment
    updatedAt: Moment
    registeredAt: Moment
    capacity: WorkerCapacity


class GroupWorkers(TypedDict):
    workers: list[GroupWorker]


class SubscriptionCapacity(TypedDict):
    workerQueueId: str
    allocated: int
    used: int


class SharedCapacity(TypedDict):
    allocated: int
    used: int


class GroupCapacity(TypedDict):
    """How many slots a group has, and how many of them are busy."""

    workerGroupId: str
    totalAllocated: int
    totalUsed: int
    totalInflight: int
    subscriptions: list[SubscriptionCapacity]
    shared: SharedCapacity
    totalEndedRate: float
    snapshotAt: Moment


class WorkerQueue(TypedDict):
    """A line of jobs that flows choose by its tags."""

    id: str
    name: str
    description: str
    tags: list[str]
    allowedTenants: list[str]


class WorkerQueueItem(WorkerQueue):
    activeWorkers: int


class WorkerQueues(TypedDict):
    workerQueues: list[WorkerQueueItem]


class WorkerQueueDetails(WorkerQueue):
    workers: list[ServiceInstance]


class SubscribingGroup(TypedDict):
    id: str
    name: str


class WorkerQueueSubscribers(TypedDict):
    groups: list[SubscribingGroup]


class WorkerCredential(TypedDict):
    """A worker that has joined."""

    id: str
    workerId: str
    workerName: str
    tokenUid: str
    createdAt: Moment
    lastSeenAt: Moment


class WorkerCredentials(TypedDict):
    workers: list[WorkerCredential]


class FleetLine(TypedDict):
    """How a group, or a queue, stands. What waits in a queue of several groups is counted with each of them."""

    id: str
    name: str
    workers: int
    slots: int
    running: int
    waiting: int
    endedRate: float
    oldestWaitSeconds: NotRequired[float]


class FleetGroup(FleetLine):
    queues: list[str]


class FleetQueue(FleetLine):
    tags: list[str]
    allowedTenants: list[str]
    groups: list[str]


class FleetOverview(TypedDict):
    groups: list[FleetGroup]
    queues: list[FleetQueue]
    unrouted: int
    """Jobs whose tags no queue has."""
