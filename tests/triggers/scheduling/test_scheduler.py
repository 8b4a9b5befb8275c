"""Schedules fire on time, once for each date, and do what their flow says about dates that were missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from control_plane.kernel.scope import tenant_scope
from executions.models import LogEntry
from tests.cast import ACME, Cast
from tests.executions.ground import FakeWorker, ended, save
from tests.triggers.ground import NOON, Timed, dates_of, executions_of, timed_flow, trigger_of
from triggers.models import Trigger
from triggers.scheduling.waiting import free_those_that_wait_in_vain

pytestmark = pytest.mark.django_db

CONCURRENT = "cron: '*/10 * * * *'\n    allowConcurrent: true"


def at(hour: int, minute: int = 0) -> datetime:
    return NOON.replace(hour=hour, minute=minute)


def test_it_fires_when_its_date_has_come_and_says_which_one(people: Cast, timed: Timed) -> None:
    save(people, timed_flow())
    timed.begin(NOON)
    timed.clock.now = NOON - timedelta(seconds=1)
    timed.look()
    assert executions_of() == []
    timed.clock.now = NOON
    timed.look()
    (execution,) = executions_of()
    assert execution.trigger == {
        "id": "clock",
        "type": "io.kestra.plugin.core.trigger.Schedule",
        "variables": {
            "date": "2025-01-01T12:00:00Z",
            "next": "2025-01-01T12:10:00Z",
            "previous": "2025-01-01T11:50:00Z",
        },
    }
    row = trigger_of()
    assert (row.next_at, row.fired_at, row.execution_id) == (at(12, 10), NOON, execution.id)


def test_it_waits_for_the_execution_it_started_and_then_goes_on(people: Cast, timed: Timed) -> None:
    save(people, timed_flow())
    timed.begin(NOON)
    timed.look()
    timed.clock.move(minutes=10)
    timed.look()
    assert len(executions_of()) == 1
    assert trigger_of().due_at is None
    FakeWorker().work_off()
    assert (trigger_of().execution_id, trigger_of().next_at) == (None, at(12, 10))
    timed.look()
    assert dates_of() == ["12:00", "12:10"]


@pytest.mark.parametrize(("fails", "states"), [("false", []), ("true", ["FAILED"])])
def test_a_date_that_cannot_be_decided_is_told_and_fails_where_the_flow_says_so(
    people: Cast, timed: Timed, fails: str, states: list[str]
) -> None:
    save(people, timed_flow(more=f"{CONCURRENT}\n    when: '{{{{ nothing }}}}'\n    failOnTriggerError: {fails}"))
    timed.begin(NOON)
    timed.look()
    assert [each.state for each in executions_of()] == states
    row = trigger_of()
    assert "nothing" in (row.problem or "")
    assert (row.next_at, row.due_at) == (at(12, 10), at(12, 10))


def test_an_execution_that_is_gone_holds_it_no_longer(people: Cast, timed: Timed) -> None:
    save(people, timed_flow())
    timed.begin(NOON)
    timed.look()
    with tenant_scope(ACME):
        Trigger.objects.update(execution_id="gone")
    free_those_that_wait_in_vain()
    row = trigger_of()
    assert (row.execution_id, row.next_at) == (None, at(12, 10))
    timed.clock.move(minutes=10)
    timed.look()
    assert dates_of() == ["12:00", "12:10"]


def test_with_allow_concurrent_it_waits_for_nothing(people: Cast, timed: Timed) -> None:
    save(people, timed_flow(more=CONCURRENT))
    timed.begin(NOON)
    for _ in range(3):
        timed.look()
        timed.clock.move(minutes=10)
    assert dates_of() == ["12:00", "12:10", "12:20"]


@pytest.mark.parametrize(
    ("recovery", "dates", "made_up"),
    [
        ("ALL", ["11:10", "11:20", "11:30", "11:40", "11:50", "12:00"], 6),
        ("LAST", ["12:00"], 1),
        ("NONE", [], 0),
    ],
)
def test_after_an_outage_of_an_hour_it_does_what_the_flow_says_and_tells_it(
    people: Cast, timed: Timed, recovery: str, dates: list[str], made_up: int
) -> None:
    save(people, timed_flow(more=f"{CONCURRENT}\n    recoverMissedSchedules: {recovery}"))
    timed.begin(at(11, 10))
    timed.clock.now = at(12, 5)
    for _ in range(8):
        timed.look()
    assert dates_of() == dates
    row = trigger_of()
    assert row.next_at == at(12, 10)
    assert row.recovered == {
        "from": "2025-01-01T11:10:00Z",
        "until": "2025-01-01T12:05:00Z",
        "missed": 6,
        "madeUpFor": made_up,
    }


def test_dates_older_than_the_delay_allowed_are_dropped(people: Cast, timed: Timed) -> None:
    save(people, timed_flow(more=f"{CONCURRENT}\n    lateMaximumDelay: PT25M"))
    timed.begin(at(11, 10))
    timed.clock.now = at(12, 4)
    for _ in range(8):
        timed.look()
    assert dates_of() == ["11:40", "11:50", "12:00"]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        # Clocks in Paris go forward on 30 March 2025 at 01:00 UTC, and back on 26 October.
        (datetime(2025, 3, 29, tzinfo=UTC), ["03-29T01:30", "03-30T01:00", "03-31T00:30"]),
        (datetime(2025, 10, 25, tzinfo=UTC), ["10-25T00:30", "10-26T00:30", "10-27T01:30"]),
    ],
)
def test_a_time_of_the_day_fires_once_a_day_across_both_changes_of_the_clock(
    people: Cast, timed: Timed, day: datetime, expected: list[str]
) -> None:
    save(people, timed_flow(more="cron: '30 2 * * *'\n    timezone: Europe/Paris\n    allowConcurrent: true"))
    timed.begin(day)
    timed.clock.now = day
    for _ in range(72):
        timed.clock.move(hours=1)
        with tenant_scope(ACME):  # somebody looks all the time
            Trigger.objects.filter(due_at__lte=timed.clock.now).update(due_at=timed.clock.now)
        timed.look()
    found = [
        each.schedule_date.astimezone(UTC).strftime("%m-%dT%H:%M") for each in executions_of() if each.schedule_date
    ]
    assert found == expected


def test_a_condition_that_does_not_hold_lets_the_date_pass(people: Cast, timed: Timed) -> None:
    save(people, timed_flow(more="cron: '*/10 * * * *'\n    when: \"{{ trigger.date | date('HH') == '13' }}\""))
    timed.begin(NOON)
    timed.look()
    row = trigger_of()
    assert executions_of() == []
    assert row.next_at == at(13)


def test_one_that_cannot_be_decided_fails_an_execution_with_the_reason(people: Cast, timed: Timed) -> None:
    save(
        people, timed_flow(more="cron: '*/10 * * * *'\n    when: \"{{ nothing.there }}\"\n    failOnTriggerError: true")
    )
    timed.begin(NOON)
    timed.look()
    (execution,) = executions_of()
    assert execution.state == "FAILED"
    row = trigger_of()
    assert row.problem is not None and "nothing" in row.problem
    assert (row.execution_id, row.next_at) == (None, at(12, 10))
    with tenant_scope(ACME):
        assert LogEntry.objects.filter(execution_id=execution.id, level="ERROR").exists()


def test_inputs_are_rendered_for_the_date_and_labels_are_put_on(people: Cast, timed: Timed) -> None:
    flow = "inputs:\n  - {id: day, type: STRING}\nlabels: {team: a}"
    more = (
        "cron: '*/10 * * * *'\n    inputs: {day: \"{{ trigger.date | date('yyyy-MM-dd') }}\"}\n    labels: {by: clock}"
    )
    save(people, timed_flow(more=more, flow=flow))
    timed.begin(NOON)
    timed.look()
    (execution,) = executions_of()
    assert execution.inputs == {"day": "2025-01-01"}
    assert execution.labels.items() >= {"team": "a", "by": "clock"}.items()


def test_inputs_that_do_not_fit_fail_the_execution_and_not_the_schedule(people: Cast, timed: Timed) -> None:
    more = "cron: '*/10 * * * *'\n    inputs: {n: \"{{ trigger.date }}\"}"
    save(people, timed_flow(more=more, flow="inputs:\n  - {id: n, type: INT}"))
    timed.begin(NOON)
    timed.look()
    assert [each.state for each in executions_of()] == ["FAILED"]
    assert trigger_of().next_at == at(12, 10)


def test_it_stops_after_an_execution_that_ends_as_its_flow_says(people: Cast, timed: Timed) -> None:
    save(people, timed_flow(more="cron: '*/10 * * * *'\n    stopAfter: [FAILED]"))
    timed.begin(NOON)
    timed.look()
    FakeWorker().work_off(lambda job: ended(job, state="FAILED"))
    row = trigger_of()
    assert (row.is_disabled, row.due_at, row.execution_id) == (True, None, None)


def test_a_broken_flow_does_not_keep_others_from_firing(people: Cast, timed: Timed) -> None:
    save(people, timed_flow("broken"))
    save(people, timed_flow("timed"))
    for name in ("broken", "timed"):
        timed.begin(NOON, name)
    with tenant_scope(ACME):
        Trigger.objects.filter(flow_id="broken").update(revision_id="gone")
    timed.look()
    assert dates_of("timed") == ["12:00"]
    row = trigger_of("broken")
    assert row.problem == "The flow cannot be read: This revision of the flow was deleted"
    assert row.due_at == NOON + timedelta(minutes=1)


def test_a_check_that_blocks_lets_the_date_pass_and_says_so(people: Cast, timed: Timed) -> None:
    flow = 'checks:\n  - {condition: "{{ false }}", message: not now, behavior: BLOCK_EXECUTION}'
    save(people, timed_flow(flow=flow))
    timed.begin(NOON)
    timed.look()
    row = trigger_of()
    assert executions_of() == []
    assert row.problem is not None and row.problem.startswith("A check of the flow does not let it begin: ")
    assert row.problem.endswith("not now")
    assert (row.execution_id, row.due_at) == (None, at(12, 10))


def test_listed_dates_fire_each_once(people: Cast, timed: Timed) -> None:
    source = timed_flow(more="dates: ['2025-01-01T12:00:00Z', '2025-01-01T12:01:00Z']\n    allowConcurrent: true")
    save(people, source.replace("trigger.Schedule", "trigger.ScheduleOnDates"))
    timed.begin(NOON)
    for _ in range(3):
        timed.look()
        timed.clock.move(minutes=1)
    assert dates_of() == ["12:00", "12:01"]
    assert trigger_of().next_at is None
