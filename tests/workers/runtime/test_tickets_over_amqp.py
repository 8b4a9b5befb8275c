"""The same tickets over AMQP, against a RabbitMQ of its own where one is installed."""

import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from tests.rabbit import TICKETS as GROUP
from tests.workers.runtime.control_plane import job
from workers.queue.tickets import Sender
from workers.runtime import protocol

SLEEP = {"id": "s", "type": "io.kestra.plugin.core.flow.Sleep", "duration": "PT60S"}


@pytest.fixture
def broker(rabbit, plane):
    """Slots do not ask by themselves, so nothing but a ticket wakes them."""
    plane.broker = protocol.Broker(url=rabbit.url, queue=GROUP)
    plane.poll_seconds = 600.0
    _until(lambda: (rabbit.messages(), rabbit.listeners()) == (0, 0))
    return rabbit


@pytest.fixture
def send(broker) -> Iterator[Callable[..., None]]:
    """Sends a ticket to a group as the control plane does."""
    sender = Sender(broker.url)
    yield lambda group="default": sender.send(Counter({group: 1}))
    sender._producers.connections.force_close_all()


def test_a_ticket_makes_a_free_slot_ask(plane, broker, start, send):
    start()
    _until(lambda: broker.listeners() == 1)
    with plane.lock:
        plane.waiting.append(job("one"))
    send()
    assert plane.end_of("one").state == "SUCCESS"


def test_a_worker_stops_consuming_while_its_slots_are_full(plane, broker, start, send):
    plane.offer(job("long", SLEEP))
    start(slots=1)
    plane.until(lambda: "long" in plane.claimed)
    _until(lambda: broker.listeners() == 1)
    send()
    _until(lambda: (broker.messages(), broker.listeners()) == (1, 0))
    with plane.lock:
        plane.waiting.append(job("next"))
    plane.order(protocol.Order(order="kill", job_id="long"))
    assert plane.end_of("next").state == "SUCCESS"
    _until(lambda: (broker.messages(), broker.listeners()) == (0, 1))


def test_nobody_can_control_a_worker_through_the_broker(plane, broker, start):
    start()
    _until(lambda: broker.listeners() == 1)
    assert not broker.has_exchange("celery.pidbox")
    assert not broker.has_exchange("celeryev")


def test_a_ticket_of_a_group_that_nobody_has_listened_to_is_lost_and_the_next_one_arrives(plane, broker, start, send):
    start()
    _until(lambda: broker.listeners() == 1)
    send("nobody")
    with plane.lock:
        plane.waiting.append(job("one"))
    send()
    assert plane.end_of("one").state == "SUCCESS"


def _until(holds, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
