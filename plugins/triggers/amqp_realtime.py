"""An execution for each message that comes to a queue."""

from __future__ import annotations

from typing import Any, ClassVar

from plugins.contracts import RunContext
from plugins.contracts.outputs import Outputs, anything, moment, record, text, whole
from plugins.contracts.services import Starts
from plugins.tasks.amqp.connection import amqp_connection, message_of
from plugins.tasks.amqp.consume import OfQueue
from plugins.triggers.kinds import RealtimeTrigger

MOST_AT_ONCE = 100
_SECONDS = 0.5
_FOR_MORE = 0.005


class AmqpRealtime(OfQueue, RealtimeTrigger):
    """Listen to a queue, and start an execution for each message as soon as it comes.

    The broker forgets a message once its execution is certain; one that was on its way to a worker that died comes
    again.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.amqp.RealtimeTrigger"
    TITLE: ClassVar[str] = "Start for each message of an AMQP queue"
    OUTPUTS: ClassVar[Outputs] = {
        "data": anything("The content."),
        "headers": record("The headers."),
        "contentType": text("What the content is."),
        "contentEncoding": text("How the content is written."),
        "deliveryMode": whole("2 for a message that outlives the broker."),
        "priority": whole("The priority."),
        "messageId": text("The id of the message."),
        "correlationId": text("What it belongs to."),
        "replyTo": text("Where answers go."),
        "expiration": text("After how many milliseconds it is of no use."),
        "timestamp": moment("When it was sent."),
        "type": text("What kind of message it is."),
        "userId": text("Who sent it."),
        "appId": text("What sent it."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: each_order_of_rabbit
namespace: company.team
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "{{ trigger.data ?? 'nothing yet' }}"
triggers:
  - id: order
    type: io.kestra.plugin.amqp.RealtimeTrigger
    host: rabbit.example.com
    username: reader
    password: "{{ secret('RABBIT_PASSWORD') }}"
    queue: orders
""",
    )

    def listen(self, ctx: RunContext) -> None:
        with amqp_connection(ctx, self) as connection:
            channel, waiting = connection.channel(), list[Any]()
            forgets, serde = ctx.render(self.auto_ack), ctx.render(self.serde_type)
            channel.basic_qos(0, MOST_AT_ONCE, False)
            channel.basic_consume(
                ctx.render(self.queue),
                consumer_tag=ctx.render(self.consumer_tag),
                callback=waiting.append,
                no_ack=forgets,
                on_cancel=lambda tag: connection.collect(),
            )
            starts: Starts = ctx.service("starts")
            while not ctx.is_killed():
                _gather(connection, waiting)
                connection.heartbeat_tick()
                if waiting:
                    starts.begin(found=[message_of(each, serde) for each in waiting])
                    if not forgets:
                        channel.basic_ack(waiting[-1].delivery_tag, multiple=True)
                    waiting.clear()


def _gather(connection: Any, waiting: list[Any]) -> None:
    """Wait a little for the first message, then take those along that are here already."""
    patience = _SECONDS
    while len(waiting) < MOST_AT_ONCE:
        try:
            connection.drain_events(timeout=patience)
        except TimeoutError:
            return
        patience = _FOR_MORE
