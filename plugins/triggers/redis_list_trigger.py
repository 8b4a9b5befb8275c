"""An execution with the elements that have come to a list of Redis."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from plugins.contracts import Property, RunContext
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, address, whole
from plugins.contracts.services import Starts
from plugins.tasks.redis.connection import OfRedisList, redis_client
from plugins.tasks.redis.taking import MOST_AT_ONCE, Taking, taker_of
from plugins.triggers.kept_rows import keep_rows
from plugins.triggers.kinds import PollingTrigger


class RedisListTrigger(OfRedisList, PollingTrigger):
    """Take what is in a Redis list every `interval`, and start one execution with all of it.

    Elements are kept beside the list until their execution is certain: none is lost. Redis 6.2 or newer is needed.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.redis.list.Trigger"
    TITLE: ClassVar[str] = "Start with the elements of a Redis list"
    OUTPUTS: ClassVar[Outputs] = {
        "uri": address("The file of the elements."),
        "count": whole("How many there are."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: orders_of_redis
namespace: company.team
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "{{ trigger.count ?? 0 }} orders"
triggers:
  - id: orders
    type: io.kestra.plugin.redis.list.Trigger
    interval: PT30S
    url: redis://redis.example.com:6379/0
    key: orders
    maxRecords: 1000
""",
    )

    count: Property[int] = default(100)
    """Accepted for flows of other versions: elements are taken one by one."""
    max_records: Property[int] = default(10_000)
    """At most so many in one execution."""
    max_duration: Property[timedelta] | None = None
    """How long to wait for more once there are some."""

    def evaluate(self, ctx: RunContext) -> Mapping[str, Any] | None:
        with redis_client(ctx, ctx.render(self.url)) as client:
            taking = Taking(client, ctx.render(self.key), taker_of(ctx, self.id), ctx.render(self.serde_type))
            found, most = taking.left(), ctx.render(self.max_records)
            while len(found) < most and not ctx.is_killed():
                more = taking.take(min(MOST_AT_ONCE, most - len(found)))
                if not more:
                    break
                found += more
            if not found:
                return None
            starts: Starts = ctx.service("starts")
            starts.begin(found=[keep_rows(ctx, found)])
            taking.done(len(found))
        return None
