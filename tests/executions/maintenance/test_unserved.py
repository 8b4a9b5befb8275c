"""What becomes of tasks whose workers are away: as their flow says, or else their namespace, or their tenant."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from control_plane.kernel.actor import SYSTEM, Context
from control_plane.kernel.scope import tenant_scope
from executions.maintenance.unserved import see_to_unserved
from flows.model.errors import FlowInvalid
from tenants.models import Namespace, Tenant
from tests.cast import ACME, GLOBEX, Cast
from tests.executions.ground import FakeWorker, lines_of, log_flow, row, save, start, task_runs
from workers.services.groups import create_group
from workers.services.queues import Wanted, create_queue
from workers.services.subscriptions import WantedQueue
from workers.services.tokens import mint_group_token
from workers.worker_api import fleet

pytestmark = pytest.mark.django_db
SYSTEM_CTX = Context(SYSTEM)


def queue(name: str, *tags: str, tenants: tuple[str, ...] = ()) -> None:
    create_queue(SYSTEM_CTX, queue_id=name, wanted=Wanted(tags, tenants=tenants))


def group(key: str, *queues: str) -> None:
    create_group(SYSTEM_CTX, key=key, name=key, queues=[WantedQueue(each) for each in queues])


def join(key: str) -> FakeWorker:
    worker = FakeWorker(mint_group_token(key))
    return worker


def wait_long() -> None:
    with tenant_scope(ACME), connection.cursor() as cursor:
        cursor.execute("UPDATE job SET due_at = due_at - interval '1 minute'")
    see_to_unserved()


def begun(people: Cast, said: str, **given: Any) -> str:
    save(people, log_flow() + f"\n{said}")
    return start(people, **given).id


class TestNobodyIsThere:
    @pytest.fixture(autouse=True)
    def _a_group_without_workers(self, people: Cast) -> None:
        queue("cards", "gpu")
        group("site", "cards")

    @pytest.mark.parametrize(
        ("said", "state"),
        [
            ("workerGroup: {key: site}", "RUNNING"),
            ("workerGroup: {key: site, fallback: FAIL}", "FAILED"),
            ("workerGroup: {key: site, fallback: CANCEL}", "KILLED"),
            ("workerSelector: {tags: [gpu]}", "FAILED"),
            ("workerSelector: {tags: [gpu], fallback: WAIT}", "RUNNING"),
            ("workerSelector: {tags: [gpu], fallback: CANCEL}", "KILLED"),
            ("workerSelector: {tags: [nobody, has, these]}", "FAILED"),
        ],
    )
    def test_the_flow_says_what_then(self, people: Cast, said: str, state: str) -> None:
        execution = begun(people, said)
        wait_long()
        assert row(execution).state == state

    def test_the_log_says_why(self, people: Cast) -> None:
        execution = begun(people, "workerSelector: {tags: [gpu]}")
        wait_long()
        assert "No worker is available for the tags `gpu`" in [line for _, line in lines_of(execution)]
        (run,) = task_runs(execution)
        assert run.state == "FAILED"

    def test_a_retry_finds_nobody_either_and_is_not_tried(self, people: Cast) -> None:
        source = log_flow() + "\nworkerGroup: {key: site, fallback: FAIL}\n"
        source += "retry: {type: constant, interval: PT1S, maxAttempts: 3}\n"
        save(people, source)
        execution = start(people).id
        wait_long()
        assert row(execution).state == "FAILED"

    def test_an_ignored_selector_runs_anywhere(self, people: Cast) -> None:
        execution = begun(people, "workerSelector: {tags: [gpu], fallback: IGNORE}")
        FakeWorker().work_off()
        assert row(execution).state == "SUCCESS"

    def test_one_whose_workers_went_away_later_runs_anywhere_too(self, people: Cast) -> None:
        worker = join("site")
        execution = begun(people, "workerSelector: {tags: [gpu], fallback: IGNORE}")
        assert FakeWorker().claim() == []
        fleet.say_goodbye(worker.member)
        wait_long()
        FakeWorker().work_off()
        assert row(execution).state == "SUCCESS"

    def test_a_worker_that_is_there_in_time_runs_it(self, people: Cast) -> None:
        execution = begun(people, "workerSelector: {tags: [gpu]}")
        see_to_unserved()
        worker = join("site")
        wait_long()
        worker.work_off()
        assert row(execution).state == "SUCCESS"

    def test_a_busy_worker_is_waited_for(self, people: Cast) -> None:
        join("site")
        execution = begun(people, "workerSelector: {tags: [gpu]}")
        wait_long()
        assert row(execution).state == "RUNNING"


def test_tags_that_come_later_are_found(people: Cast) -> None:
    execution = begun(people, "workerSelector: {tags: [gpu], fallback: WAIT}")
    wait_long()
    queue("cards", "gpu")
    group("site", "cards")
    see_to_unserved()
    join("site").work_off()
    assert row(execution).state == "SUCCESS"


class TestDefaults:
    @pytest.fixture(autouse=True)
    def _two_groups(self, people: Cast) -> None:
        group("near")
        group("far")

    def say(self, namespace: str | None, **selector: Any) -> None:
        with tenant_scope(ACME):
            if namespace is None:
                Tenant.objects.filter(id=ACME).update(settings={"defaultWorkerSelector": selector})
            else:
                Namespace.objects.create(name=namespace, settings={"defaultWorkerSelector": selector})

    def test_a_task_that_asks_for_none_goes_where_its_tenant_says(self, people: Cast) -> None:
        self.say(None, key="far")
        execution = begun(people, "")
        assert FakeWorker().claim() == []
        join("far").work_off()
        assert row(execution).state == "SUCCESS"

    def test_the_nearest_namespace_says_before_the_tenant(self, people: Cast) -> None:
        self.say(None, key="far")
        self.say("prod", key="near")
        execution = begun(people, "")
        join("near").work_off()
        assert row(execution).state == "SUCCESS"

    def test_a_task_that_asks_goes_where_it_asks(self, people: Cast) -> None:
        self.say("prod", key="far")
        execution = begun(people, "workerGroup: {key: near}")
        join("near").work_off()
        assert row(execution).state == "SUCCESS"

    def test_what_then_is_said_by_the_namespace_where_the_task_does_not_say_it(self, people: Cast) -> None:
        self.say("prod", fallback="FAIL")
        execution = begun(people, "workerGroup: {key: near}")
        wait_long()
        assert row(execution).state == "FAILED"


class TestByExpression:
    SOURCE = (
        log_flow().replace("tasks:\n", "inputs: [{id: place, type: STRING, required: false}]\ntasks:\n")
        + "\n    workerGroup: {key: \"{{ inputs.place ?? '' }}\"}"
    )

    @pytest.mark.parametrize(
        ("given", "place"), [({"place": "near"}, "near"), ({}, "default"), ({"place": " "}, "default")]
    )
    def test_its_value_chooses_and_a_blank_one_asks_for_none(self, people: Cast, given: Any, place: str) -> None:
        group("near")
        save(people, self.SOURCE)
        execution = start(people, inputs=given)
        worker = join(place)
        assert [job.execution_id for job in worker.claim(8)] == [execution.id]

    def test_a_tag_may_be_one(self, people: Cast) -> None:
        queue("cards", "gpu")
        group("site", "cards")
        worker = join("site")
        source = self.SOURCE.replace(
            "workerGroup: {key: \"{{ inputs.place ?? '' }}\"}", 'workerSelector: {tags: ["{{ inputs.place }}"]}'
        )
        save(people, source)
        execution = start(people, inputs={"place": "gpu"})
        assert [job.execution_id for job in worker.claim(8)] == [execution.id]


class TestAtSave:
    @pytest.mark.parametrize(
        "said", ["workerGroup: {key: nowhere}", "workerSelector: {tags: [A]}", "workerGroup: {fallback: X}"]
    )
    def test_what_cannot_be_is_refused(self, people: Cast, said: str) -> None:
        with pytest.raises(FlowInvalid):
            save(people, log_flow() + f"\n{said}")

    def test_the_task_is_named(self, people: Cast) -> None:
        source = log_flow() + "\n    workerGroup: {key: nowhere}"
        with pytest.raises(FlowInvalid, match=r"tasks\[0\]\.workerGroup\.key: there is no worker group `nowhere`"):
            save(people, source)
        answer = people.olga.client.post(f"/api/v1/{ACME}/flows/validate", source, content_type="application/x-yaml")
        assert "there is no worker group `nowhere`" in answer.json()[0]["constraints"]

    def test_a_group_that_is_kept_for_others_is_unknown(self, people: Cast) -> None:
        queue("own", "own", tenants=(GLOBEX,))
        group("theirs", "own")
        with pytest.raises(FlowInvalid):
            save(people, log_flow() + "\nworkerGroup: {key: theirs}")
        save(people, log_flow() + "\nworkerGroup: {key: theirs}", GLOBEX)
