"""Worker groups over HTTP: superadmins manage them, their tokens are shown once, nothing that waits is orphaned."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from control_plane.kernel.words.clock import iso, now
from control_plane.kernel.words.errors import Unauthenticated
from tests.cast import Cast, make_cast
from tests.executions.ground import FakeWorker, log_flow, save, start
from workers.models import WorkerGroup, WorkerGroupToken

pytestmark = pytest.mark.django_db
GROUPS = "/api/v1/instance/worker-groups"


@pytest.fixture
def people(db: None) -> Cast:
    return make_cast()


def ask(people: Cast, method: str, path: str = "", body: Any = None, status: int = 200) -> Any:
    answer = getattr(people.root.client, method)(GROUPS + path, body, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json() if answer.content else None


def make(people: Cast, key: str = "gpu", **more: Any) -> Any:
    return ask(people, "post", body={"id": key, "name": "With cards", "subscriptions": [], **more})


def test_a_group_is_made_changed_and_deleted(people: Cast) -> None:
    assert make(people, description="fast")["description"] == "fast"
    changed = ask(people, "put", "/gpu", {"name": "Cards", "subscriptions": [{"workerQueueId": "default"}]})
    assert (changed["name"], changed["description"], changed["deletable"]) == ("Cards", "", True)
    assert [each["id"] for each in ask(people, "get")["workerGroups"]] == ["default", "gpu"]
    ask(people, "delete", "/gpu", status=204)
    ask(people, "get", "/gpu", status=404)


def test_groups_are_found_by_name(people: Cast) -> None:
    make(people)
    answer = people.root.client.get(GROUPS, {"filters[name][CONTAINS]": "cards"})
    assert [each["id"] for each in answer.json()["workerGroups"]] == ["gpu"]


def test_the_default_group_cannot_be_deleted(people: Cast) -> None:
    ask(people, "delete", "/default", status=400)
    ask(people, "delete", "/default?force=true", status=400)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"id": "a b", "name": "x", "subscriptions": []},
        {"id": "x" * 64, "name": "x", "subscriptions": []},
        {"id": "gpu", "name": "", "subscriptions": []},
        {"id": "gpu", "name": "x"},
        {"id": "gpu", "name": "x", "subscriptions": [{"workerQueueId": "another"}]},
        {"id": "gpu", "name": "x", "subscriptions": [{"workerQueueId": "gpu", "reservedPercent": 101}]},
    ],
)
def test_a_group_that_makes_no_sense_is_refused(people: Cast, body: Any) -> None:
    ask(people, "post", body=body, status=422)


def test_an_id_is_taken_once(people: Cast) -> None:
    make(people)
    ask(people, "post", body={"id": "gpu", "name": "x", "subscriptions": []}, status=409)


def test_the_text_of_a_token_is_shown_once_and_opens_its_group(people: Cast) -> None:
    make(people)
    made = ask(
        people,
        "post",
        "/gpu/tokens",
        {"name": "site", "description": "north", "expiresAt": iso(now() + timedelta(days=1))},
    )
    (shown,) = ask(people, "get", "/gpu")["tokens"]
    assert shown == made["details"]
    assert made["token"] not in str(shown) and made["token"].startswith(shown["tokenPrefix"])
    assert FakeWorker(made["token"]).member.group == "gpu"
    assert ask(people, "get", "/gpu")["tokens"][0]["useCount"] == 1


def test_a_revoked_token_stays_visible_and_opens_nothing(people: Cast) -> None:
    make(people)
    made = ask(people, "post", "/gpu/tokens", {"name": "site"})
    path = f"/gpu/tokens/{made['details']['uid']}"
    (shown,) = ask(people, "post", f"{path}/revoke")["tokens"]
    assert (shown["revoked"], shown["valid"]) == (True, False)
    with pytest.raises(Unauthenticated):
        FakeWorker(made["token"])
    ask(people, "delete", path)
    assert ask(people, "get", "/gpu")["tokens"] == []
    ask(people, "post", f"{path}/revoke", status=404)


@pytest.mark.parametrize(
    "body",
    [{}, {"name": "platform"}, {"name": "x", "expiresAt": "2020-01-01T00:00:00Z"}, {"name": "x", "expiresAt": "soon"}],
)
def test_a_token_that_makes_no_sense_is_refused(people: Cast, body: Any) -> None:
    ask(people, "post", "/default/tokens", body, status=422)
    assert not WorkerGroupToken.objects.exists()


def test_a_group_with_connected_workers_is_deleted_only_by_force(people: Cast) -> None:
    make(people)
    FakeWorker(ask(people, "post", "/gpu/tokens", {"name": "site"})["token"])
    ask(people, "delete", "/gpu", status=409)
    ask(people, "delete", "/gpu?force=true", status=204)
    assert not WorkerGroup.objects.filter(key="gpu").exists()


def test_a_group_whose_jobs_wait_is_never_deleted(people: Cast) -> None:
    make(people)
    save(people, log_flow() + "\nworkerGroup: {key: gpu}")
    start(people)
    ask(people, "delete", "/gpu?force=true", status=409)


def test_capacity_and_workers_tell_what_is_in_hand(people: Cast) -> None:
    save(people, log_flow())
    start(people)
    worker = FakeWorker()
    worker.claim()
    (shown,) = ask(people, "get", "/default/workers")["workers"]
    assert shown["workerId"] == worker.member.worker_id
    assert shown["capacity"] == {"pending": 1, "running": 0, "max": 4, "endedRate": 0.0}
    capacity = ask(people, "get", "/default/capacity")
    assert (capacity["totalAllocated"], capacity["totalUsed"], capacity["totalInflight"]) == (4, 0, 1)
    make(people)
    assert ask(people, "get", "/gpu/workers") == {"workers": []}
    assert ask(people, "get", "/gpu/capacity")["workerGroupId"] == "gpu"


def test_only_a_superadmin_sees_groups(people: Cast) -> None:
    for path in ("", "/default", "/default/workers", "/default/capacity"):
        assert people.olga.client.get(GROUPS + path).status_code == 403
    refused = people.olga.client.post(
        GROUPS, {"id": "mine", "name": "x", "subscriptions": []}, content_type="application/json"
    )
    assert refused.status_code == 403
