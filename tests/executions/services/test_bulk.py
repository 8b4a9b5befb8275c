"""Acts on many executions: each item once, its failure its own, and how far it has come for all to see."""

from __future__ import annotations

import json
import threading
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEntry
from control_plane.kernel.scope import tenant_scope
from executions.maintenance.bulk import carry_on
from executions.models import BulkOperation, Execution
from executions.services import bulk
from iam.authorization.versions import move_tenant
from iam.models import Binding
from tests.cast import ACME, Cast, bind, make_person
from tests.executions.ground import FakeWorker, log_flow, row, save, start

pytestmark = pytest.mark.django_db
BASE = "/api/v1/acme/executions"


@pytest.fixture(autouse=True)
def nothing_at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not done with the request is what most of these tests are about."""
    if "at_once" not in request.fixturenames:
        monkeypatch.setattr(bulk, "AT_THE_START", 0)


def ended_executions(people: Cast, count: int) -> list[str]:
    """Executions that have ended, most of them copies."""
    save(people, log_flow())
    first = start(people).id
    FakeWorker().work_off()
    columns = [field.column for field in Execution._meta.concrete_fields if field.column != "id"]
    with tenant_scope(ACME), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO execution (id, {', '.join(columns)})"
            f" SELECT lpad(n::text, 22, '0'), {', '.join(columns)} FROM execution, generate_series(2, %s) AS n"
            " WHERE id = %s",
            [count, first],
        )
        return sorted(Execution.objects.values_list("pk", flat=True))


def begun(people: Cast, path: str, body: Any = None, status: int = 200) -> dict[str, Any]:
    ask = people.olga.client.delete if path.startswith("kill/") else people.olga.client.post
    answer = ask(f"{BASE}/{path}", body, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json()


def progress(people: Cast, operation: dict[str, Any]) -> dict[str, Any]:
    answer = people.olga.client.get(f"{BASE}/operations/{operation['operationId']}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def failing(monkeypatch: pytest.MonkeyPatch, verb: str, fail: Callable[[str], None]) -> None:
    """Let an act ask first, about each execution."""
    right, act = bulk._ACTS[verb]

    def wrapped(ctx: Any, execution_id: str, arguments: Any) -> object:
        done = act(ctx, execution_id, arguments)
        fail(execution_id)
        return done

    monkeypatch.setitem(bulk._ACTS, verb, (right, wrapped))


LABELS = [{"key": "team", "value": "x"}]
VERBS: dict[str, tuple[str, Any, Callable[[str], bool]]] = {
    "replay": ("replay/by-query", None, lambda each: True),
    "labels": ("labels/by-query", LABELS, lambda each: row(each).labels.get("team") == "x"),
    "change-status": ("change-status/by-query?newStatus=WARNING", None, lambda each: row(each).state == "WARNING"),
}


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_each_verb_is_done_to_all_that_was_found(people: Cast, verb: str) -> None:
    path, body, is_done = VERBS[verb]
    ids = ended_executions(people, 3)
    operation = begun(people, path, body)
    assert operation["totalItems"] == 3
    assert progress(people, operation)["doneItems"] == 0
    assert not carry_on()
    shown = progress(people, operation)
    assert (shown["state"], shown["doneItems"], shown["type"]) == ("ENDED", 3, verb)
    assert shown["failures"] == [] and all(is_done(each) for each in ids)
    with tenant_scope(ACME):
        assert Execution.objects.count() == (6 if verb == "replay" else 3)


def test_one_that_is_refused_or_breaks_stops_none_of_the_others(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = ended_executions(people, 5)

    def fail(execution_id: str) -> None:
        if execution_id == ids[1]:
            raise RuntimeError("a mistake of ours")

    failing(monkeypatch, "labels", fail)
    operation = begun(people, "labels/by-ids", {"executionsId": ids, "executionLabels": LABELS})
    people.olga.client.delete(f"{BASE}/{ids[3]}")
    assert not carry_on()
    shown = progress(people, operation)
    assert (shown["doneItems"], shown["failedItems"], shown["state"]) == (5, 2, "ENDED")
    reasons = {each["id"]: each["message"] for each in shown["failures"]}
    assert reasons[ids[1]] == "an internal error" and "not found" in reasons[ids[3]]
    assert [row(ids[number]).labels.get("team") for number in (0, 1, 2, 4)] == ["x", None, "x", "x"]


def test_a_process_that_dies_in_the_middle_does_no_item_twice(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = ended_executions(people, 4)
    died: list[str] = []

    def die(execution_id: str) -> None:
        if execution_id == ids[2] and not died:
            died.append(execution_id)
            raise KeyboardInterrupt

    failing(monkeypatch, "replay", die)
    operation = begun(people, "replay/by-ids", ids)
    with pytest.raises(KeyboardInterrupt):
        carry_on()
    assert progress(people, operation)["doneItems"] == 2
    with tenant_scope(ACME):
        assert Execution.objects.count() == 6  # what was begun of the third is not there
    assert not carry_on()
    with tenant_scope(ACME):
        assert Execution.objects.count() == 8
        told = AuditEntry.objects.filter(body__contains="replay_execution").count()
    assert told == 4


def test_two_that_carry_on_at_once_do_no_item_twice(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = ended_executions(people, 3)
    meanwhile: list[bool] = []

    def another(operation: BulkOperation) -> None:
        """Comes to the item that is being done here and now."""
        with tenant_scope(ACME):
            meanwhile.append(bulk._is_next(operation, operation.done))
        connection.close()

    def ask(execution_id: str) -> None:
        thread = threading.Thread(target=another, args=(BulkOperation.objects.get(),))
        thread.start()
        thread.join()

    failing(monkeypatch, "replay", ask)
    begun(people, "replay/by-ids", ids)
    assert not carry_on()
    assert meanwhile == [False, False, False]
    with tenant_scope(ACME):
        assert Execution.objects.count() == 6


def test_rights_that_were_lost_meanwhile_are_not_there(people: Cast) -> None:
    ids = ended_executions(people, 2)
    answer = people.eddie.client.post(
        f"{BASE}/labels/by-ids",
        json.dumps({"executionsId": ids, "executionLabels": LABELS}),
        content_type="application/json",
    )
    with tenant_scope(ACME):
        Binding.objects.filter(user_id=people.eddie.user.id).delete()
        move_tenant(ACME)
    carry_on()
    shown = progress(people, answer.json())
    assert shown["failedItems"] == 2
    assert all("team" not in row(each).labels for each in ids)


def test_how_far_it_has_come_is_told_to_who_asked_for_it(people: Cast) -> None:
    ids = ended_executions(people, 1)
    operation = begun(people, "replay/by-ids", ids)
    address = f"{BASE}/operations/{operation['operationId']}"
    assert people.olga.client.get(address).status_code == 200
    assert people.lena.client.get(address).status_code == 404
    assert people.otto.client.get(address.replace("acme", "globex")).status_code == 404
    assert people.olga.client.get(f"{BASE}/operations/nothing").status_code == 404


def test_ten_thousand_cost_bounded_memory_and_few_statements_each(people: Cast) -> None:
    ended_executions(people, 10_000)
    operation = begun(people, "labels/by-query", LABELS)
    assert operation["totalItems"] == 10_000
    carry_on()  # what is made once for all is there
    tracemalloc.start()
    with CaptureQueriesContext(connection) as asked:
        assert carry_on()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert progress(people, operation)["doneItems"] == 200
    assert peak < 8_000_000
    assert len(asked) / 100 < 16


@pytest.fixture
def at_once() -> None:
    """As it is outside of tests."""


def test_a_few_are_done_with_the_request_itself(people: Cast, at_once: None) -> None:
    ids = ended_executions(people, bulk.AT_THE_START + 2)
    operation = begun(people, "labels/by-ids", {"executionsId": ids, "executionLabels": LABELS})
    shown = progress(people, operation)
    assert (shown["doneItems"], shown["failures"]) == (bulk.AT_THE_START, [])
    assert sum(row(each).labels.get("team") == "x" for each in ids) == bulk.AT_THE_START
    assert not carry_on()
    assert progress(people, operation)["state"] == "ENDED"


def test_one_that_is_forced_runs_when_the_request_is_answered(people: Cast, at_once: None) -> None:
    save(people, log_flow() + "\nconcurrency: {limit: 1, behavior: QUEUE}")
    _, second = start(people).id, start(people).id
    assert row(second).state == "QUEUED"
    begun(people, "force-run/by-ids", [second])
    assert row(second).state == "RUNNING"


FITS_NOT_WHEN_ENDED = ["resume", "restart", "pause", "kill", "force-run", "unqueue"]


@pytest.mark.parametrize("verb", FITS_NOT_WHEN_ENDED)
def test_one_in_a_wrong_state_refuses_them_all_and_is_named(people: Cast, verb: str) -> None:
    ended, *_ = ended_executions(people, 1)
    waiting = start(people).id
    told = begun(people, f"{verb}/by-ids", [waiting, ended], status=400)
    assert told["invalids"][ended] == "is SUCCESS"
    assert ended in [each["path"] for each in told["_embedded"]["errors"]]
    assert row(waiting).state == "RUNNING"
    with tenant_scope(ACME):
        assert not BulkOperation.objects.exists()


@pytest.mark.parametrize("verb", FITS_NOT_WHEN_ENDED)
def test_a_query_finds_only_those_that_fit(people: Cast, verb: str) -> None:
    ended_executions(people, 2)
    assert begun(people, f"{verb}/by-query")["totalItems"] == 0


@pytest.mark.parametrize("verb", ["change-status?newStatus=WARNING", "labels"])
def test_what_only_ended_ones_take_is_refused_for_one_that_runs(people: Cast, verb: str) -> None:
    save(people, log_flow())
    running = start(people).id
    name, _, query = verb.partition("?")
    body: Any = {"executionsId": [running], "executionLabels": LABELS} if name == "labels" else [running]
    assert running in begun(people, f"{name}/by-ids?{query}", body, status=400)["invalids"]


def test_an_act_on_many_asks_for_the_verbs_own_right(people: Cast) -> None:
    """A Launcher may kill and not update: so it is in bulk as singly, also where nothing is found."""
    save(people, log_flow())
    execution = start(people).id
    launcher = make_person("lars@acme.test")
    bind(ACME, launcher, "Launcher")
    body = json.dumps([execution])

    refused = launcher.client.post(
        f"{BASE}/change-status/by-ids?newStatus=SUCCESS", body, content_type="application/json"
    )
    none = launcher.client.delete(f"{BASE}/kill/by-query?filters[flowId][EQUALS]=nothing")
    killed = launcher.client.delete(f"{BASE}/kill/by-ids", body, content_type="application/json")

    assert (refused.status_code, none.status_code, killed.status_code) == (403, 200, 200)
    assert killed.json()["totalItems"] == 1
