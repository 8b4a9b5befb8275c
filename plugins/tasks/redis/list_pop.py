"""Taking elements from a list of Redis."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, BinaryIO, ClassVar

from plugins.contracts import PluginError, Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, address, whole
from plugins.formats.ion import write_rows
from plugins.tasks.redis.connection import OfRedisList, redis_client
from plugins.tasks.redis.taking import MOST_AT_ONCE, Taking


class ListPop(OfRedisList, RunnableTask):
    """Take elements from the head of a Redis list into a file, until as many as asked for were taken, the time is up,
    or the list is empty. They are kept beside the list until the file is stored: Redis 6.2 or newer is needed.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.redis.list.ListPop"
    TITLE: ClassVar[str] = "Take elements from a Redis list"
    OUTPUTS: ClassVar[Outputs] = {
        "uri": address("The file of the elements."),
        "count": whole("How many were taken."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: redis_pop
namespace: company.team
tasks:
  - id: pop
    type: io.kestra.plugin.redis.list.ListPop
    url: redis://redis.example.com:6379/0
    key: orders
    maxRecords: 100
""",
    )

    count: Property[int] = default(100)
    """How many are taken at once."""
    max_records: Property[int] | None = None
    """At most so many."""
    max_duration: Property[timedelta] | None = None
    """How long to wait for elements; without it only those that are there are taken."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        with redis_client(ctx, ctx.render(self.url)) as client:
            taking = Taking(client, ctx.render(self.key), ctx.task_run_id, ctx.render(self.serde_type))
            try:
                uri, count = self._stored(ctx, taking)
            except PluginError:
                taking.give_back()
                raise
            taking.done(count)
        ctx.counter("records", count)
        return {"uri": uri, "count": count}

    def _stored(self, ctx: RunContext, taking: Taking) -> tuple[str, int]:
        with tempfile.TemporaryFile(dir=ctx.workdir) as file:
            target: BinaryIO = file
            count = write_rows(self._taken(ctx, taking), target)
            target.seek(0)
            return ctx.store(target, "elements.ion"), count

    def _taken(self, ctx: RunContext, taking: Taking) -> Iterator[Any]:
        most = ctx.render(self.max_records) if self.max_records is not None else None
        wait = ctx.render(self.max_duration).total_seconds() if self.max_duration is not None else 0.0
        until, taken = time.monotonic() + wait, 0
        found = taking.left()
        while found or not ctx.is_killed():
            yield from found
            taken += len(found)
            room = min(ctx.render(self.count), MOST_AT_ONCE) if most is None else most - taken
            left = until - time.monotonic()
            if room <= 0:
                return
            found = taking.take(min(room, MOST_AT_ONCE))
            if not found and left <= 0:
                return
            if not found:
                ctx.wait(min(0.2, left))
