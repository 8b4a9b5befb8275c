"""What a watcher is told of one execution, of its log, or of all executions: the state first, then each change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from control_plane.kernel.actor import Context
from control_plane.kernel.judge import admit, judge, require
from control_plane.kernel.live.feed import Message, Watch, feed
from control_plane.kernel.permissions import Permission
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.threads import in_thread
from control_plane.kernel.words.errors import Forbidden
from executions import shapes
from executions.announcing import execution_channel, is_done, tenant_channel
from executions.permissions import EXECUTION
from executions.queries.execution import namespace_of, read_execution
from executions.queries.lines import LineShape, levels_from, lines_after

REORDER_SECONDS = 0.1
"""How long a change may be overtaken by the next one, before the state is read instead."""
AT_ONCE = 1000
PACE_SECONDS = 0.03
"""What comes sooner after the last message goes along with the next: many small ones are what watching costs."""


@dataclass(frozen=True, slots=True)
class Told:
    """`cursor` grows by one with each change; a state may jump. An end is the last that is told."""

    type: Literal["state", "change", "end"]
    cursor: int = 0
    data: Any = None


async def watch_execution(ctx: Context, execution_id: str) -> AsyncIterator[Told]:
    """Raises NotFound or Forbidden before anything is told."""
    async with feed().subscribe(execution_channel(_tenant(ctx), execution_id)) as watch:
        while True:
            watch.mend()
            version, data, has_ended = await in_thread(_read_state, ctx, execution_id)
            yield Told("state", version, data)
            if has_ended:
                yield Told("end")
                return
            async for told in _changes(watch, version):
                yield told
                if told.type == "end":
                    return


async def _changes(watch: Watch, version: int) -> AsyncIterator[Told]:
    """Changes in their order, until one is missing or the execution is over."""
    early: dict[int, Message] = {}
    while await watch.wait(REORDER_SECONDS if early else None):
        if watch.is_broken:
            return
        early |= {_number(message, "version"): message for message in watch.take() if "change" in message}
        while version + 1 in early:
            version += 1
            yield Told("change", version, early[version]["change"])
            if _is(early[version], "isDone"):
                yield Told("end")
                return
        early = {number: message for number, message in early.items() if number > version}


async def watch_logs(
    ctx: Context, execution_id: str, *, after: int = 0, min_level: str | None = None
) -> AsyncIterator[Told]:
    """Lines after a number. One line is a change; several at once, or with others left out, come as a state."""
    levels = levels_from(min_level)
    async with feed().subscribe(execution_channel(_tenant(ctx), execution_id)) as watch:
        is_first = True
        while True:
            watch.mend()
            while True:
                lines, after, is_over = await in_thread(_read_lines, ctx, execution_id, after, levels)
                if lines or is_first:
                    yield Told("state", after, {"logs": lines})
                is_first = False
                if len(lines) < AT_ONCE:
                    break
            if is_over:
                yield Told("end")
                return
            async for told in _lines(watch, after, levels):
                yield told
                after = told.cursor or after
                if told.type == "end":
                    return


async def _lines(watch: Watch, after: int, levels: Sequence[str] | None) -> AsyncIterator[Told]:
    """Lines as they are written, until some are missing or there will be no more."""
    while await watch.wait():
        if watch.is_broken:
            return
        news = _News(after)
        for message in watch.take():
            if not news.add(message):
                break
        if news.lines:
            is_one = news.last == after + 1
            after = news.last
            lines = news.joined if levels is None else _of_levels(news.joined, levels)
            yield Told("change" if is_one else "state", after, {"logs": lines})
        if news.is_torn:
            return
        if news.is_done:
            yield Told("end")
            return
        await asyncio.sleep(PACE_SECONDS)


class _News:
    """What several messages say about a log, as one."""

    def __init__(self, after: int) -> None:
        self.last = after
        self.lines: list[msgspec.Raw] = []
        self.is_torn = False
        self.is_done = False

    def add(self, message: Message) -> bool:
        """False when nothing after it counts: lines are missing, or there will be no more."""
        last = _number(message, "logSeq")
        if last > self.last:
            if "logFrom" not in message or _number(message, "logFrom") != self.last + 1:
                self.is_torn = True
                return False
            self.last = last
            self.lines.append(message["logs"])
        self.is_done = _is(message, "isDone")
        return not self.is_done

    @property
    def joined(self) -> msgspec.Raw:
        if len(self.lines) == 1:
            return self.lines[0]
        return msgspec.Raw(b"[" + b",".join(bytes(lines)[1:-1] for lines in self.lines) + b"]")


def _of_levels(raw: msgspec.Raw, levels: Sequence[str]) -> list[LineShape]:
    lines: list[LineShape] = msgspec.json.decode(raw)
    return [line for line in lines if line["level"] in levels]


async def watch_executions(ctx: Context) -> AsyncIterator[Told]:
    """Light rows of whatever changes, as far as it may be seen. The state is empty: the list itself is a request."""
    namespaces = await in_thread(_visible_namespaces, ctx)
    async with feed().subscribe(tenant_channel(_tenant(ctx))) as watch:
        cursor = 0
        while True:
            watch.mend()
            yield Told("state", cursor, {})
            while await watch.wait() and not watch.is_broken:
                rows = [message["execution"] for message in watch.take() if _is_visible(message, namespaces)]
                if rows:
                    cursor += 1
                    yield Told("change", cursor, {"executions": rows})
                await asyncio.sleep(PACE_SECONDS)


class _Row(msgspec.Struct):
    namespace: str = ""


def _is_visible(message: Message, namespaces: tuple[str, ...] | None) -> bool:
    if namespaces is None:
        return True
    namespace = msgspec.json.decode(message["execution"], type=_Row).namespace
    return any(namespace == each or namespace.startswith(f"{each}.") for each in namespaces)


def _number(message: Message, name: str) -> int:
    return msgspec.json.decode(message[name], type=int) if name in message else 0


def _is(message: Message, name: str) -> bool:
    return name in message and bytes(message[name]) == b"true"


def _tenant(ctx: Context) -> str:
    if ctx.tenant_id is None:
        raise Forbidden("a tenant is needed")
    return ctx.tenant_id


def _read_state(ctx: Context, execution_id: str) -> tuple[int, dict[str, Any], bool]:
    with tenant_scope(_tenant(ctx)):
        kept, task_runs = read_execution(execution_id)
        require(ctx, EXECUTION.FOLLOW, kept.record.namespace, exists=True)
        return kept.version, shapes.full(kept.record, task_runs), is_done(kept)


def _read_lines(
    ctx: Context, execution_id: str, after: int, levels: Sequence[str] | None
) -> tuple[list[LineShape], int, bool]:
    """Lines after a number, the number of the last line there is so far, and whether there will be no more."""
    with tenant_scope(_tenant(ctx)):
        require(ctx, EXECUTION.ACCESS_LOGS, namespace_of(execution_id), exists=True)
        return lines_after(execution_id, after, levels, AT_ONCE)


def _visible_namespaces(ctx: Context) -> tuple[str, ...] | None:
    with tenant_scope(_tenant(ctx)):
        admit(ctx, EXECUTION.LIST)
        return judge().namespaces(ctx, EXECUTION.LIST)


def may_still(ctx: Context, permission: Permission, execution_id: str | None) -> None:
    """Raise unless a watcher may go on watching."""
    with tenant_scope(_tenant(ctx)):
        if execution_id is None:
            admit(ctx, permission)
        else:
            require(ctx, permission, namespace_of(execution_id), exists=True)
