"""An execution for each element that comes to a list of Redis."""

from __future__ import annotations

from typing import Any, ClassVar

from plugins.contracts import Property, RunContext
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, anything
from plugins.contracts.services import Starts
from plugins.tasks.redis.connection import OfRedisList, redis_client
from plugins.tasks.redis.taking import Taking, taker_of
from plugins.triggers.kinds import RealtimeTrigger

_SECONDS = 0.5


class RedisListRealtime(OfRedisList, RealtimeTrigger):
    """Listen to a Redis list, and start an execution for each element as soon as it comes.

    Elements are kept beside the list until their execution is certain: none is lost. Redis 6.2 or newer is needed.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.redis.list.RealtimeTrigger"
    TITLE: ClassVar[str] = "Start for each element of a Redis list"
    OUTPUTS: ClassVar[Outputs] = {"value": anything("The element.")}
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: each_order_of_redis
namespace: company.team
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "{{ trigger.value ?? 'nothing yet' }}"
triggers:
  - id: order
    type: io.kestra.plugin.redis.list.RealtimeTrigger
    url: redis://redis.example.com:6379/0
    key: orders
""",
    )

    count: Property[int] = default(1)
    """Accepted for flows of other versions: each element starts an execution of its own."""

    def listen(self, ctx: RunContext) -> None:
        with redis_client(ctx, ctx.render(self.url)) as client:
            taking = Taking(client, ctx.render(self.key), taker_of(ctx, self.id), ctx.render(self.serde_type))
            while left := taking.left():
                self._begin(ctx, taking, left)
            while not ctx.is_killed():
                if found := taking.wait(_SECONDS):
                    self._begin(ctx, taking, found)

    def _begin(self, ctx: RunContext, taking: Taking, found: list[Any]) -> None:
        starts: Starts = ctx.service("starts")
        starts.begin(found=[{"value": each} for each in found])
        taking.done(len(found))
