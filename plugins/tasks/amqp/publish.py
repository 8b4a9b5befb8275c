"""Sending messages by a broker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from plugins.contracts import Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, whole
from plugins.formats.given import elements
from plugins.formats.messages import content_of
from plugins.tasks.amqp.connection import OfAmqp, amqp_connection

_PROPERTIES = {
    "contentType": "content_type",
    "contentEncoding": "content_encoding",
    "headers": "application_headers",
    "deliveryMode": "delivery_mode",
    "priority": "priority",
    "messageId": "message_id",
    "correlationId": "correlation_id",
    "replyTo": "reply_to",
    "expiration": "expiration",
    "type": "type",
    "appId": "app_id",
}


class Publish(OfAmqp, RunnableTask):
    """Send messages to an exchange: those of a list, or of a stored file.

    A message is a map with its content as `data` and properties such as `headers` and `messageId` beside it; anything
    else is the content of a message.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.amqp.Publish"
    TITLE: ClassVar[str] = "Send messages over AMQP"
    OUTPUTS: ClassVar[Outputs] = {"messagesCount": whole("How many were sent.")}
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: amqp_publish
namespace: company.team
tasks:
  - id: publish
    type: io.kestra.plugin.amqp.Publish
    host: rabbit.example.com
    username: writer
    password: "{{ secret('RABBIT_PASSWORD') }}"
    exchange: ""
    routingKey: orders
    from:
      - data: first
        headers: {kind: order}
      - data: second
""",
    )

    exchange: Property[str] = default("")
    """The exchange; the default one sends to the queue that the routing key names."""
    routing_key: Property[str] = default("")
    """What the exchange decides by."""
    from_: Property[Any] = Field(alias="from")
    """The messages: a list, or the address of a stored file."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        import amqp

        exchange, key, serde = ctx.render(self.exchange), ctx.render(self.routing_key), ctx.render(self.serde_type)
        count = 0
        with amqp_connection(ctx, self) as connection:
            channel = connection.channel()
            channel.confirm_select()
            for each in elements(ctx, self.from_):
                content, properties = _parts(each)
                message = amqp.Message(content_of(content, serde), **{"content_encoding": "utf-8", **properties})
                channel.basic_publish_confirm(message, exchange=exchange, routing_key=key)
                count += 1
        ctx.counter("records", count)
        return {"messagesCount": count}


def _parts(value: Any) -> tuple[Any, dict[str, Any]]:
    """The content of a message, and its properties as the client names them."""
    if not isinstance(value, Mapping) or "data" not in value:
        return value, {}
    given = {_PROPERTIES[name]: each for name, each in value.items() if name in _PROPERTIES and each is not None}
    return value["data"], given
