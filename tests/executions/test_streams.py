"""Server-sent events of an execution and of its log: everything once, until the end, for those who may see it."""

from __future__ import annotations

import asyncio
import json
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from control_plane.embedded.valkey import Valkey
from control_plane.kernel.scope import tenant_scope
from executions.streams import async_routes
from iam import versions
from iam.models import Binding
from tests.cast import ACME, Cast, Person
from tests.executions.ground import FakeWorker, ended, log_flow, save, start
from workers.runtime.protocol import Item

pytestmark = pytest.mark.django_db
PATIENCE = 15
Event = tuple[str, dict[str, Any]]


class Follower:
    """A client of a stream, on an event loop of its own."""

    def __init__(self, person: Person, path: str) -> None:
        headers = [(b"host", b"orrery.test"), (b"authorization", f"Bearer {person.token}".encode())]
        self.scope: dict[str, Any] = {
            "type": "http",
            "method": "GET",
            "path": f"/api/v1/{ACME}/{path}",
            "query_string": b"",
            "headers": headers,
        }
        self.status = 0
        self._events: queue.Queue[Event | None] = queue.Queue()
        self._gone = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._follow()))
        self._thread.start()

    async def _follow(self) -> None:
        for route in async_routes:
            parameters = route.match(cast(Any, self.scope))
            if parameters is not None:
                scope = {**self.scope, "path_params": parameters}
                await route.app(cast(Any, scope), self._receive, self._send)  # type: ignore[arg-type]
                self._events.put(None)
                return

    async def _receive(self) -> dict[str, Any]:
        await asyncio.to_thread(self._gone.wait)
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        for part in message.get("body", b"").split(b"\n\n"):
            if part.startswith(b"id: "):
                first, _, data = part.partition(b"\ndata: ")
                self._events.put((first[4:].decode(), json.loads(data)))

    def next(self) -> Event | None:
        return self._events.get(timeout=PATIENCE)

    def rest(self) -> list[Event]:
        found = []
        while (event := self.next()) is not None:
            found.append(event)
        return found

    def close(self) -> None:
        self._gone.set()
        self._thread.join(PATIENCE)


@pytest.fixture
def follow(valkey: Valkey) -> Iterator[Callable[[Person, str], Follower]]:
    opened: list[Follower] = []

    def open_one(person: Person, path: str) -> Follower:
        opened.append(Follower(person, path))
        return opened[-1]

    yield open_one
    for follower in opened:
        follower.close()


def test_an_execution_is_followed_to_its_end(people: Cast, follow: Callable[[Person, str], Follower]) -> None:
    save(people, log_flow(tasks=2))
    execution, worker = start(people), FakeWorker()
    follower = follow(people.vera, f"executions/{execution.id}/follow")
    kind, shown = follower.next() or ("", {})
    assert (kind, shown["state"]["current"], len(shown["taskRunList"])) == ("progress", "RUNNING", 1)
    worker.work_off()
    events = follower.rest()
    assert [kind for kind, _ in events][-1] == "end"
    assert events[-1][1]["state"]["current"] == "SUCCESS"
    assert [run["taskId"] for run in events[-1][1]["taskRunList"]] == ["log0", "log1"]


def test_a_log_is_followed_without_a_line_lost_or_twice(
    people: Cast, follow: Callable[[Person, str], Follower]
) -> None:
    save(people, log_flow(tasks=2))
    execution, worker = start(people), FakeWorker()
    (job,) = worker.claim()
    worker.report(Item(job_id=job.id, attempt=1, started=True, logs=ended(job, "a", "b").logs))
    follower = follow(people.vera, f"logs/{execution.id}/follow")
    assert follower.next() == ("start", {})
    (job,) = worker.report(ended(job, "c", "d"), want=1).jobs
    worker.report(ended(job, "e"))
    events = follower.rest()
    assert [data["message"] for kind, data in events if kind == "progress"] == ["a", "b", "c", "d", "e"]
    assert {data["executionId"] for kind, data in events if kind == "progress"} == {execution.id}
    assert events[-1] == ("end", {})


def test_states_alone_are_followed_too(people: Cast, follow: Callable[[Person, str], Follower]) -> None:
    save(people, log_flow())
    execution = start(people)
    follower = follow(people.vera, f"executions/{execution.id}/follow-dependencies")
    assert follower.next() is not None
    FakeWorker().work_off()
    kind, data = follower.rest()[-1]
    assert (kind, data["state"]["current"], data["flowId"]) == ("end", "SUCCESS", "hello")


def test_a_stranger_is_refused_before_the_stream_begins(
    people: Cast, follow: Callable[[Person, str], Follower]
) -> None:
    save(people, log_flow())
    execution = start(people)
    follower = follow(people.otto, f"executions/{execution.id}/follow")
    assert follower.rest() == []
    assert follower.status in (403, 404)


def test_a_right_that_was_taken_ends_the_stream(people: Cast, follow: Callable[[Person, str], Follower]) -> None:
    save(people, log_flow())
    execution = start(people)
    follower = follow(people.vera, f"logs/{execution.id}/follow")
    assert follower.next() == ("start", {})
    with tenant_scope(ACME):
        Binding.objects.filter(user_id=people.vera.user.id).delete()
        versions.move_tenant(ACME)
    assert follower.rest() == []


def test_many_followers_of_one_execution_are_told_the_same(
    people: Cast, follow: Callable[[Person, str], Follower]
) -> None:
    save(people, log_flow())
    execution = start(people)
    followers = [follow(people.vera, f"executions/{execution.id}/follow") for _ in range(3)]
    for follower in followers:
        assert follower.next() is not None
    FakeWorker().work_off()
    assert len({json.dumps(follower.rest()[-1]) for follower in followers}) == 1
