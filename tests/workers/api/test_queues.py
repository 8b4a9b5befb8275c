"""Worker queues over HTTP: superadmins make them, groups subscribe to them, and workers come and go."""

from __future__ import annotations

from typing import Any

import pytest

from control_plane.kernel.words.errors import Conflict
from tests.cast import ACME, GLOBEX, Cast, make_cast
from tests.executions.ground import FakeWorker, log_flow, save, start
from workers.worker_api import fleet

pytestmark = pytest.mark.django_db
QUEUES = "/api/v1/instance/worker-queues"
GROUPS = "/api/v1/instance/worker-groups"
JOINED = "/api/v1/instance/workers/credentials"


@pytest.fixture
def people(db: None) -> Cast:
    return make_cast()


def ask(people: Cast, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    answer = getattr(people.root.client, method)(path, body, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json() if answer.content else None


def make(people: Cast, queue: str = "gpu", *tags: str, status: int = 200, **more: Any) -> Any:
    return ask(people, "post", QUEUES, {"id": queue, "tags": list(tags or (queue,)), **more}, status)


def group(people: Cast, key: str, *queues: dict[str, Any] | str) -> Any:
    edges = [{"workerQueueId": each} if isinstance(each, str) else each for each in queues]
    return ask(people, "post", GROUPS, {"id": key, "name": key, "subscriptions": edges})


def join(people: Cast, key: str) -> FakeWorker:
    worker = FakeWorker(ask(people, "post", f"{GROUPS}/{key}/tokens", {"name": "site"})["token"])
    return worker


def test_a_queue_is_made_changed_and_deleted(people: Cast) -> None:
    assert make(people, "gpu", "gpu", "eu", name="Cards", allowedTenants=[ACME]) == {
        "id": "gpu",
        "name": "Cards",
        "description": "",
        "tags": ["eu", "gpu"],
        "allowedTenants": [ACME],
    }
    changed = ask(people, "put", f"{QUEUES}/gpu", {"id": "gpu", "tags": ["gpu"], "description": "fast"})
    assert (changed["tags"], changed["allowedTenants"], changed["name"]) == (["gpu"], [], "gpu")
    listed = ask(people, "get", QUEUES)["workerQueues"]
    assert [(each["id"], each["activeWorkers"]) for each in listed] == [("default", 0), ("gpu", 0)]
    assert ask(people, "get", f"{QUEUES}/gpu")["workers"] == []
    ask(people, "delete", f"{QUEUES}/gpu", status=204)
    ask(people, "get", f"{QUEUES}/gpu", status=404)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"id": "gpu", "tags": []},
        {"id": "Gpu", "tags": ["a"]},
        {"id": "gpu", "tags": ["A"]},
        {"id": "gpu", "tags": ["a"] * 21},
        {"id": "gpu", "tags": ["a"], "allowedTenants": ["nobody"]},
    ],
)
def test_a_queue_that_makes_no_sense_is_refused(people: Cast, body: Any) -> None:
    ask(people, "post", QUEUES, body, status=422)


def test_an_id_is_taken_once_and_never_changes(people: Cast) -> None:
    make(people)
    make(people, status=409)
    ask(people, "put", f"{QUEUES}/gpu", {"id": "cpu", "tags": ["a"]}, status=422)


def test_the_default_queue_stays_as_it_is(people: Cast) -> None:
    ask(people, "delete", f"{QUEUES}/default", status=400)
    ask(people, "put", f"{QUEUES}/default", {"id": "default", "tags": ["a"]}, status=400)
    ask(people, "delete", f"{GROUPS}/default/subscriptions/default", status=409)


def test_a_queue_that_a_group_serves_is_not_deleted(people: Cast) -> None:
    make(people)
    assert ask(people, "get", f"{QUEUES}/gpu/subscribers") == {"groups": []}
    made = group(people, "site", {"workerQueueId": "gpu", "reservedPercent": 40, "mode": "STRICT"})
    (edge,) = made["subscriptions"]
    assert (edge["queue"]["tags"], edge["reservedPercent"], edge["mode"]) == (["gpu"], 40, "STRICT")
    assert ask(people, "get", f"{QUEUES}/gpu/subscribers") == {"groups": [{"id": "site", "name": "site"}]}
    ask(people, "delete", f"{QUEUES}/gpu", status=409)


def test_a_queue_in_which_jobs_wait_is_not_deleted(people: Cast) -> None:
    make(people)
    save(people, log_flow() + "\nworkerSelector: {tags: [gpu], fallback: WAIT}")
    start(people)
    ask(people, "delete", f"{QUEUES}/gpu", status=409)


def test_subscriptions_are_added_changed_and_removed_one_by_one(people: Cast) -> None:
    make(people)
    make(people, "eu")
    group(people, "site")
    path = f"{GROUPS}/site/subscriptions"
    ask(people, "post", path, {"workerQueueId": "gpu", "reservedPercent": 60})
    ask(people, "post", path, {"workerQueueId": "gpu"}, status=409)
    ask(people, "post", path, {"workerQueueId": "none"}, status=422)
    ask(people, "post", path, {"workerQueueId": "eu", "reservedPercent": 41}, status=422)
    shown = ask(people, "post", path, {"workerQueueId": "eu", "mode": "STRICT"})
    assert [each["queue"]["id"] for each in shown["subscriptions"]] == ["eu", "gpu"]
    shown = ask(people, "patch", f"{path}/eu", {"reservedPercent": 40})
    assert [(each["reservedPercent"], each["mode"]) for each in shown["subscriptions"]] == [
        (40, "STRICT"),
        (60, "ELASTIC"),
    ]
    ask(people, "patch", f"{path}/default", {"reservedPercent": 1}, status=404)
    shown = ask(people, "delete", f"{path}/gpu")
    assert [each["queue"]["id"] for each in shown["subscriptions"]] == ["eu"]
    ask(people, "delete", f"{path}/gpu", status=404)


