"""Who watches an execution, or its log, through a WebSocket."""

from __future__ import annotations

from control_plane.kernel.actor import Context
from control_plane.kernel.live.sink import Sink
from control_plane.kernel.threads import in_thread
from executions.live.execution_fan_out import ExecutionFanOut, execution_fan_out
from executions.live.reading import may_watch, tenant_of
from executions.live.subscribers import Batch, Member
from executions.permissions import EXECUTION
from executions.queries.lines import levels_from


class ExecutionMember(Member):
    """The execution with its task runs counted, then each change of it, numbered by its version."""

    fan_out: ExecutionFanOut

    def __init__(self, sink: Sink, subscription: str, ctx: Context, execution_id: str) -> None:
        super().__init__(sink, subscription)
        self._ctx = ctx
        self._execution_id = execution_id

    async def follow(self) -> None:
        await in_thread(may_watch, self._ctx, EXECUTION.FOLLOW, self._execution_id)
        async with execution_fan_out(tenant_of(self._ctx), self._execution_id) as self.fan_out:
            try:
                self.fan_out.broadcast.add(self)
                await self.stay()
            finally:
                self.fan_out.broadcast.discard(self)

    async def restate(self) -> None:
        state = await self.fan_out.counted()
        self.stand(None, state.place.version, state.place.is_done)
        text = self.message(b"state", self.place, state.shown.text)
        await self.tell(text, self.end()) if self.is_over else await self.tell(text)

    def changes(self) -> Batch | None:
        changes = self.fan_out.changes.since(self.place)
        if not changes:
            return None if changes is None else self.batch(self.place, self.is_over)
        texts: list[bytes] = []
        for change in changes:
            texts.append(self.message(b"change", change.last, change.data))
            if change.is_done:
                texts.append(self.end())
        return self.batch(changes[-1].last, changes[-1].is_done, texts)


class LogMember(Member):
    """Lines after a number, maybe of some levels. One is a change; several, or with others left out, are a state."""

    fan_out: ExecutionFanOut

    def __init__(
        self, sink: Sink, subscription: str, ctx: Context, execution_id: str, after: int, min_level: str | None
    ) -> None:
        super().__init__(sink, subscription, None, after)
        self._ctx = ctx
        self._execution_id = execution_id
        self._is_first = True
        self._min_level = min_level

    async def follow(self) -> None:
        levels = levels_from(self._min_level)
        self.stand(None if levels is None else tuple(levels), self.place)
        await in_thread(may_watch, self._ctx, EXECUTION.ACCESS_LOGS, self._execution_id)
        async with execution_fan_out(tenant_of(self._ctx), self._execution_id) as self.fan_out:
            try:
                self.fan_out.broadcast.add(self)
                await self.stay()
            finally:
                self.fan_out.broadcast.discard(self)

    async def restate(self) -> None:
        is_full = True
        while is_full:
            lines = await self.fan_out.lines_after(self.place, self.what)
            is_full = lines.is_full
            self.stand(self.what, lines.last)
            if lines.shown or self._is_first:
                await self.tell(self._message(b"state", self.place, lines.text))
            self._is_first = False

    def changes(self) -> Batch | None:
        entries = self.fan_out.lines.since(self.place)
        if entries is None:
            return None
        last = entries[-1].last if entries else self.place
        texts: list[bytes] = []
        if lines := self.fan_out.text_of(entries, self.what):
            kind = b"change" if last == self.place + 1 and self.what is None else b"state"
            texts.append(self._message(kind, last, lines))
        done_at = self.fan_out.done_at
        is_over = done_at is not None and last >= done_at
        if is_over and not self.is_over:
            texts.append(self.end())
        return self.batch(last, is_over, texts)

    def _message(self, kind: bytes, place: int, lines: bytes) -> bytes:
        return self.message(kind, place, b'{"logs":%b}' % lines)
