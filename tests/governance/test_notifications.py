"""A person reads what they were told: newest first, in pages, since a moment; nobody else's."""

from __future__ import annotations

import pytest
from django.db import connection

from control_plane.kernel.actor import SYSTEM, Context
from control_plane.kernel.scope import instance_scope, tenant_scope
from control_plane.kernel.words.clock import iso, now
from governance.notifications.silent_groups import tell_of_silent_groups
from governance.notifications.telling import notify
from tests.cast import Cast, Person
from tests.executions.ground import FakeWorker, log_flow, save, start
from workers.services.queues import Wanted, create_queue

pytestmark = pytest.mark.django_db
PATH = "/api/v1/notifications"


def tell(person: Person, title: str, **more: object) -> None:
    with instance_scope():
        notify([person.user.id], title, **more)  # type: ignore[arg-type]


def titles(person: Person, query: str = "") -> list[str]:
    return [each["title"] for each in person.client.get(f"{PATH}/history{query}").json()["notifications"]]


def unread(person: Person) -> int:
    count: int = person.client.get(f"{PATH}/unread-count").json()
    return count


def test_the_newest_comes_first_in_pages(people: Cast) -> None:
    for number in range(5):
        tell(people.vera, f"n{number}")
    first = people.vera.client.get(f"{PATH}/history?limit=2").json()
    assert [each["title"] for each in first["notifications"]] == ["n4", "n3"]
    second = people.vera.client.get(f"{PATH}/history?limit=3&before={first['nextCursor']}").json()
    assert [each["title"] for each in second["notifications"]] == ["n2", "n1", "n0"]
    assert "nextCursor" not in second
    assert titles(people.olga) == []


def test_what_came_since_a_moment_is_told(people: Cast) -> None:
    tell(people.vera, "old")
    since = iso(now())
    tell(people.vera, "new")
    found = people.vera.client.get(f"{PATH}/since", {"since": since}).json()
    assert [each["title"] for each in found["notifications"]] == ["new"]


def test_reading_and_unreading_count(people: Cast) -> None:
    tell(people.vera, "a")
    tell(people.vera, "b")
    (first, _) = people.vera.client.get(f"{PATH}/history").json()["notifications"]
    assert unread(people.vera) == 2
    for _ in range(2):
        people.vera.client.post(f"{PATH}/{first['id']}/read")
    assert unread(people.vera) == 1
    people.vera.client.post(f"{PATH}/{first['id']}/unread")
    assert people.vera.client.post(f"{PATH}/read-all").json() == {"updated": 2}
    assert unread(people.vera) == 0


def test_nobody_marks_anothers(people: Cast) -> None:
    tell(people.vera, "hers")
    (hers,) = people.vera.client.get(f"{PATH}/history").json()["notifications"]
    assert people.olga.client.post(f"{PATH}/{hers['id']}/read").status_code == 200
    assert people.olga.client.post(f"{PATH}/unknown/read").status_code == 200
    assert unread(people.vera) == 1


def test_the_same_thing_is_one_notification_that_is_renewed(people: Cast) -> None:
    tell(people.vera, "killing", reference="bulk-1", current=1, total=9)
    people.vera.client.post(f"{PATH}/read-all")
    tell(people.vera, "killing", reference="bulk-1", current=1, total=9)
    assert unread(people.vera) == 0
    tell(people.vera, "killing", reference="bulk-1", current=9, total=9)
    (one,) = people.vera.client.get(f"{PATH}/history").json()["notifications"]
    assert (one["current"], one["total"], one["read"]) == (9, 9, False)


class TestOfASilentWorkerGroup:
    @pytest.fixture(autouse=True)
    def _work_waits(self, people: Cast) -> None:
        save(people, log_flow())
        start(people)

    def age(self) -> None:
        with tenant_scope("acme"), connection.cursor() as cursor:
            cursor.execute("UPDATE job SET due_at = due_at - interval '6 minutes'")

    def test_superadmins_are_told_once_for_each_silence(self, people: Cast) -> None:
        tell_of_silent_groups()
        assert unread(people.root) == 0
        self.age()
        for _ in range(2):
            tell_of_silent_groups()
        assert titles(people.root) == [
            "Work waits in the worker group default, and no worker has been there for 5 minutes"
        ]
        assert unread(people.olga) == 0

    def test_a_queue_that_nobody_serves_and_tags_that_no_queue_has_are_named(self, people: Cast) -> None:
        create_queue(Context(SYSTEM), queue_id="cards", wanted=Wanted(["gpu"]))
        for flow_id, tag in (("choosy", "gpu"), ("odd", "nowhere")):
            save(people, f"{log_flow(flow_id)}\nworkerSelector: {{tags: [{tag}], fallback: WAIT}}")
            start(people, flow_id)
        self.age()
        FakeWorker()
        tell_of_silent_groups()
        assert {title.partition(",")[0] for title in titles(people.root)} == {
            "Work waits in the worker queue cards",
            "Work waits for tags that no worker queue has",
        }

    def test_nobody_is_told_while_a_worker_is_there(self, people: Cast) -> None:
        self.age()
        FakeWorker()
        tell_of_silent_groups()
        assert unread(people.root) == 0


@pytest.mark.parametrize("query", ["history?limit=0", "history?limit=x", "history?before=@@", "since", "since?since=x"])
def test_what_is_wrong_is_refused(people: Cast, query: str) -> None:
    assert people.vera.client.get(f"{PATH}/{query}").status_code == 400
