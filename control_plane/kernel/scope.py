"""The first wall between tenants: every query runs inside one tenant's scope, and the scope is a transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import OperationalError, connection, transaction
from psycopg import sql
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult

from control_plane.kernel.pipeline import Pipeline, Row
from control_plane.kernel.plans import known_plans, plans_of


class ScopeError(RuntimeError):
    """A programming mistake: a tenant's rows were touched outside of its scope, or two scopes were mixed."""


@dataclass(slots=True)
class _Scope:
    """`tenant` is "" in an instance scope. `is_service` marks a look across tenants; in a planned one nothing is open
    yet."""

    tenant: str
    is_service: bool = False
    is_planned: bool = False
    after_rollback: list[Callable[[], None]] = field(default_factory=list)
    after_commit: list[Callable[[], None]] = field(default_factory=list)
    last: Pipeline = field(default_factory=Pipeline)


TextRow = tuple[str | None, ...]
Question = tuple[str, Sequence[str]]
"""A SELECT with `%s` for each of its texts."""

SET_TENANT = "SELECT set_config('orrery.tenant', %s, true)"

# The same where it opens a transaction: a SET is not planned.
_ENTER_TENANT = "SET LOCAL orrery.tenant = %s"
_BE_THE_SERVICE = "SET LOCAL ROLE orrery_service"

_current: ContextVar[_Scope | None] = ContextVar("orrery_scope", default=None)


def current_tenant() -> str:
    """The tenant whose scope is open. Raises ScopeError outside of one."""
    scope = _current.get()
    if scope is None or not scope.tenant:
        raise ScopeError("no tenant scope is open")
    return scope.tenant


def tenant_or_none() -> str | None:
    """The tenant whose scope is open, or None: for code that serves instance and tenant alike."""
    scope = _current.get()
    return scope.tenant or None if scope else None


def current_owner() -> str:
    """The tenant whose scope is open, "" in an instance scope. Raises ScopeError outside of both."""
    scope = _current.get()
    if scope is None:
        raise ScopeError("no scope is open")
    return scope.tenant


def is_across_tenants() -> bool:
    scope = _current.get()
    return scope is not None and scope.is_service


def may_read_instance() -> bool:
    """Whether rows of the instance can be read here: in a scope that asks as the application, or outside of any."""
    scope = _current.get()
    return scope is None or not (scope.is_service or scope.is_planned)


@contextmanager
def tenant_scope(tenant_id: str) -> Iterator[None]:
    """Open a transaction in which only this tenant's rows exist.

    Entering the same tenant again is free. Entering another one inside, or a transaction that is already open outside
    of any scope, raises. Leaving with an exception rolls back, then runs what `after_rollback` registered.
    """
    outer = _current.get()
    if outer is not None and outer.is_planned:
        raise ScopeError("nothing can be asked where questions are only planned")
    if outer is not None and outer.tenant == tenant_id and not outer.is_service:
        yield
    elif outer is not None and outer.tenant == "" and not outer.is_service:
        with _tenant_inside_instance(outer, tenant_id):
            yield
    elif outer is not None:
        raise ScopeError(f"the scope of {outer.tenant or 'all tenants'} is open; {tenant_id} cannot be entered in it")
    else:
        with _transaction(_Scope(tenant_id), opened_by=_bound(_ENTER_TENANT, tenant_id)):
            yield


def scope_asking(tenant_id: str | None, question: str, *values: str) -> AbstractContextManager[list[TextRow]]:
    """A tenant's scope, or the instance's, and what the database answers to a SELECT in the round trip that opens it.

    For dispatch, where each round trip counts; it cannot be entered inside another scope.
    Values are texts, `%s` each.
    """
    if _current.get() is not None:
        raise ScopeError("a scope is open")
    entered = "" if tenant_id is None else _bound(_ENTER_TENANT, tenant_id)
    return _transaction(_Scope(tenant_id or ""), opened_by=entered, asking=(question, values))


@contextmanager
def planned_scope(tenant_id: str) -> Iterator[None]:
    """Put together here what a tenant's rows will be asked, to be sent by `asked_alone`. Asking raises."""
    if _current.get() is not None:
        raise ScopeError("a scope is open")
    token = _current.set(_Scope(tenant_id, is_planned=True))
    try:
        with connection.execute_wrapper(_refuse_to_ask):
            yield
    finally:
        _current.reset(token)


