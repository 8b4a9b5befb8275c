"""What the endpoints of the fleet take and give, for the API's description."""

from __future__ import annotations

from functools import partial

from control_plane.kernel.api.answers import PagedResults
from control_plane.kernel.api.schema import FILTERS, NOTHING, PAGED, describe
from workers.api import answers
from workers.api.bodies import GroupBody, GroupUpdate, QueueBody, ReservationBody, Subscription, TokenBody
from workers.api.credentials import WorkerCredentialsView
from workers.api.fleet import FleetView
from workers.api.groups import WorkerGroupsView
from workers.api.instance import ServicesView
from workers.api.queues import WorkerQueuesView
from workers.api.selectors import SelectorsView

describe(ServicesView.search, query=PAGED, answer=PagedResults[answers.Service])
describe(ServicesView.active, answer=answers.ActiveServices)
describe(ServicesView.metrics, answer=list[answers.ServiceMetric], names={"service_type": "serviceType"})
describe(ServicesView.show, answer=answers.ServiceInstance, names={"service_id": "id"})
describe(SelectorsView.tags, answer=answers.WorkerSelectorTags)

_of_group = partial(describe, names={"key": "id"})
describe(WorkerGroupsView.list, query=FILTERS, answer=answers.WorkerGroups)
describe(WorkerGroupsView.create, body=GroupBody, answer=answers.WorkerGroup)
_of_group(WorkerGroupsView.show, answer=answers.WorkerGroup)
_of_group(WorkerGroupsView.update, body=GroupUpdate, answer=answers.WorkerGroup)
_of_group(WorkerGroupsView.delete, query=(("force", bool),), answer=NOTHING, status=204)
_of_group(WorkerGroupsView.workers, answer=answers.GroupWorkers)
_of_group(WorkerGroupsView.capacity, answer=answers.GroupCapacity)

_of_token = partial(describe, names={"key": "id", "token_id": "tokenId"})
_of_group(WorkerGroupsView.create_token, body=TokenBody, answer=answers.NewWorkerGroupToken)
_of_token(WorkerGroupsView.revoke_token, answer=answers.WorkerGroup)
_of_token(WorkerGroupsView.delete_token, answer=dict[str, str])

_of_subscription = partial(describe, names={"key": "id", "queue_id": "workerQueueId"})
_of_group(WorkerGroupsView.subscribe, body=Subscription, answer=answers.WorkerGroup)
_of_subscription(WorkerGroupsView.reserve, body=ReservationBody, answer=answers.WorkerGroup)
_of_subscription(WorkerGroupsView.unsubscribe, answer=answers.WorkerGroup)

_of_queue = partial(describe, names={"queue_id": "id"})
describe(WorkerQueuesView.list, answer=answers.WorkerQueues)
describe(WorkerQueuesView.create, body=QueueBody, answer=answers.WorkerQueue)
_of_queue(WorkerQueuesView.show, answer=answers.WorkerQueueDetails)
_of_queue(WorkerQueuesView.update, body=QueueBody, answer=answers.WorkerQueue)
_of_queue(WorkerQueuesView.delete, answer=NOTHING, status=204)
_of_queue(WorkerQueuesView.subscribers, answer=answers.WorkerQueueSubscribers)

_of_worker = partial(describe, names={"worker_id": "id"})
describe(WorkerCredentialsView.list, answer=answers.WorkerCredentials)
_of_worker(WorkerCredentialsView.show, answer=answers.WorkerCredential)
_of_worker(WorkerCredentialsView.revoke, WorkerCredentialsView.drain, answer=answers.WorkerCredential)

describe(FleetView.overview, answer=answers.FleetOverview)
