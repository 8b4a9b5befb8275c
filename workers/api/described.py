"""What the endpoints of the fleet take and give, for the API's description."""

from __future__ import annotations

from functools import partial

from control_plane.kernel.api.answers import PagedResults
from control_plane.kernel.api.schema import FILTERS, NOTHING, PAGED, describe
from workers.api import answers
from workers.api.bodies import GroupBody, GroupUpdate, TokenBody
from workers.api.groups import WorkerGroupsView
from workers.api.instance import ServicesView
from workers.api.selectors import SelectorsView

describe(ServicesView.search, query=PAGED, answer=PagedResults[answers.Service])
describe(ServicesView.active, answer=answers.ActiveServices)
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
