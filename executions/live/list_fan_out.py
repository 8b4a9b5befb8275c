"""Live list of a tenant's executions: a light row for each change, to the watchers who may see its namespace."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from control_plane.kernel.actor import Context
from control_plane.kernel.live.feed import Message
from control_plane.kernel.live.journal import Bounds, Journal
from control_plane.kernel.live.sink import Sink
from control_plane.kernel.threads import in_thread
from executions.live.fan_out import FanOut, on_fan_out
from executions.live.reading import tenant_of, visible_namespaces
from executions.live.subscribers import Batch, Member
from executions.record.announcing import tenant_channel

_BOUNDS = Bounds(entries=100)

Namespaces = tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that changed between two passes, as a JSON list."""

    last: int
    data: bytes

    @property
    def first(self) -> int:
        return self.last

    @property
    def size(self) -> int:
        return len(self.data)


class _Row(msgspec.Struct):
    id: str = ""
    namespace: str = ""


_row = msgspec.json.Decoder(_Row)


@dataclass(slots=True)
class View:
    """One batch per set of visible namespaces. Of a row that changed twice only the last version is sent."""

    namespaces: Namespaces
    users: int = 0
    count: int = 0
    journal: Journal[Rows] = field(default_factory=lambda: Journal(_BOUNDS))
    waiting: dict[str, bytes] = field(default_factory=dict)

    def hear(self, row: _Row, data: bytes) -> None:
        if self._shows(row.namespace):
            self.waiting.pop(row.id, None)
            self.waiting[row.id] = data

    def settle(self) -> None:
        if self.waiting:
            self.count += 1
            self.journal.add(Rows(self.count, b"[" + b",".join(self.waiting.values()) + b"]"))
            self.waiting.clear()

    def _shows(self, namespace: str) -> bool:
        if self.namespaces is None:
            return True
        return any(namespace == each or namespace.startswith(f"{each}.") for each in self.namespaces)


class ListFanOut(FanOut):
    """The fan-out of one tenant's executions."""

    def __init__(self, tenant: str) -> None:
        super().__init__(tenant_channel(tenant), self._settle)
        self.views: dict[Namespaces, View] = {}

    def hear(self, message: Message) -> None:
        data = bytes(message["execution"])
        row = _row.decode(data)
        for view in self.views.values():
            view.hear(row, data)
        self.ring()

    def _settle(self) -> None:
        for view in self.views.values():
            view.settle()

    def tear(self) -> None:
        for view in self.views.values():
            view.waiting.clear()
            view.journal.forget()
        super().tear()

    def enter(self, namespaces: Namespaces) -> View:
        view = self.views.setdefault(namespaces, View(namespaces))
        view.users += 1
        return view

    def leave(self, view: View) -> None:
        view.users -= 1
        if view.users == 0:
            del self.views[view.namespaces]


class ListMember(Member):
    """Sends an empty initial state: the list itself is fetched by a request."""

    def __init__(self, sink: Sink, subscription: str, ctx: Context) -> None:
        super().__init__(sink, subscription)
        self._ctx = ctx

    async def follow(self) -> None:
        namespaces = await in_thread(visible_namespaces, self._ctx)
        tenant = tenant_of(self._ctx)
        async with on_fan_out(tenant_channel(tenant), lambda: ListFanOut(tenant)) as fan_out:
            self.fan_out, self._view = fan_out, fan_out.enter(namespaces)
            try:
                fan_out.broadcast.add(self)
                await self.stay()
            finally:
                fan_out.broadcast.discard(self)
                fan_out.leave(self._view)

    async def restate(self) -> None:
        view = self._view
        if view.journal.end is None:
            view.journal.rebase(view.count)
        self.stand(view.namespaces, view.count)
        await self.tell(self.message(b"state", self.place, b"{}"))

    def changes(self) -> Batch | None:
        batches = self._view.journal.since(self.place)
        if not batches:
            return None if batches is None else self.batch(self.place, False)
        texts = [self.message(b"change", rows.last, b'{"executions":%b}' % rows.data) for rows in batches]
        return self.batch(batches[-1].last, False, texts)
