"""In maintenance nothing new begins, what runs ends, and afterwards everything goes on."""

from __future__ import annotations

import pytest

from executions.maintenance.timers import fire_due_timers
from governance.background import system
from governance.kill_switches.enforcing import Enforcer
from tests.cast import Cast
from tests.executions.ground import FakeWorker, lines_of, log_flow, row, save, start
from tests.governance.conftest import ask, throw

pytestmark = pytest.mark.django_db
PATH = "/api/v1/instance/maintenance"


@pytest.fixture(autouse=True)
def _a_flow(people: Cast) -> None:
    save(people, log_flow(tasks=2))


def status(people: Cast) -> tuple[bool, bool, int]:
    told = ask(people, "get", f"{PATH}/status")
    return told["maintenance"], told["ready"], told["running"]


def test_what_runs_ends_and_what_is_new_waits(people: Cast, enforcer: Enforcer) -> None:
    before, worker = start(people), FakeWorker()
    (job,) = worker.claim()
    ask(people, "post", f"{PATH}/enter")
    assert status(people) == (True, False, 1)
    during = start(people)
    assert worker.succeed(job, want=4).jobs == []
    assert status(people) == (True, True, 0)
    enforcer.enforce()
    fire_due_timers()
    assert (row(before.id).state, row(during.id).state, worker.claim(4)) == ("RUNNING", "CREATED", [])
    assert lines_of(during.id) == [(1, "The instance is in maintenance: the execution begins when that is over.")]

    ask(people, "post", f"{PATH}/exit")
    enforcer.enforce()
    fire_due_timers()
    worker.work_off()
    assert (row(before.id).state, row(during.id).state) == ("SUCCESS", "SUCCESS")
    assert status(people) == (False, False, 0)
    assert len(lines_of(during.id)) == 1


def test_a_kill_switch_holds_in_maintenance_too(people: Cast) -> None:
    ask(people, "post", f"{PATH}/enter")
    throw(people, "KILL")
    assert row(start(people).id).state == "KILLED"


def test_entering_and_leaving_twice_changes_nothing(people: Cast) -> None:
    for _ in range(2):
        ask(people, "post", f"{PATH}/enter")
    assert people.vera.client.get("/api/v1/configs").json()["inMaintenance"] is True
    for _ in range(2):
        ask(people, "post", f"{PATH}/exit")
    assert people.vera.client.get("/api/v1/configs").json()["inMaintenance"] is False


def test_it_is_a_superadmins_to_enter_and_everybodys_to_see(people: Cast) -> None:
    assert people.olga.client.post(f"{PATH}/enter").status_code == 403
    assert people.vera.client.get(f"{PATH}/status").json()["maintenance"] is False


class TestFromTheMachine:
    def test_it_waits_until_nothing_runs(self, people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        start(people)
        worker = FakeWorker()
        (job,) = worker.claim()
        told: list[int] = []

        def tell(running: int) -> None:
            told.append(running)
            if running:
                worker.succeed(job)

        monkeypatch.setattr(system, "PAUSE", 0.0)
        system.enter_from_machine()
        assert system.wait_until_still(tell)
        assert (told, system.standing()) == ([1, 0], (True, 0))
        system.exit_from_machine()
        assert system.standing() == (False, 0)

    def test_it_gives_up_when_that_takes_too_long(self, people: Cast) -> None:
        start(people)
        FakeWorker().claim()
        assert not system.wait_until_still(lambda running: None, patience=0.0)
