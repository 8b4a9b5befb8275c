"""The live feed as a browser meets it: the state, each change, the end; and nothing for strangers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import queue
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from control_plane.embedded.valkey import Valkey
from control_plane.kernel.scope import tenant_scope
from executions.live.consumers import MOST_SUBSCRIPTIONS, MOST_THAT_ENDED, live
from iam.authorization import versions
from iam.models import Binding
from tests.cast import ACME, Cast, Person
from tests.executions.ground import FakeWorker, ended, log_flow, save, start
from workers.runtime.protocol import Item

pytestmark = pytest.mark.django_db
PATIENCE = 15


class Browser:
    """A WebSocket of somebody, served on an event loop of its own."""

    def __init__(self, token: str | None, tenant: str = ACME, **headers: str) -> None:
        given = {"host": "orrery.test", **headers}
        if token is not None:
            given["authorization"] = f"Bearer {token}"
        self.scope: dict[str, Any] = {
            "type": "websocket",
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
            "url_route": {"kwargs": {"tenant": tenant}},
        }
        self.heard: queue.Queue[dict[str, Any]] = queue.Queue()
        self._loop = asyncio.new_event_loop()
        self._said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._thread = threading.Thread(target=self._run)
        self._said.put_nowait({"type": "websocket.connect"})
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(live(self.scope, self._said.get, self._send))  # type: ignore[arg-type]
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _send(self, message: Any) -> None:
        self.heard.put(message)

    def say(self, **message: Any) -> None:
        self.say_text(json.dumps(message))

    def say_text(self, text: str) -> None:
        self._loop.call_soon_threadsafe(self._said.put_nowait, {"type": "websocket.receive", "text": text})

    def next(self) -> dict[str, Any]:
        message = self.heard.get(timeout=PATIENCE)
        return json.loads(message["text"]) if "text" in message else message

    def until(self, kind: str) -> list[dict[str, Any]]:
        """Everything up to the first message of a kind."""
        found = [self.next()]
        while found[-1]["type"] != kind:
            found.append(self.next())
        return found

    def close(self) -> None:
        # A connection that was refused may end its loop at this very moment.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._said.put_nowait, {"type": "websocket.disconnect", "code": 1000})
        self._thread.join(PATIENCE)


@pytest.fixture
def browsers(valkey: Valkey) -> Iterator[list[Browser]]:
    opened: list[Browser] = []
    yield opened
    for browser in opened:
        browser.close()


def browse(browsers: list[Browser], person: Person, tenant: str = ACME) -> Browser:
    browser = Browser(person.token, tenant)
    browsers.append(browser)
    assert browser.next()["type"] == "websocket.accept"
    return browser


def test_the_state_comes_first_then_each_change_then_the_end(people: Cast, browsers: list[Browser]) -> None:
    save(people, log_flow(tasks=2))
    execution, worker = start(people), FakeWorker()
    browser = browse(browsers, people.vera)
    browser.say(type="subscribe", id="1", topic="execution", executionId=execution.id)
    state = browser.next()
    assert (state["type"], state["data"]["state"]["current"]) == ("state", "RUNNING")
    (job,) = worker.claim()
    worker.report(Item(job_id=job.id, attempt=1, started=True))
    (job,) = worker.report(ended(job, "one"), want=1).jobs
    worker.report(ended(job, "two"))
    told = browser.until("end")
    changes = told[:-1]
    assert [each["cursor"] for each in changes] == [state["cursor"] + n + 1 for n in range(3)]
    assert changes[-1]["data"]["execution"]["state"]["current"] == "SUCCESS"
    assert next(run["taskId"] for each in changes for run in each["data"]["taskRuns"]) == "log0"


def test_a_reader_of_the_log_misses_no_line(people: Cast, browsers: list[Browser]) -> None:
    save(people, log_flow(tasks=2))
    execution, worker = start(people), FakeWorker()
    (job,) = worker.claim()
    worker.report(Item(job_id=job.id, attempt=1, started=True, logs=ended(job, "a", "b").logs))
    browser = browse(browsers, people.vera)
    browser.say(type="subscribe", id="1", topic="logs", executionId=execution.id, cursor=1)
    assert [line["seq"] for line in browser.next()["data"]["logs"]] == [2]
    (job,) = worker.report(ended(job, "c", "d", "e"), want=1).jobs
    worker.report(ended(job, "f"))
    lines = [line["seq"] for each in browser.until("end") if "data" in each for line in each["data"]["logs"]]
    assert lines == [3, 4, 5, 6]


def test_a_lost_message_is_healed_from_the_database(people: Cast, browsers: list[Browser], valkey: Valkey) -> None:
    save(people, log_flow())
    execution, worker = start(people), FakeWorker()
    browser = browse(browsers, people.vera)
    browser.say(type="subscribe", id="1", topic="execution", executionId=execution.id)
    cursor = browser.next()["cursor"]
    with redis.Redis.from_url(valkey.url) as client:
        client.publish(
            f"orrery:{ACME}:execution:{execution.id}", json.dumps({"version": cursor + 2, "logSeq": 0, "change": {}})
        )
    again = browser.next()
    assert (again["type"], again["cursor"]) == ("state", cursor)
    worker.report(ended(worker.claim()[0]))
    assert browser.until("end")


def test_strangers_are_not_let_in(people: Cast, browsers: list[Browser]) -> None:
    for browser, code in (
        (Browser(people.otto.token), 4403),
        (Browser("oru_nonsense"), 4401),
        (Browser(None, origin="http://evil.test", cookie="JWT=x"), 4400),
    ):
        browsers.append(browser)
        assert browser.next()["code"] == code


def test_what_may_not_be_seen_is_refused_by_its_own_name(people: Cast, browsers: list[Browser]) -> None:
    save(people, log_flow().replace("prod.data", "other"))
    from executions.services.starting import start_execution

    hidden = start_execution(people.olga.context(ACME), namespace="other", flow_id="hello")
    browser = browse(browsers, people.lena)
    browser.say(type="subscribe", id="1", topic="execution", executionId=hidden.id)
    assert browser.next()["code"] == "not_found"
    browser.say(type="subscribe", id="2", topic="nonsense")
    assert browser.next()["code"] == "bad_topic"


def test_a_right_that_was_taken_ends_the_watching(people: Cast, browsers: list[Browser]) -> None:
    save(people, log_flow())
    execution = start(people)
    browser = browse(browsers, people.vera)
    browser.say(type="subscribe", id="1", topic="execution", executionId=execution.id)
    assert browser.next()["type"] == "state"
    with tenant_scope(ACME):
        Binding.objects.filter(user_id=people.vera.user.id).delete()
        versions.move_tenant(ACME)
    assert browser.until("error")[-1]["code"] in ("not_found", "forbidden")


def test_lists_are_told_of_visible_rows_alone(people: Cast, browsers: list[Browser]) -> None:
    save(people, log_flow())
    save(people, log_flow().replace("prod.data", "other"))
    from executions.services.starting import start_execution

    browser = browse(browsers, people.lena)
    browser.say(type="subscribe", id="1", topic="executions")
    assert browser.next()["type"] == "state"
    start_execution(people.olga.context(ACME), namespace="other", flow_id="hello")
    seen = start(people)
    told = browser.next()
    assert [row["id"] for row in told["data"]["executions"]] == [seen.id]
    assert told["cursor"] == 1


def test_a_restart_by_somebody_else_is_told_after_the_end(people: Cast, browsers: list[Browser]) -> None:
    save(people, log_flow(tasks=2))
    execution, worker = start(people), FakeWorker()
    browser = browse(browsers, people.vera)
    for number, topic in enumerate(("execution", "logs")):
        browser.say(type="subscribe", id=str(number), topic=topic, executionId=execution.id)
        assert browser.next()["type"] == "state"
    worker.report(ended(worker.claim()[0], state="FAILED", error="no"))
    assert {each["id"] for each in (*browser.until("end"), *browser.until("end")) if each["type"] == "end"} == {
        "0",
        "1",
    }
    answer = people.olga.client.post(f"/api/v1/{ACME}/executions/{execution.id}/actions/restart")
    assert answer.status_code == 200
    told = browser.until("change")[-1]
    assert (told["id"], told["data"]["execution"]["state"]["current"]) == ("0", "RESTARTED")
    worker.work_off()
    assert [each["type"] for each in (*browser.until("end"), *browser.until("end"))].count("end") == 2


def test_subscriptions_that_ended_leave_room_for_others(people: Cast, browsers: list[Browser]) -> None:
    save(people, log_flow())
    execution = start(people)
    FakeWorker().work_off()
    running = start(people)
    browser = browse(browsers, people.vera)
    for number in range(MOST_SUBSCRIPTIONS + MOST_THAT_ENDED):
        browser.say(type="subscribe", id=f"ended{number}", topic="execution", executionId=execution.id)
        assert browser.until("end")[0]["type"] == "state"
    for number in range(MOST_SUBSCRIPTIONS):
        browser.say(type="subscribe", id=f"running{number}", topic="execution", executionId=running.id)
        assert browser.next()["type"] == "state"
    browser.say(type="subscribe", id="more", topic="execution", executionId=running.id)
    assert browser.next()["code"] == "too_many"
    browser.say(type="unsubscribe", id="running0")
    browser.say(type="subscribe", id="more", topic="execution", executionId=running.id)
    assert browser.next()["type"] == "state"
