"""What people do to triggers over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest

from audit.models import AuditEntry
from control_plane.kernel.scope import tenant_scope
from tests.cast import ACME, Cast
from tests.executions.ground import FakeWorker, save
from tests.triggers.ground import NOON, Timed, dates_of, executions_of, timed_flow, trigger_of
from triggers.models import Trigger

pytestmark = pytest.mark.django_db

URL = "/api/v1/acme/triggers"
NAME = {"namespace": "prod.data", "flowId": "timed", "triggerId": "clock"}


def ask(people: Cast, method: str, address: str, body: Any = None, status: int = 200) -> Any:
    answer = people.olga.client.generic(method, f"{URL}/{address}", _json(body), content_type="application/json")
    assert answer.status_code == status, (answer.status_code, answer.content)
    return answer.json() if status != 204 and "json" in answer.headers["Content-Type"] else answer


def _json(body: Any) -> str:
    return json.dumps(body) if body is not None else ""


def backfill(start: str, end: str | None, **more: Any) -> dict[str, Any]:
    return {**NAME, "backfill": {"start": start, "end": end, **more}}


@pytest.fixture
def flow(people: Cast) -> Cast:
    save(people, timed_flow())
    return people


def test_search_shows_the_trigger_and_how_it_stands(flow: Cast) -> None:
    found = ask(flow, "GET", "search?filters[namespace][EQUALS]=prod.data")
    assert found["total"] == 1
    (row,) = found["results"]
    assert row["trigger"]["cron"] == "*/10 * * * *"
    assert {name: row["state"][name] for name in NAME} == NAME
    assert (row["state"]["disabled"], row["state"]["locked"], row["state"]["kind"]) == (False, False, "SCHEDULE")
    assert row["state"]["nextEvaluationDate"]
    (state,) = ask(flow, "GET", "prod.data/timed")["results"]
    assert state == row["state"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("filters[triggerId][CONTAINS]=loc", 1),
        ("filters[flowId][EQUALS]=other", 0),
        ("filters[locked][EQUALS]=true", 0),
        ("filters[triggerState][EQUALS]=ENABLED", 1),
        ("filters[triggerState][EQUALS]=DISABLED", 0),
        ("filters[nextExecutionDate][GREATER_THAN]=2020-01-01T00:00:00Z", 1),
        ("filters[lastTriggeredDate][GREATER_THAN]=2020-01-01T00:00:00Z", 0),
        ("dateFilter=NEXT_EXECUTION_DATE&filters[startDate][GREATER_THAN_OR_EQUAL_TO]=2020-01-01T00:00:00Z", 1),
        ("filters[startDate][GREATER_THAN_OR_EQUAL_TO]=2020-01-01T00:00:00Z", 0),
        ("q=timed", 1),
        ("sort=nextExecutionDate:desc", 1),
    ],
)
def test_the_list_is_narrowed(flow: Cast, query: str, count: int) -> None:
    assert ask(flow, "GET", f"search?{query}")["total"] == count


def test_it_is_disabled_and_enabled_again_with_a_date_to_come(flow: Cast) -> None:
    assert ask(flow, "PUT", "set-disabled", {**NAME, "disabled": True})["disabled"] is True
    assert trigger_of().due_at is None
    assert ask(flow, "PUT", "set-disabled", {**NAME, "disabled": False})["disabled"] is False
    assert trigger_of().due_at == trigger_of().next_at
    with tenant_scope(ACME):
        entries = AuditEntry.objects.filter(resource="TRIGGER").order_by("seq")
        told = [json.loads(entry.body)["detail"]["verb"] for entry in entries]
    assert told == ["disable", "enable"]


def test_one_that_is_disabled_in_its_flow_is_not_enabled_here(people: Cast) -> None:
    save(people, timed_flow(more="cron: '* * * * *'\n    disabled: true"))
    answer = ask(people, "PUT", "set-disabled", {**NAME, "disabled": False}, status=409)
    assert "disabled in its flow" in answer["message"]


def test_only_a_trigger_that_waits_can_be_unlocked(flow: Cast, timed: Timed) -> None:
    ask(flow, "POST", "prod.data/timed/clock/unlock", status=409)
    timed.begin(NOON)
    timed.look()
    state = ask(flow, "GET", "prod.data/timed")["results"][0]
    assert state["locked"] is True
    assert state["executionId"] == executions_of()[0].id
    assert ask(flow, "POST", "prod.data/timed/clock/unlock")["locked"] is False
    timed.clock.move(minutes=10)
    timed.look()
    assert len(executions_of()) == 2


def test_deleting_resets_it_to_what_its_flow_says(flow: Cast) -> None:
    ask(flow, "PUT", "set-disabled", {**NAME, "disabled": True})
    ask(flow, "DELETE", "prod.data/timed/clock", status=204)
    row = trigger_of()
    assert (row.is_disabled, row.fired_at) == (False, None)
    assert row.due_at is not None


def test_a_restart_looks_anew_and_an_unknown_one_is_not_there(flow: Cast) -> None:
    with tenant_scope(ACME):
        Trigger.objects.update(problem="broken", due_at=None, next_at=None)
    assert "problem" not in ask(flow, "POST", "prod.data/timed/clock/restart")
    assert trigger_of().due_at is not None
    ask(flow, "POST", "prod.data/timed/nobody/restart", status=404)


def test_a_backfill_runs_its_dates_and_gives_the_date_back(flow: Cast, timed: Timed) -> None:
    timed.begin(NOON)
    labels = [{"key": "reason", "value": "outage"}]
    state = ask(flow, "PUT", "backfill/create", backfill("2025-01-01T09:00:00Z", "2025-01-01T09:20:00Z", labels=labels))
    assert state["backfill"]["currentDate"] == "2025-01-01T09:00:00Z"
    assert state["backfill"]["labels"] == labels
    for _ in range(4):
        timed.clock.now = NOON.replace(hour=11)
        with tenant_scope(ACME):
            Trigger.objects.filter(due_at__isnull=False, backfill__isnull=False).update(due_at=timed.clock.now)
        timed.look()
        FakeWorker().work_off()
    assert dates_of() == ["09:00", "09:10", "09:20"]
    assert all(each.labels["reason"] == "outage" for each in executions_of())
    row = trigger_of()
    assert (row.backfill, row.next_at) == (None, NOON)


def test_a_backfill_is_paused_resumed_and_deleted(flow: Cast, timed: Timed) -> None:
    ask(flow, "PUT", "backfill/create", backfill("2025-01-01T09:00:00Z", "2025-01-01T09:20:00Z"))
    assert ask(flow, "PUT", "backfill/pause", NAME)["backfill"]["paused"] is True
    ask(flow, "PUT", "backfill/pause", NAME, status=409)
    timed.clock.now = trigger_of().updated_at
    timed.look()
    assert executions_of() == []
    assert ask(flow, "PUT", "backfill/unpause", NAME)["backfill"]["paused"] is False
    assert "backfill" not in ask(flow, "POST", "backfill/delete", NAME)
    ask(flow, "POST", "backfill/delete", NAME, status=409)
    assert trigger_of().next_at is not None


@pytest.mark.parametrize(
    ("start", "end", "word"),
    [
        ("2025-01-02T00:00:00Z", "2025-01-01T00:00:00Z", "before the end"),
        ("2025-01-01T00:01:00Z", "2025-01-01T00:02:00Z", "no date"),
        ("1990-01-01T00:00:00Z", "2025-01-01T00:00:00Z", "more than 50000 dates"),
        ("yesterday", None, "start"),
    ],
)
def test_a_backfill_that_cannot_be_is_refused_whole(flow: Cast, start: str, end: str | None, word: str) -> None:
    answer = ask(flow, "PUT", "backfill/create", backfill(start, end), status=422)
    assert word in str(answer)
    assert trigger_of().backfill is None


def test_inputs_of_a_backfill_are_tried_before_it_begins(people: Cast) -> None:
    save(people, timed_flow(flow="inputs:\n  - {id: n, type: INT}", more="cron: '0 * * * *'\n    inputs: {n: 1}"))
    wrong = backfill("2025-01-01T00:00:00Z", "2025-01-01T03:00:00Z", inputs={"n": "many"})
    assert "n" in ask(people, "PUT", "backfill/create", wrong, status=422)["message"]
    assert trigger_of().backfill is None


def test_many_are_acted_on_by_name_and_by_query(people: Cast) -> None:
    for number in range(3):
        save(people, timed_flow(f"timed{number}"))
    names = [{**NAME, "flowId": f"timed{number}"} for number in range(2)]
    done = ask(people, "POST", "set-disabled/by-triggers", {"triggers": names, "disabled": True})
    assert done["totalItems"] == 2
    assert ask(people, "GET", "search?filters[triggerState][EQUALS]=DISABLED")["total"] == 2
    ask(people, "POST", "set-disabled/by-query?disabled=false&filters[flowId][EQUALS]=timed0")
    assert ask(people, "GET", "search?filters[triggerState][EQUALS]=DISABLED")["total"] == 1
    body = {"filters": [{"field": "FLOW_ID", "operation": "EQUALS", "value": "timed1"}]}
    assert ask(people, "DELETE", "delete/by-query", body)["totalItems"] == 1
    assert ask(people, "GET", "search?filters[triggerState][EQUALS]=DISABLED")["total"] == 0


def test_an_unknown_one_among_many_refuses_all(flow: Cast) -> None:
    names = [NAME, {**NAME, "triggerId": "nobody"}]
    answer = ask(flow, "POST", "set-disabled/by-triggers", {"triggers": names, "disabled": True}, status=400)
    assert "prod.data.timed.nobody" in str(answer)
    assert trigger_of().is_disabled is False


def test_a_viewer_looks_and_changes_nothing(flow: Cast) -> None:
    client = flow.vera.client
    assert client.get(f"{URL}/search").json()["total"] == 1
    assert client.post(f"{URL}/prod.data/timed/clock/unlock").status_code == 403
    assert flow.otto.client.get(f"{URL}/search").status_code == 404


def test_all_are_exported_as_csv(flow: Cast) -> None:
    answer = flow.olga.client.get(f"{URL}/export/by-query/csv")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]  # a stream
    assert text.splitlines()[1].startswith("prod.data,timed,clock,io.kestra.plugin.core.trigger.Schedule,false")
