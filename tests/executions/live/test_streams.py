"""Server-sent events of an execution and of its log: everything once, until the end, for those who may see it."""

from __future__ import annotations

import asyncio
import json
import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from control_plane.embedded.valkey import Valkey
from control_plane.kernel.scope import tenant_scope
from executions.live.streams import async_routes
from executions.models import Execution
from iam.authorization import versions
from iam.models import Binding
from tests.cast import ACME, Cast, Person
from tests.executions.ground import FakeWorker, ended, log_flow, row, save, start
from tests.iam.scim.clients import make_client
from workers.runtime.protocol import Item

pytestmark = pytest.mark.django_db
PATIENCE = 15
Event = tuple[str, dict[str, Any]]


class Follower:
    """A client of a stream, on an event loop of its own."""

    def __init__(self, person: Person, path: str) -> None:
        path, _, query = path.partition("?")
        headers = [(b"host", b"orrery.test"), (b"authorization", f"Bearer {person.token}".encode())]
        self.scope: dict[str, Any] = {
            "type": "http",
            "method": "GET",
            "path": f"/api/v1/{ACME}/{path}",
            "query_string": query.encode(),
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
    for _, data in [(kind, shown), *events]:
        for run in data["taskRunList"]:
            assert (run["executionId"], run["namespace"], run["flowId"]) == (execution.id, "prod.data", "hello")


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
    lines = [data for kind, data in events if kind == "progress"]
    assert lines and all((each["namespace"], each["flowId"]) == ("prod.data", "hello") for each in lines)
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


def caller(flow_id: str, of: str, *more: str) -> str:
    lines = [f"id: {flow_id}", "namespace: prod.data", "tasks:", f"  - id: to_{of}"]
    lines += ["    type: io.kestra.plugin.core.flow.Subflow", "    namespace: prod.data", f"    flowId: {of}"]
    return "\n".join([*lines, *more])


def test_a_family_is_followed_until_the_last_of_it_has_ended(
    people: Cast, follow: Callable[[Person, str], Follower]
) -> None:
    """top -> middle -> hello, and top does not wait for what it has started."""
    save(people, log_flow())
    save(people, caller("middle", "hello"))
    save(people, caller("top", "middle", "    wait: false"))
    top = start(people, "top")
    with tenant_scope(ACME):
        ids = {row.flow_id: row.id for row in Execution.objects.all()}
    assert ids.keys() == {"top", "middle", "hello"} and row(top.id).state == "SUCCESS"
    cases = {
        (ids["top"], ""): {"top", "middle"},
        (ids["top"], "?expandAll=true"): {"top", "middle", "hello"},
        (ids["middle"], ""): {"top", "middle", "hello"},
        (ids["middle"], "?destinationOnly=true"): {"middle", "hello"},
        (ids["hello"], "?destinationOnly=true&expandAll=true"): {"hello"},
        (ids["hello"], "?expandAll=true"): {"top", "middle", "hello"},
    }
    followers = [(follow(people.vera, f"executions/{each}/follow-dependencies{query}"), each, names)
                 for (each, query), names in cases.items()]  # fmt: skip
    firsts = [follower.next() for follower, _, _ in followers]
    assert [first and first[1]["executionId"] for first in firsts] == [each for _, each, _ in followers]
    FakeWorker().work_off()
    for (follower, each, names), first in zip(followers, firsts, strict=True):
        events = [event for event in [first, *follower.rest()] if event is not None]
        assert {data["flowId"] for _, data in events} == names
        kind, data = events[-1]
        assert (kind, data["executionId"], data["state"]["current"]) == ("end", each, "SUCCESS")
        last = {data["flowId"]: data["state"]["current"] for _, data in events}
        assert set(last.values()) == {"SUCCESS"}


def test_what_is_started_later_is_followed_too(people: Cast, follow: Callable[[Person, str], Follower]) -> None:
    save(people, log_flow())
    save(
        people,
        caller("top", "hello").replace(
            "tasks:\n", "tasks:\n  - {id: a, type: io.kestra.plugin.core.log.Log, message: m}\n"
        ),
    )
    top = start(people, "top")
    follower = follow(people.vera, f"executions/{top.id}/follow-dependencies")
    assert follower.next() is not None
    worker = FakeWorker()
    worker.work_off()
    worker.work_off()
    events = follower.rest()
    assert [data["flowId"] for _, data in events][-1] == "top"
    assert "hello" in {data["flowId"] for _, data in events}


def test_a_relative_that_may_not_be_followed_is_left_out(
    people: Cast, follow: Callable[[Person, str], Follower]
) -> None:
    save(people, log_flow().replace("prod.data", "dev"))
    save(people, caller("top", "hello", "    wait: false").replace("    namespace: prod.data", "    namespace: dev"))
    top = start(people, "top")
    seen = follow(people.lena, f"executions/{top.id}/follow-dependencies").rest()
    assert {data["flowId"] for _, data in seen} == {"top"}


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


def test_whom_the_directory_deactivates_is_shown_no_more(
    people: Cast, follow: Callable[[Person, str], Follower]
) -> None:
    scim = make_client(people.olga)
    pushed = scim.user("vera@acme.test")
    save(people, log_flow())
    follower = follow(people.vera, f"logs/{start(people).id}/follow")
    assert follower.next() == ("start", {})
    began = time.monotonic()
    assert scim.patch(f"/Users/{pushed['id']}", {"op": "replace", "value": {"active": False}})[0] == 200
    assert follower.rest() == []
    assert time.monotonic() - began < 5


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