def asked_alone(tenant_id: str, pipeline: Pipeline) -> list[list[Row]]:
    """The answers to SELECTs, in which only this tenant's rows exist, in one round trip outside of every scope.

    Statements that are sent as one message are one transaction, so nothing has to begin or to commit it. Raises
    OperationalError where a kept connection proves to be lost: nothing was done, and the next one is a new one.
    """
    if connection.in_atomic_block:
        raise ScopeError("a transaction is open")
    # The message itself is the check whether a kept connection still lives.
    _take_on_trust()
    pipeline.put_first(SET_TENANT, [tenant_id])
    try:
        return pipeline.run()[1:]
    except (OperationalError, psycopg.OperationalError):
        connection.close()
        raise


def ask_instance(question: str, values: Sequence[Any]) -> list[Row]:
    """The answer to one SELECT of the instance's rows, in one round trip outside of every scope.

    The question itself is the check whether a kept connection still lives: where it does not, it is asked again.
    """
    is_unproven = _take_on_trust()
    try:
        return _answer(question, values)
    except (OperationalError, psycopg.OperationalError):
        if not is_unproven or connection.in_atomic_block:
            raise
        connection.close()
        return _answer(question, values)


def _take_on_trust() -> bool:
    """Have the driver not ask whether the connection lives; returns whether it is a kept one that nobody asked yet."""
    is_unproven = connection.connection is not None and not connection.health_check_done  # type: ignore[attr-defined]  # the stubs lack it
    connection.health_check_done = True  # type: ignore[attr-defined]  # the stubs lack it
    return is_unproven


def _answer(question: str, values: Sequence[Any]) -> list[Row]:
    pipeline = Pipeline()
    place = pipeline.add(question, values)
    return pipeline.run()[place]


def _refuse_to_ask(*_: Any) -> None:
    raise ScopeError("no transaction is open where questions are only planned")


@contextmanager
def instance_scope() -> Iterator[None]:
    """Open a transaction for rows that belong to the instance: users, tenants, settings. No tenant's rows exist in it,
    until `tenant_scope` is entered inside, which holds until that block ends."""
    outer = _current.get()
    if outer is not None and outer.tenant == "" and not outer.is_service:
        yield
    elif outer is not None:
        raise ScopeError("an instance scope cannot be opened inside another scope")
    else:
        with _transaction(_Scope("")):
            yield


@contextmanager
def across_tenants(reason: str) -> Iterator[None]:
    """Look for ids before a tenant is known, as the service role: tokens, due work, sweeps.

    `reason` says why, for the reader. It may be taken inside an instance scope. Act on what was found in each row's own
    `tenant_scope`, after this block.
    """
    if not reason:
        raise ScopeError("a look across tenants needs its reason")
    outer = _current.get()
    if outer is not None and outer.tenant == "" and not outer.is_service:
        with _service_inside_instance(outer):
            yield
        return
    if outer is not None:
        raise ScopeError("a look across tenants cannot be taken inside a tenant's scope")
    with _transaction(_Scope("", is_service=True), opened_by=_BE_THE_SERVICE):
        yield


def after_rollback(callback: Callable[[], None]) -> None:
    """Run this when the open scope rolls back, after it, outside of any scope."""
    scope = _current.get()
    if scope is None:
        raise ScopeError("no scope is open")
    scope.after_rollback.append(callback)


def after_commit(callback: Callable[[], None]) -> None:
    """Run this once the open scope has committed, after it, outside of any scope. It must not raise."""
    scope = _current.get()
    if scope is None:
        raise ScopeError("no scope is open")
    scope.after_commit.append(callback)


def write_last(statement: str, values: Sequence[Any]) -> None:
    """Write this after everything else of the open scope, in the round trip that commits it: what it locks is locked
    no longer than that. Where it fails, everything is rolled back."""
    scope = _current.get()
    if scope is None:
        raise ScopeError("no scope is open")
    scope.last.add(statement, values)


