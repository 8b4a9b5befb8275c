"""What the endpoints of triggers take and give, for the API's description."""

from __future__ import annotations

from typing import Literal

from control_plane.kernel.api.answers import PagedResults, QueryFilter
from control_plane.kernel.api.bodies import Body
from control_plane.kernel.api.schema import CSV, FILTERS, NOTHING, PAGE, PAGED, Parameter, describe
from executions.api.answers import AsyncOperation
from triggers.api import acts, answers, lists, many, webhooks
from triggers.api.bodies import CreateBackfill, DisableTrigger, SetDisabled, TriggerId

_SORTED = (*PAGE, ("sort", list[str]), ("q", str))


class ByFilters(Body):
    filters: list[QueryFilter] | None = None


describe(
    lists.search,
    query=(*PAGED, ("dateFilter", Literal["NEXT_EXECUTION_DATE", "LAST_TRIGGERED_DATE"])),
    answer=PagedResults[answers.ApiTriggerAndState],
)
describe(webhooks.by_webhook, webhooks.behind_a_webhook, answer=answers.WebhookResponse, names={"flow_id": "id"})
describe(lists.of_flow, query=_SORTED, answer=PagedResults[answers.ApiTriggerState])
describe(lists.export_csv, query=FILTERS, answer=CSV)
describe(acts.set_disabled, body=DisableTrigger, answer=answers.ApiTriggerState)
describe(acts.unlock, acts.restart, answer=answers.ApiTriggerState)
describe(acts.delete, answer=NOTHING, status=204)
describe(acts.forget, query=(Parameter("triggerId", str, is_required=True),), answer=NOTHING)
describe(acts.begin_backfill, body=CreateBackfill, answer=answers.ApiTriggerState)
describe(
    acts.pause_backfill,
    acts.unpause_backfill,
    acts.delete_backfill,
    body=TriggerId,
    answer=answers.ApiTriggerState,
)
describe(many.set_disabled_by_names, body=SetDisabled, answer=AsyncOperation)
describe(many.set_disabled_by_query, query=(*FILTERS, ("disabled", bool)), answer=AsyncOperation)
describe(many.delete_by_query, body=ByFilters, answer=AsyncOperation)


def many_acted(by_names: many.Handler, by_query: many.Handler | None = None) -> None:
    """The same for an act on many."""
    describe(by_names, body=list[TriggerId], answer=AsyncOperation)
    if by_query is not None:
        describe(by_query, query=FILTERS, answer=AsyncOperation)
