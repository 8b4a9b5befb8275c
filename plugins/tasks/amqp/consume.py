"""Taking messages from a queue of a broker."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, BinaryIO, ClassVar

from plugins.contracts import Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, address, whole
from plugins.formats.ion import write_rows
from plugins.tasks.amqp.connection import OfAmqp, amqp_connection, message_of


class OfQueue(OfAmqp):
    """What all that reads a queue has."""

    queue: Property[str]
    """The queue."""
    consumer_tag: Property[str] = default("Kestra")
    """The name under which the broker shows who reads."""
    auto_ack: Property[bool] = default(False)
    """Let the broker forget a message as soon as it is sent: it may be lost."""


class Consume(OfQueue, RunnableTask):
    """Take messages from a queue into a file, until as many as asked for were taken, the time is up, or the queue is
    empty. The broker forgets them once the file is stored.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.amqp.Consume"
    TITLE: ClassVar[str] = "Take messages from an AMQP queue"
    OUTPUTS: ClassVar[Outputs] = {
        "uri": address("The file of the messages."),
        "count": whole("How many were taken."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: amqp_consume
namespace: company.team
tasks:
  - id: consume
    type: io.kestra.plugin.amqp.Consume
    host: rabbit.example.com
    username: reader
    password: "{{ secret('RABBIT_PASSWORD') }}"
    queue: orders
    maxRecords: 100
""",
    )

    max_records: Property[int] | None = None
    """At most so many."""
    max_duration: Property[timedelta] | None = None
    """How long to wait for messages; without it only those that are there are taken."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        with amqp_connection(ctx, self) as connection:
            channel = connection.channel()
            taking = QueueTaking(ctx, channel, self)
            most = ctx.render(self.max_records) if self.max_records is not None else None
            wait = ctx.render(self.max_duration).total_seconds() if self.max_duration is not None else 0.0
            with tempfile.TemporaryFile(dir=ctx.workdir) as file:
                target: BinaryIO = file
                count = write_rows(taking.messages(most, wait), target)
                target.seek(0)
                uri = ctx.store(target, "messages.ion")
            taking.done()
        ctx.counter("records", count)
        return {"uri": uri, "count": count}


class QueueTaking:
    """Messages of a queue, which the broker keeps until they are done with."""

    def __init__(self, ctx: RunContext, channel: Any, of: OfQueue) -> None:
        self._ctx = ctx
        self._channel = channel
        self._queue = ctx.render(of.queue)
        self._serde = ctx.render(of.serde_type)
        self._forgets = ctx.render(of.auto_ack)
        self._last: int | None = None

    def messages(self, most: int | None, seconds: float) -> Iterator[dict[str, Any]]:
        """Those that are there, and those that come within the time."""
        until, count = time.monotonic() + seconds, 0
        while (most is None or count < most) and not self._ctx.is_killed():
            message = self._channel.basic_get(self._queue, no_ack=self._forgets)
            if message is not None:
                self._last, count = message.delivery_tag, count + 1
                yield message_of(message, self._serde)
            elif time.monotonic() >= until:
                return
            else:
                self._ctx.wait(min(0.1, seconds))

    def done(self) -> None:
        """The broker may forget them."""
        if self._last is not None and not self._forgets:
            self._channel.basic_ack(self._last, multiple=True)