@contextmanager
def _transaction(scope: _Scope, opened_by: str = "", asking: Question | None = None) -> Iterator[list[TextRow]]:
    """What opens it, and a question, go to the database together with the BEGIN, so that all cost one round trip;
    yields the rows of the question."""
    token = _current.set(scope)
    try:
        block, rows = _begun(opened_by, asking)
        with block:
            yield rows
            if scope.last and not connection.needs_rollback:
                # The driver sends no COMMIT of its own where none is open any more.
                scope.last.add("COMMIT")
                scope.last.send()
    except BaseException:
        _current.reset(token)
        for callback in scope.after_rollback:
            callback()
        raise
    else:
        _current.reset(token)
        for callback in scope.after_commit:
            callback()


@contextmanager
def _service_inside_instance(outer: _Scope) -> Iterator[None]:
    token = _current.set(_Scope("", is_service=True, after_rollback=outer.after_rollback))
    _set_role("orrery_service")
    try:
        yield
        _set_role("NONE")
    finally:
        _current.reset(token)


@contextmanager
def _tenant_inside_instance(outer: _Scope, tenant_id: str) -> Iterator[None]:
    scope = _Scope(tenant_id, after_rollback=outer.after_rollback, after_commit=outer.after_commit)
    token = _current.set(scope)
    _set_tenant(tenant_id)
    try:
        yield
        scope.last.run()
        _set_tenant("")
    finally:
        _current.reset(token)


def _set_role(role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {role}")


def _set_tenant(tenant_id: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SET_TENANT, [tenant_id])


class _Lost(OperationalError):
    """The server has gone since this connection was last used: nothing was begun."""


class _Begun:
    """A transaction that is open already; leaving ends it."""

    def __init__(self, block: transaction.Atomic) -> None:
        self._block = block

    def __enter__(self) -> None:
        """Nothing is left to be done."""

    def __exit__(self, *raised: Any) -> None:
        self._block.__exit__(*raised)  # it returns nothing: what was raised goes on


def _begun(statement: str, asking: Question | None) -> tuple[AbstractContextManager[None], list[TextRow]]:
    """Begin with these. It is also the check whether a kept connection still lives, so none goes before it."""
    is_unproven = _take_on_trust()
    try:
        return _begin_with(statement, asking)
    except _Lost:
        if not is_unproven:
            raise
        return _begin_with(statement, asking)


def _begin_with(statement: str, asking: Question | None) -> tuple[_Begun, list[TextRow]]:
    """Begin before the driver does: it sends a BEGIN of its own only where no transaction has begun."""
    block = transaction.atomic(durable=True)
    block.__enter__()
    try:
        with connection.wrap_database_errors:
            asked = _planned(*asking) if asking is not None else ""
            rows = _sent("; ".join(part for part in ("BEGIN", statement, asked) if part))
            if asking is not None:
                _plan(asking[0])
            return _Begun(block), rows
    except BaseException as error:
        block.__exit__(type(error), error, error.__traceback__)
        raise


def _sent(statements: str) -> list[TextRow]:
    """The rows of the last one, if it gives any."""
    pgconn = connection.connection.pgconn
    try:
        result = pgconn.exec_(statements.encode())
    except psycopg.OperationalError as error:
        raise _Lost(str(error)) from error
    if pgconn.status == ConnStatus.BAD:
        raise _Lost("the connection to the database is lost")
    if result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        raise error_from_result(result, encoding="utf-8")
    return [_row(result, number) for number in range(result.ntuples)]


def _row(result: PGresult, number: int) -> TextRow:
    values = (result.get_value(number, column) for column in range(result.nfields))
    return tuple(value.decode() if value is not None else None for value in values)


def _planned(question: str, values: Sequence[str]) -> str:
    """The question as this connection has planned it, or in full."""
    plans = known_plans(connection.connection)
    name = plans.name_of(question) if plans is not None else None
    if name is None:
        return _bound(question, *values)
    given = ", ".join(map(sql.quote, values))
    return f"EXECUTE {name}({given})" if values else f"EXECUTE {name}"


def _plan(question: str) -> None:
    """Have it planned for the next time; a transaction is open by now."""
    raw = connection.connection
    plans = plans_of(raw)
    if plans.wanted(question):
        plans.prepare(raw, question, question.split("%s"))


def _bound(statement: str, *values: str) -> str:
    return statement.replace("%s", "{}").format(*map(sql.quote, values)) if values else statement
