"""A kill switch stops, cancels, holds or lets pass; lifted, everything it held goes on."""

from __future__ import annotations

import json

import pytest

from audit.models import AuditEntry
from control_plane.kernel.scope import instance_scope, tenant_scope
from control_plane.kernel.words.clock import iso, now
from executions.maintenance.timers import fire_due_timers
from governance.in_force.gates import LABEL
from governance.in_force.snapshot import snapshot
from governance.kill_switches.enforcing import Enforcer
from governance.models import KillSwitch
from tests.cast import Cast
from tests.executions.ground import FakeWorker, lines_of, log_flow, row, save, start
from tests.governance.conftest import LONG_AGO, ask, lift, throw

pytestmark = pytest.mark.django_db
HERE = {"tenantId": "acme", "namespace": "prod"}
FLOW = {"tenantId": "acme", "namespace": "prod.data", "flowId": "hello"}
PAUSES = "id: pauses\nnamespace: prod.data\ntasks:\n  - {id: p, type: io.kestra.plugin.core.flow.Pause}\n"


@pytest.fixture(autouse=True)
def _a_flow(people: Cast) -> None:
    save(people, log_flow(tasks=2))


def state(execution_id: str) -> str:
    return row(execution_id).state


def settle(enforcer: Enforcer) -> None:
    enforcer.enforce()
    fire_due_timers()


class TestWhatWouldBegin:
    @pytest.mark.parametrize(("kind", "end"), [("KILL", "KILLED"), ("CANCEL", "CANCELLED")])
    @pytest.mark.parametrize("scope", [{}, {"tenantId": "acme"}, HERE, FLOW])
    def test_ends_at_once_with_the_switch_named(self, people: Cast, kind, end, scope) -> None:
        switch = throw(people, kind, description="bad data", **scope)
        execution = row(start(people).id)
        assert (execution.state, execution.labels[LABEL]) == (end, switch["id"])
        assert [step["state"] for step in execution.history] == ["CREATED", end]
        verb = {"KILL": "killed", "CANCEL": "cancelled"}[kind]
        assert lines_of(execution.id) == [(1, f"The execution is {verb} by the kill switch `outage`: bad data")]

    @pytest.mark.parametrize(
        "scope", [{"tenantId": "globex"}, {"tenantId": "acme", "namespace": "dev"}, {**FLOW, "flowId": "other"}]
    )
    def test_is_left_alone_outside_of_the_scope(self, people: Cast, scope) -> None:
        throw(people, "KILL", **scope)
        assert start(people).state == "RUNNING" or state(start(people).id) == "CREATED"

    def test_passes_where_a_narrower_switch_lets_it(self, people: Cast, enforcer: Enforcer) -> None:
        throw(people, "KILL", tenantId="acme")
        throw(people, "PASS", **FLOW)
        execution = start(people)
        settle(enforcer)
        FakeWorker().work_off()
        assert state(execution.id) == "SUCCESS"

    def test_is_stopped_by_no_switch_that_is_disabled_or_to_come(self, people: Cast) -> None:
        throw(people, "KILL", enabled=False)
        throw(people, "KILL", startDate="2200-01-01T00:00:00Z")
        throw(people, "KILL", endDate="2021-01-01T00:00:00Z")
        assert LABEL not in row(start(people).id).labels

    def test_is_held_by_ignore_and_begins_when_that_is_lifted(self, people: Cast, enforcer: Enforcer) -> None:
        switch = throw(people, "IGNORE", **HERE)
        execution = start(people)
        settle(enforcer)
        assert state(execution.id) == "CREATED"
        assert FakeWorker().work_off() == 0
        lift(people, switch)
        settle(enforcer)
        FakeWorker().work_off()
        assert state(execution.id) == "SUCCESS"


