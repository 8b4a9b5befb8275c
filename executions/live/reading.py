"""What watchers read of the database: the present state, lines after a number, and whether they may watch at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from control_plane.kernel.actor import Context
from control_plane.kernel.authorization import admit, authorizer, require
from control_plane.kernel.permissions import Permission
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import Forbidden
from executions import shapes
from executions.api.task_runs import overview_shape
from executions.permissions import EXECUTION
from executions.queries.execution import namespace_of, no_execution, read_execution, read_kept
from executions.queries.lines import LineShape, lines_after
from executions.queries.task_runs import read_overview
from executions.record.announcing import is_done
from executions.record.rows import Kept

AT_ONCE = 1000
"""Lines of one reading."""
_encoder = msgspec.json.Encoder(enc_hook=str)

Levels = tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Place:
    """The number from which changes continue what was read."""

    version: int
    log_seq: int
    is_done: bool

    @classmethod
    def of(cls, kept: Kept) -> Place:
        return cls(kept.version, kept.log_seq, is_done(kept))


class Shown:
    """An execution as watchers see it. Its JSON is made once and shared; `data` must not be changed."""

    __slots__ = ("_owned_text", "_text", "data")

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self._text: bytes | None = None
        self._owned_text: bytes | None = None

    @property
    def text(self) -> bytes:
        if self._text is None:
            self._text = _encoder.encode(self.data)
        return self._text

    @property
    def owned_text(self) -> bytes:
        """The same for clients of the contract, whose task runs say whose they are."""
        if self._owned_text is None:
            self._owned_text = _encoder.encode(shapes.owned(self.data))
        return self._owned_text


@dataclass(frozen=True, slots=True)
class State:
    place: Place
    shown: Shown


@dataclass(frozen=True, slots=True)
class Lines:
    """`last` is the number up to which lines are complete; there may be more when the page is full."""

    place: Place
    shown: list[LineShape]
    last: int
    text: bytes

    @property
    def is_full(self) -> bool:
        return len(self.shown) == AT_ONCE


def read_place(tenant: str, execution_id: str) -> Place:
    with tenant_scope(tenant):
        return Place.of(read_kept(execution_id))


def read_state(tenant: str, execution_id: str) -> State:
    with tenant_scope(tenant):
        kept, task_runs = read_execution(execution_id)
        state = State(Place.of(kept), Shown(shapes.full(kept.record, task_runs)))
    assert state.shown.text
    return state


def read_counted(tenant: str, execution_id: str) -> State:
    """The same for a page: task runs are counted, and only there themselves if they are few."""
    with tenant_scope(tenant):
        found = read_overview(execution_id)
    state = State(Place.of(found.kept), Shown(overview_shape(found)))
    assert state.shown.text
    return state


def read_lines(tenant: str, execution_id: str, after: int, levels: Levels) -> Lines:
    with tenant_scope(tenant):
        kept, found = lines_after(execution_id, after, levels, AT_ONCE)
    last = found[-1]["seq"] if found else after
    if len(found) < AT_ONCE:
        last = max(last, kept.log_seq)
    return Lines(Place.of(kept), found, last, _encoder.encode(found))


def may_watch(ctx: Context, permission: Permission, execution_id: str | None) -> None:
    """Raise unless the actor may watch this execution or, when none is named, the list."""
    with tenant_scope(tenant_of(ctx)):
        if execution_id is None:
            admit(ctx, permission)
        else:
            require(ctx, permission, namespace_of(execution_id), absent=no_execution(execution_id))


def visible_namespaces(ctx: Context) -> tuple[str, ...] | None:
    """The namespaces the actor may see; None means all."""
    with tenant_scope(tenant_of(ctx)):
        admit(ctx, EXECUTION.LIST)
        return authorizer().namespaces(ctx, EXECUTION.LIST)


def tenant_of(ctx: Context) -> str:
    if ctx.tenant_id is None:
        raise Forbidden("a tenant is needed")
    return ctx.tenant_id


def of_levels(lines: bytes, levels: Sequence[str]) -> bytes:
    """Those lines of a JSON list that have one of these levels; empty when none has."""
    found = [line for line in msgspec.json.decode(lines) if line["level"] in levels]
    return _encoder.encode(found) if found else b""
