"""Putting elements at the end of a list of Redis."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any, ClassVar

from pydantic import Field

from plugins.contracts import Property, RunContext, RunnableTask
from plugins.contracts.outputs import Outputs, whole
from plugins.formats.given import elements
from plugins.formats.messages import content_of
from plugins.tasks.redis.connection import OfRedisList, redis_client

_AT_ONCE = 500


class ListPush(OfRedisList, RunnableTask):
    """Put elements at the end of a Redis list: those of a list, or of a stored file."""

    TYPE: ClassVar[str] = "io.kestra.plugin.redis.list.ListPush"
    TITLE: ClassVar[str] = "Put elements into a Redis list"
    OUTPUTS: ClassVar[Outputs] = {"count": whole("How many were put there.")}
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: redis_push
namespace: company.team
tasks:
  - id: push
    type: io.kestra.plugin.redis.list.ListPush
    url: redis://redis.example.com:6379/0
    key: orders
    from:
      - first
      - second
""",
    )

    from_: Property[Any] = Field(alias="from")
    """The elements: a list, or the address of a stored file."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        key, serde, count = ctx.render(self.key), ctx.render(self.serde_type), 0
        values = elements(ctx, self.from_)
        with redis_client(ctx, ctx.render(self.url)) as client:
            while page := [content_of(each, serde) for each in islice(values, _AT_ONCE)]:
                client.rpush(key, *page)
                count += len(page)
        ctx.counter("records", count)
        return {"count": count}