class TestWhatRuns:
    def test_is_told_of_as_if_a_person_did_it(self, people: Cast, enforcer: Enforcer) -> None:
        execution = start(people)
        switch = throw(people, "IGNORE", **FLOW)
        for _ in range(3):
            settle(enforcer)
        lift(people, switch)
        settle(enforcer)
        with tenant_scope("acme"):
            told = AuditEntry.objects.filter(object_id=execution.id, actor_kind="SYSTEM").order_by("seq")
            details = [json.loads(each.body)["detail"] for each in told]
        assert [each["act"] for each in details] == ["IGNORE", "RESUME"]
        assert {each["killSwitch"] for each in details} == {switch["id"]}

    def test_is_killed(self, people: Cast, enforcer: Enforcer) -> None:
        execution = start(people)
        switch = throw(people, "KILL", **FLOW)
        settle(enforcer)
        assert (state(execution.id), row(execution.id).labels[LABEL]) == ("KILLED", switch["id"])

    def test_is_cancelled_once_what_a_worker_has_in_hand_has_ended(self, people: Cast, enforcer: Enforcer) -> None:
        execution, worker = start(people), FakeWorker()
        (job,) = worker.claim()
        throw(people, "CANCEL", **FLOW)
        settle(enforcer)
        settle(enforcer)
        assert not row(execution.id).end_date
        worker.succeed(job)
        assert state(execution.id) == "CANCELLED"
        assert worker.work_off() == 0

    def test_is_paused_by_ignore_and_goes_on_when_that_is_lifted(self, people: Cast, enforcer: Enforcer) -> None:
        execution, worker = start(people), FakeWorker()
        (job,) = worker.claim()
        switch = throw(people, "IGNORE", **FLOW)
        settle(enforcer)
        worker.succeed(job)
        assert (state(execution.id), worker.work_off()) == ("PAUSED", 0)
        lift(people, switch)
        settle(enforcer)
        assert LABEL not in row(execution.id).labels
        worker.work_off()
        assert state(execution.id) == "SUCCESS"

    def test_that_waits_in_a_pause_of_its_own_waits_on_after_ignore(self, people: Cast, enforcer: Enforcer) -> None:
        save(people, PAUSES)
        execution = start(people, "pauses")
        switch = throw(people, "IGNORE", **HERE)
        settle(enforcer)
        lift(people, switch)
        settle(enforcer)
        assert state(execution.id) == "PAUSED"

    def test_is_reached_by_its_id_alone(self, people: Cast, enforcer: Enforcer) -> None:
        one, other = start(people), start(people)
        throw(people, "KILL", tenantId="acme", executionIds=[one.id])
        settle(enforcer)
        assert (state(one.id), row(other.id).end_date) == ("KILLED", None)

    def test_is_stopped_however_many_a_narrower_switch_lets_pass(
        self, people: Cast, enforcer: Enforcer, monkeypatch
    ) -> None:
        monkeypatch.setattr("governance.kill_switches.enforcing.AT_ONCE", 2)
        ids = sorted(start(people).id for _ in range(5))
        throw(people, "PASS", tenantId="acme", executionIds=ids[:4])
        throw(people, "KILL", **FLOW)
        settle(enforcer)
        assert [bool(row(each).end_date) for each in ids] == [False] * 4 + [True]

    def test_in_another_tenant_is_not_touched(self, people: Cast, enforcer: Enforcer) -> None:
        save(people, log_flow(), tenant="globex")
        theirs = start(people, tenant="globex")
        throw(people, "KILL", tenantId="acme")
        settle(enforcer)
        assert row(theirs.id, "globex").end_date is None

    def test_goes_on_when_the_switch_has_come_to_its_end(self, people: Cast, enforcer: Enforcer) -> None:
        execution, worker = start(people), FakeWorker()
        switch = throw(people, "IGNORE", **FLOW)
        settle(enforcer)
        body = {**switch, "endDate": iso(now())}
        ask(people, "put", f"/api/v1/kill-switches/{switch['id']}", body)
        settle(enforcer)
        worker.work_off()
        assert state(execution.id) == "SUCCESS"
        assert KillSwitch.objects.get().is_lifted


def test_a_change_made_by_another_process_is_seen_within_a_second(people: Cast, monkeypatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(snapshot, "_clock", lambda: clock[0])
    snapshot.forget()
    assert snapshot.current().switches == ()
    KillSwitch.objects.create(name="k", evaluation="KILL", start_date=now())
    assert snapshot.current().switches == ()
    clock[0] += 1.01
    assert [each.name for each in snapshot.current().switches] == ["k"]


class TestOverHttp:
    def test_it_is_made_changed_and_kept_when_it_is_deleted(self, people: Cast) -> None:
        switch = throw(people, "KILL", description="why", **FLOW)
        assert switch == {
            "id": switch["id"],
            "name": "outage",
            "description": "why",
            "evaluationType": "KILL",
            **FLOW,
            "startDate": LONG_AGO,
            "enabled": True,
            "deleted": False,
        }
        path = f"/api/v1/kill-switches/{switch['id']}"
        changed = ask(people, "put", path, {**switch, "name": "less", "enabled": False})
        assert (changed["name"], changed["enabled"]) == ("less", False)
        lift(people, switch)
        (left,) = ask(people, "get", "/api/v1/kill-switches/search")
        assert (left["deleted"], left["enabled"]) == (True, False)
        ask(people, "put", path, switch, status=404)
        ask(people, "delete", path, status=404)
        with instance_scope():
            entries = AuditEntry.objects.filter(resource="KILL_SWITCH").order_by("seq")
            assert [each.action for each in entries] == ["CREATE", "UPDATE", "DELETE"]

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"evaluationType": "STOP"}, "evaluationType"),
            ({"name": ""}, "name"),
            ({"startDate": None}, "startDate"),
            ({"startDate": "2030-01-01T00:00:00"}, "startDate"),
            ({"tenantId": "nobody"}, "tenantId"),
            ({"namespace": "prod"}, "tenantId"),
            ({"tenantId": "acme", "flowId": "hello"}, "namespace"),
            ({"executionIds": ["x"]}, "tenantId"),
            ({"endDate": LONG_AGO}, "endDate"),
        ],
    )
    def test_what_is_wrong_is_named(self, people: Cast, body, field) -> None:
        sent = {"name": "n", "evaluationType": "KILL", "startDate": LONG_AGO, **body}
        answer = ask(people, "post", "/api/v1/kill-switches", sent, status=422)
        assert field in str(answer)
        assert not KillSwitch.objects.exists()

    def test_everybody_is_told_what_is_in_force(self, people: Cast) -> None:
        switch = throw(people, "CANCEL", **HERE)
        throw(people, "KILL", enabled=False)
        told = people.vera.client.get("/api/v1/configs").json()["killSwitches"]
        assert [each["id"] for each in told] == [switch["id"]]

    def test_nobody_but_a_superadmin_throws_it(self, people: Cast) -> None:
        body = {"name": "n", "evaluationType": "KILL", "startDate": LONG_AGO}
        for path in ("/api/v1/kill-switches", "/api/v1/banners"):
            answer = people.olga.client.post(path, {**body, "message": "m"}, content_type="application/json")
            assert answer.status_code == 403
