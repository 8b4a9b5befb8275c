"""Messages of a queue of a real RabbitMQ start executions, and none of them is lost on the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from flows.model.parse import parse_trigger
from plugins.contracts import PluginError
from plugins.triggers.amqp_realtime import AmqpRealtime
from plugins.triggers.amqp_trigger import AmqpTrigger
from tests.plugins.tasks.memory import MemoryContext, run
from tests.plugins.triggers.listening import until_begun
from tests.rabbit import Rabbit

AMQP = "io.kestra.plugin.amqp"
QUEUE = "watched-orders"


@pytest.fixture
def queue(rabbit: Rabbit) -> Iterator[Rabbit]:
    rabbit.put(QUEUE)
    yield rabbit
    rabbit.drop(QUEUE)


@pytest.fixture
def place(queue: Rabbit) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": queue.port, "username": "guest", "password": "guest", "queue": QUEUE}


def listening(place: dict[str, Any], **more: Any) -> AmqpRealtime:
    parsed = parse_trigger({"id": "t", "type": f"{AMQP}.RealtimeTrigger", **place, **more})
    assert isinstance(parsed, AmqpRealtime)
    return parsed


def test_each_message_is_told_with_its_properties_as_soon_as_it_comes(
    ctx: MemoryContext, queue: Rabbit, place: dict[str, Any]
) -> None:
    queue.put(QUEUE, "first", message_id="1", application_headers={"kind": "order"}, content_type="text/plain")
    until_begun(ctx, 2, listening(place), lambda: queue.put(QUEUE, "second"))
    first, second = ctx.starts.begun
    assert (first["data"], first["messageId"], first["headers"]) == ("first", "1", {"kind": "order"})
    assert second["data"] == "second"
    assert queue.messages(QUEUE) == 0


def test_what_starts_nothing_stays_with_the_broker(ctx: MemoryContext, queue: Rabbit, place: dict[str, Any]) -> None:
    queue.put(QUEUE, '{"n": 1}', "no json")
    ctx.starts.refuses = True
    with pytest.raises(PluginError, match="nothing begins"):
        listening(place, serdeType="JSON").listen(ctx)
    ctx.starts.refuses = False
    until_begun(ctx, 2, listening(place, serdeType="JSON"), lambda: None)
    assert [each["data"] for each in ctx.starts.begun] == [{"n": 1}, "no json"]


def test_a_look_starts_one_execution_with_all_that_is_there(
    ctx: MemoryContext, queue: Rabbit, place: dict[str, Any]
) -> None:
    trigger = parse_trigger({"id": "t", "type": f"{AMQP}.Trigger", "maxRecords": 2, **place})
    assert isinstance(trigger, AmqpTrigger)
    assert trigger.evaluate(ctx) is None
    queue.put(QUEUE, "a", "b", "c")
    ctx.starts.refuses = True
    with pytest.raises(PluginError):
        trigger.evaluate(ctx)
    ctx.starts.refuses = False
    trigger.evaluate(ctx)
    trigger.evaluate(ctx)
    assert [each["count"] for each in ctx.starts.begun] == [2, 1]


def test_tasks_send_messages_and_take_them(ctx: MemoryContext, queue: Rabbit, place: dict[str, Any]) -> None:
    to = {name: value for name, value in place.items() if name != "queue"}
    messages = [{"data": "a", "headers": {"n": 1}, "messageId": "m"}, "b"]
    sent = run(ctx, f"{AMQP}.Publish", **to, routingKey=QUEUE, from_=messages)
    assert sent == {"messagesCount": 2}
    taken = run(ctx, f"{AMQP}.Consume", **place, maxRecords=5)
    lines = ctx.text(taken["uri"]).splitlines()
    assert (taken["count"], len(lines)) == (2, 2)
    assert '"m"' in lines[0]
    assert queue.messages(QUEUE) == 0


def test_a_queue_that_is_not_there_and_a_broker_that_is_away_are_told(
    ctx: MemoryContext, place: dict[str, Any]
) -> None:
    with pytest.raises(PluginError, match="no queue"):
        listening({**place, "queue": "nothing-like-it"}).listen(ctx)
    with pytest.raises(PluginError, match="The broker: "):
        listening({**place, "port": 1}).listen(ctx)
    with pytest.raises(PluginError, match="The broker: "):
        listening({**place, "password": "wrong"}).listen(ctx)
