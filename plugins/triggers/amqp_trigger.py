"""An execution with the messages that have come to a queue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from plugins.contracts import Property, RunContext
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, address, whole
from plugins.contracts.services import Starts
from plugins.tasks.amqp.connection import amqp_connection
from plugins.tasks.amqp.consume import OfQueue, QueueTaking
from plugins.triggers.kept_rows import keep_rows
from plugins.triggers.kinds import PollingTrigger


class AmqpTrigger(OfQueue, PollingTrigger):
    """Take what is in a queue every `interval`, and start one execution with all of it.

    The broker forgets the messages once their execution is certain.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.amqp.Trigger"
    TITLE: ClassVar[str] = "Start with the messages of an AMQP queue"
    OUTPUTS: ClassVar[Outputs] = {
        "uri": address("The file of the messages."),
        "count": whole("How many there are."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: orders_of_rabbit
namespace: company.team
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "{{ trigger.count ?? 0 }} orders"
triggers:
  - id: orders
    type: io.kestra.plugin.amqp.Trigger
    interval: PT30S
    host: rabbit.example.com
    username: reader
    password: "{{ secret('RABBIT_PASSWORD') }}"
    queue: orders
    maxRecords: 1000
""",
    )

    max_records: Property[int] = default(10_000)
    """At most so many in one execution."""
    max_duration: Property[timedelta] | None = None
    """How long to wait for messages; without it only those that are there are taken."""

    def evaluate(self, ctx: RunContext) -> Mapping[str, Any] | None:
        wait = ctx.render(self.max_duration).total_seconds() if self.max_duration is not None else 0.0
        with amqp_connection(ctx, self) as connection:
            taking = QueueTaking(ctx, connection.channel(), self)
            found = list(taking.messages(ctx.render(self.max_records), wait))
            if found:
                starts: Starts = ctx.service("starts")
                starts.begin(found=[keep_rows(ctx, found)])
                taking.done()
        return None
