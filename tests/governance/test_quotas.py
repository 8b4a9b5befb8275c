"""Quotas: the last place is nobody's twice, a window begins again, and everybody sees how far they are used up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
from django.db import connection, connections

from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import QuotaExceeded
from executions.maintenance.timers import fire_due_timers
from executions.services.starting import start_execution
from flows.model.errors import FlowInvalid
from governance.models import QuotaCount
from governance.quotas.enforcing import known
from governance.quotas.gauging import measure, release_waiting
from stores.storage.keys import execution_prefix, namespace_prefix
from stores.storage.place import storage
from tenants.models import Namespace, Tenant
from tests.cast import ACME, GLOBEX, Cast, make_cast
from tests.executions.ground import FakeWorker, lines_of, log_flow, row, save, start

pytestmark = pytest.mark.django_db
PATH = f"/api/v1/{ACME}/quota-limits"


@pytest.fixture(autouse=True)
def _nothing_is_known() -> None:
    known.forget()


def quota(limit: int, behavior: str = "CANCEL", duration: str | None = "PT1H", **more: Any) -> dict[str, Any]:
    return {"limit": limit, "behavior": behavior, **({"duration": duration} if duration else {}), **more}


def of_tenant(*quotas: Any, tenant: str = ACME, **settings: Any) -> None:
    with tenant_scope(tenant):
        Tenant.objects.filter(id=tenant).update(settings={"quotas": list(quotas), **settings})
    known.forget()


def of_namespace(name: str, *quotas: Any, **settings: Any) -> None:
    with tenant_scope(ACME):
        Namespace.objects.create(name=name, settings={"quotas": list(quotas), **settings})
    known.forget()


def states(people: Cast, times: int, flow_id: str = "hello") -> list[str]:
    return [row(start(people, flow_id).id).state for _ in range(times)]


def age(seconds: float) -> None:
    with tenant_scope(ACME), connection.cursor() as cursor:
        cursor.execute("UPDATE quota_count SET start = start - make_interval(secs => %s)", [seconds])


def gauges(people: Cast) -> list[dict[str, Any]]:
    answer = people.olga.client.get(PATH)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()
    return found


class TestExecutions:
    @pytest.mark.parametrize(("behavior", "state"), [("CANCEL", "CANCELLED"), ("FAIL", "FAILED")])
    def test_the_quota_of_a_flow_ends_what_is_too_much(self, people: Cast, behavior: str, state: str) -> None:
        save(people, log_flow() + f"\nquotas: [{{duration: PT1H, limit: 2, behavior: {behavior}}}]")
        assert states(people, 3) == ["RUNNING", "RUNNING", state]

    def test_the_log_says_why(self, people: Cast) -> None:
        save(people, log_flow() + "\nquotas: [{duration: PT1H, limit: 1, behavior: CANCEL}]")
        start(people)
        told = lines_of(start(people).id)
        assert told[-1][1] == "The quota of the flow `hello`, 1 executions in PT1H, is used up"

    def test_a_tenant_that_has_no_more_room_is_told_when_to_come_back(self, people: Cast) -> None:
        save(people, log_flow())
        of_tenant(quota(1, "FAIL"))
        start(people)
        with pytest.raises(QuotaExceeded):
            start(people)
        answer = people.olga.client.post(f"/api/v1/{ACME}/executions/prod.data/hello")
        assert answer.status_code == 429
        assert 3500 < int(answer.headers["Retry-After"]) <= 3600
        assert "the quota of the tenant" in answer.json()["message"].lower()

    def test_with_cancel_the_execution_is_there_and_cancelled(self, people: Cast) -> None:
        save(people, log_flow())
        of_tenant(quota(1))
        assert states(people, 2) == ["RUNNING", "CANCELLED"]

    def test_a_window_begins_again(self, people: Cast) -> None:
        save(people, log_flow())
        of_tenant(quota(1))
        assert states(people, 2) == ["RUNNING", "CANCELLED"]
        age(3601)
        assert states(people, 2) == ["RUNNING", "CANCELLED"]

    def test_a_namespace_counts_what_is_below_it_and_nothing_beside_it(self, people: Cast) -> None:
        of_namespace("prod", quota(1))
        save(people, log_flow())
        save(people, log_flow("other").replace("prod.data", "production"))
        assert states(people, 2) == ["RUNNING", "CANCELLED"]
        started = start_execution(people.olga.context(ACME), namespace="production", flow_id="other")
        assert row(started.id).state == "RUNNING"

    def test_what_one_quota_refuses_is_counted_in_no_other(self, people: Cast) -> None:
        save(people, log_flow())
        of_tenant(quota(5))
        of_namespace("prod", quota(1))
        states(people, 3)
        assert {each["limit"]: each["count"] for each in gauges(people)} == {5: 1, 1: 1}

    def test_one_tenant_uses_up_nothing_of_another(self, people: Cast) -> None:
        for tenant in (ACME, GLOBEX):
            save(people, log_flow(), tenant)
            of_tenant(quota(1), tenant=tenant)
        states(people, 2)
        assert row(start(people, tenant=GLOBEX).id, GLOBEX).state == "RUNNING"

    def test_what_it_cannot_be_is_refused_at_save(self, people: Cast) -> None:
        for said in (
            "limit: 0, duration: PT1H",
            "limit: 1",
            "limit: 1, duration: soon",
            "limit: 1, duration: PT1H, x: 1",
        ):
            with pytest.raises(FlowInvalid):
                save(people, log_flow() + f"\nquotas: [{{behavior: FAIL, {said}}}]")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("limit", [1, 3])
def test_racing_callers_never_share_the_last_place(db: None, limit: int) -> None:
    people = make_cast()
    save(people, log_flow())
    of_tenant(quota(limit))

    def begin(_: int) -> str:
        try:
            return start(people).id
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(begin, range(limit + 2)))
    assert sorted(row(each).state for each in ids) == ["CANCELLED"] * 2 + ["RUNNING"] * limit


class TestAtOnce:
    @pytest.mark.parametrize(("behavior", "state"), [("CANCEL", "CANCELLED"), ("QUEUE", "CREATED")])
    def test_a_tenant_runs_so_many_at_once(self, people: Cast, behavior: str, state: str) -> None:
        save(people, log_flow())
        of_tenant(concurrency={"limit": 1, "behavior": behavior})
        assert states(people, 2) == ["RUNNING", state]

    def test_with_fail_the_caller_is_told(self, people: Cast) -> None:
        save(people, log_flow())
        of_tenant(concurrency={"limit": 1, "behavior": "FAIL"})
        start(people)
        with pytest.raises(QuotaExceeded):
            start(people)

    def test_those_that_wait_begin_as_there_is_room_the_oldest_first(self, people: Cast) -> None:
        save(people, log_flow())
        of_namespace("prod", concurrency={"limit": 1, "behavior": "QUEUE"})
        first, second, third = (start(people).id for _ in range(3))
        release_waiting()
        fire_due_timers()
        assert [row(each).state for each in (first, second, third)] == ["RUNNING", "CREATED", "CREATED"]
        FakeWorker().work_off()
        release_waiting()
        fire_due_timers()
        assert [row(each).state for each in (first, second, third)] == ["SUCCESS", "RUNNING", "CREATED"]


class TestWhatIsMeasured:
    def test_log_lines_of_a_while(self, people: Cast) -> None:
        save(people, log_flow())
        of_tenant(quota(1, type="LOG_LINES"))
        assert states(people, 1) == ["RUNNING"]
        worker = FakeWorker()
        (job,) = worker.claim()
        worker.succeed(job, "one", "two")
        measure()
        assert states(people, 1) == ["CANCELLED"]

    def test_bytes_that_are_stored(self, people: Cast) -> None:
        save(people, log_flow())
        before = sum(stored.size for stored in storage().list(namespace_prefix(ACME, "prod")))
        of_namespace("prod", quota(before + 10, duration=None, type="STORAGE"))
        execution = start(people).id
        key = f"{execution_prefix(ACME, 'prod.data', 'hello', execution)}a.txt"
        storage().put(key, BytesIO(b"0123456789"))
        measure()
        assert states(people, 1) == ["CANCELLED"]
        (gauge,) = gauges(people)
        assert (gauge["type"], gauge["count"], gauge["namespace"]) == ("STORAGE", before + 10, "prod")


class TestGauges:
    def test_a_fresh_tenant_has_none(self, people: Cast) -> None:
        assert gauges(people) == []

    def test_each_is_shown_with_its_count(self, people: Cast) -> None:
        save(people, log_flow() + "\nquotas: [{duration: PT1M, limit: 9, behavior: FAIL}]")
        of_tenant(quota(5))
        states(people, 2)
        wide, narrow = gauges(people)
        assert (wide["id"], wide["count"], wide["limit"], wide["tenantId"]) == ("EXECUTIONS:PT1H", 2, 5, ACME)
        assert (narrow["flowId"], narrow["namespace"], narrow["count"]) == ("hello", "prod.data", 2)
        age(90)
        assert [each["count"] for each in gauges(people)] == [2, 0]

    def test_one_that_is_said_no_more_is_not_shown(self, people: Cast) -> None:
        save(people, log_flow())
        of_tenant(quota(5))
        start(people)
        of_tenant()
        assert gauges(people) == []

    def test_who_may_not_see_settings_sees_none(self, people: Cast) -> None:
        assert people.vera.client.get(PATH).status_code == 403
        assert people.otto.client.get(PATH).status_code == 404

    def test_counts_go_with_their_tenant(self, people: Cast) -> None:
        save(people, log_flow())
        of_tenant(quota(5))
        start(people)
        with tenant_scope(ACME):
            assert QuotaCount.objects.count() == 1
