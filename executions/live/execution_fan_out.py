"""Changes of one execution by version and its log lines by number, each in order and without a gap."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from control_plane.kernel.live.feed import Message
from control_plane.kernel.live.journal import Journal
from executions.live.fan_out import FanOut, on_fan_out
from executions.live.reading import (
    Levels,
    Lines,
    Place,
    State,
    of_levels,
    read_counted,
    read_lines,
    read_place,
    read_state,
)
from executions.record.announcing import execution_channel

logger = logging.getLogger(__name__)

REORDER_SECONDS = 0.1
"""How long a message may be overtaken by the next one, before the state is read instead."""

LOOK_SECONDS = 10.0

R = TypeVar("R", State, Lines)


@dataclass(frozen=True, slots=True)
class Change:
    """One change as JSON. After one that is done nothing follows, unless somebody restarts the execution."""

    last: int
    data: bytes
    is_done: bool
    log_seq: int

    @property
    def first(self) -> int:
        return self.last

    @property
    def size(self) -> int:
        return len(self.data)


@dataclass(frozen=True, slots=True)
class Written:
    """The lines of one message as a JSON list."""

    first: int
    last: int
    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)


class ExecutionFanOut(FanOut):
    """`done_at` is the number of the last log line of an execution that has ended."""

    def __init__(self, tenant: str, execution_id: str) -> None:
        super().__init__(execution_channel(tenant, execution_id))
        self.tenant = tenant
        self.execution_id = execution_id
        self.changes: Journal[Change] = Journal()
        self.lines: Journal[Written] = Journal()
        self.done_at: int | None = None
        self._known = 0, 0
        self._is_patient = False
        self._looking = asyncio.create_task(self._look(), name="live-look")

    async def state(self) -> State:
        return await self._read(read_state, self.tenant, self.execution_id)

    async def counted(self) -> State:
        return await self._read(read_counted, self.tenant, self.execution_id)

    async def lines_after(self, after: int, levels: Levels) -> Lines:
        return await self._read(read_lines, self.tenant, self.execution_id, after, levels)

    def text_of(self, entries: Sequence[Written], levels: Levels) -> bytes:
        """Lines that follow each other as one JSON list; empty when none has one of the levels."""
        if not entries:
            return b""
        key = ("lines", entries[0].first, entries[-1].last, levels)
        return self.once(key, lambda: _joined(entries, levels))

    def hear(self, message: Message) -> None:
        log_seq = _number(message, "logSeq")
        if "change" in message:
            is_done = bytes(message.get("isDone", b"")) == b"true"
            change = Change(_number(message, "version"), bytes(message["change"]), is_done, log_seq)
            self._settle(self.changes.add(change))
        if "logs" in message:
            self.lines.add(Written(_number(message, "logFrom"), log_seq, bytes(message["logs"])))
        self.ring()
        self._mind_the_gap()

    def tear(self) -> None:
        self.changes.forget()
        self.lines.forget()
        super().tear()

    async def close(self) -> None:
        self._looking.cancel()
        await asyncio.gather(self._looking, return_exceptions=True)
        await super().close()

    async def _read(self, function: Callable[..., R], *args: object) -> R:
        """A state read while the fan-out has no position sets it, unless messages were lost meanwhile."""
        torn = self.times_torn
        result = await self.read(function, *args)
        if torn == self.times_torn and (self.changes.end is None or self.lines.end is None):
            self._rebase(result.place)
        self._expect(result.place)
        return result

    def _rebase(self, place: Place) -> None:
        self.done_at = place.log_seq if place.is_done else None
        self.lines.rebase(place.log_seq)
        self._settle(self.changes.rebase(place.version))
        self.ring()

    def _settle(self, fresh: Sequence[Change]) -> None:
        for change in fresh:
            self.done_at = change.log_seq if change.is_done else None

    def _expect(self, place: Place) -> None:
        """Numbers the database has; if the feed does not bring them soon, they were lost."""
        self._known = max(self._known[0], place.version), max(self._known[1], place.log_seq)
        self._mind_the_gap()

    def _has_gap(self) -> bool:
        if self.changes.end is None or self.lines.end is None:
            return False
        is_late = self.changes.end < self._known[0] or self.lines.end < self._known[1]
        return is_late or self.changes.has_gap or self.lines.has_gap

    def _mind_the_gap(self) -> None:
        if self._has_gap() and not self._is_patient:
            self._is_patient = True
            self.loop.call_later(REORDER_SECONDS, self._lose_patience, self.changes.end, self.lines.end)

    def _lose_patience(self, version: int | None, log_seq: int | None) -> None:
        self._is_patient = False
        if self._has_gap() and (version, log_seq) == (self.changes.end, self.lines.end):
            self.tear()
        else:
            self._mind_the_gap()

    async def _look(self) -> None:
        """A lost last message leaves no gap to notice, so the database is asked at intervals."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if self.done_at is None:
                try:
                    self._expect(await self.read(read_place, self.tenant, self.execution_id))
                except Exception:
                    logger.debug("nothing could be looked up", exc_info=True)


def _joined(entries: Sequence[Written], levels: Levels) -> bytes:
    text = b"[" + b",".join(entry.data[1:-1] for entry in entries) + b"]" if len(entries) > 1 else entries[0].data
    return text if levels is None else of_levels(text, levels)


def _number(message: Message, name: str) -> int:
    return msgspec.json.decode(message[name], type=int) if name in message else 0


def execution_fan_out(tenant: str, execution_id: str) -> AbstractAsyncContextManager[ExecutionFanOut]:
    channel = execution_channel(tenant, execution_id)
    return on_fan_out(channel, lambda: ExecutionFanOut(tenant, execution_id))