def test_a_group_is_replaced_with_its_queues(people: Cast) -> None:
    make(people)
    group(people, "site", "gpu")
    body = {"name": "site", "subscriptions": [{"workerQueueId": "default"}]}
    shown = ask(people, "put", f"{GROUPS}/site", body)
    assert [each["queue"]["id"] for each in shown["subscriptions"]] == ["default"]


def test_a_flow_that_chooses_by_tags_runs_in_a_group_that_serves_them(people: Cast) -> None:
    make(people, "cards", "gpu", "eu")
    group(people, "site", "cards")
    worker = join(people, "site")
    save(people, log_flow() + "\nworkerSelector: {tags: [gpu]}")
    started = start(people)
    assert FakeWorker().claim() == []
    (job,) = worker.claim()
    assert job.execution_id == started.id
    capacity = ask(people, "get", f"{GROUPS}/site/capacity")
    assert (capacity["totalInflight"], capacity["shared"]["allocated"]) == (1, 4)
    overview = ask(people, "get", "/api/v1/instance/fleet")
    (queue,) = [each for each in overview["queues"] if each["id"] == "cards"]
    assert (queue["groups"], queue["workers"], queue["slots"], queue["waiting"]) == (["site"], 1, 4, 0)


def test_a_queue_that_is_kept_for_a_tenant_runs_nobody_elses_work(people: Cast) -> None:
    make(people, "own", "own", allowedTenants=[GLOBEX])
    group(people, "site", "own")
    worker = join(people, "site")
    save(people, log_flow() + "\nworkerSelector: {tags: [own], fallback: WAIT}")
    start(people)
    assert worker.claim(8) == []
    save(people, log_flow() + "\nworkerSelector: {tags: [own]}", GLOBEX)
    started = start(people, tenant=GLOBEX)
    assert [job.execution_id for job in worker.claim(8)] == [started.id]


def test_what_waits_for_a_tenant_that_a_queue_no_longer_serves_never_runs_there(people: Cast) -> None:
    make(people)
    group(people, "site", "gpu")
    worker = join(people, "site")
    for key in ("workerSelector: {tags: [gpu], fallback: WAIT}", "workerGroup: {key: site}"):
        save(people, log_flow(f"f{len(key)}") + f"\n{key}")
        start(people, f"f{len(key)}")
    ask(people, "put", f"{QUEUES}/gpu", {"id": "gpu", "tags": ["gpu"], "allowedTenants": [GLOBEX]})
    worker.member = fleet.member_of(worker.token, worker.member.worker_id)
    assert worker.claim(8) == []
    assert ask(people, "get", "/api/v1/instance/fleet")["unrouted"] == 2


def test_members_see_the_tags_that_a_flow_of_theirs_may_choose(people: Cast) -> None:
    make(people, "one", "gpu", allowedTenants=[GLOBEX])
    make(people, "two", "eu")
    path = f"/api/v1/{ACME}/worker-selectors/tags"
    assert people.vera.client.get(path).json() == {"tags": ["eu"]}
    assert people.otto.client.get(path).status_code == 404


class TestAWorkerThatJoined:
    def test_is_shown(self, people: Cast) -> None:
        worker = FakeWorker()
        (shown,) = ask(people, "get", JOINED)["workers"]
        assert shown == ask(people, "get", f"{JOINED}/{worker.member.worker_id}")
        assert (shown["workerName"], shown["id"]) == ("fake", worker.member.worker_id)
        ask(people, "get", f"{JOINED}/none", status=404)

    def test_is_sent_away_and_gets_nothing_more(self, people: Cast) -> None:
        worker = FakeWorker()
        ask(people, "post", f"{JOINED}/{worker.member.worker_id}/revoke")
        ask(people, "post", f"{JOINED}/{worker.member.worker_id}/revoke")
        with pytest.raises(Conflict):
            fleet.member_of(worker.token, worker.member.worker_id)
        assert ask(people, "get", JOINED) == {"workers": []}

    def test_is_drained_and_takes_no_more(self, people: Cast) -> None:
        worker = FakeWorker()
        ask(people, "post", f"{JOINED}/{worker.member.worker_id}/drain")
        member = fleet.member_of(worker.token, worker.member.worker_id)
        assert member.is_draining
        assert [order.order for order in fleet.orders_for(member, "").orders] == ["drain"]


def test_only_a_superadmin_sees_queues_and_workers(people: Cast) -> None:
    for path in (QUEUES, f"{QUEUES}/default", f"{QUEUES}/default/subscribers", JOINED, "/api/v1/instance/fleet"):
        assert people.olga.client.get(path).status_code == 403
