"""The first wall between tenants: every query runs inside one tenant's scope, and the scope is a transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.db import connection, transaction
from psycopg import sql
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus


class ScopeError(RuntimeError):
    """A programming mistake: a tenant's rows were touched outside of its scope, or two scopes were mixed."""


@dataclass(slots=True)
class _Scope:
    """`tenant` is "" in an instance scope. `is_service` marks a look across tenants."""

    tenant: str
    is_service: bool = False
    after_rollback: list[Callable[[], None]] = field(default_factory=list)
    after_commit: list[Callable[[], None]] = field(default_factory=list)


_SET_TENANT = "SELECT set_config('orrery.tenant', %s, true)"

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


@contextmanager
def tenant_scope(tenant_id: str) -> Iterator[None]:
    """Open a transaction in which only this tenant's rows exist.

    Entering the same tenant again is free. Entering another one inside, or a transaction that is already open outside
    of any scope, raises. Leaving with an exception rolls back, then runs what `after_rollback` registered.
    """
    outer = _current.get()
    if outer is not None and outer.tenant == tenant_id and not outer.is_service:
        yield
    elif outer is not None and outer.tenant == "" and not outer.is_service:
        with _tenant_inside_instance(outer, tenant_id):
            yield
    elif outer is not None:
        raise ScopeError(f"the scope of {outer.tenant or 'all tenants'} is open; {tenant_id} cannot be entered in it")
    else:
        with _transaction(_Scope(tenant_id), opened_by=_bound(_SET_TENANT, tenant_id)):
            yield


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
    with _transaction(_Scope("", is_service=True)):
        _set_role("orrery_service")
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


@contextmanager
def _transaction(scope: _Scope, opened_by: str = "") -> Iterator[None]:
    """`opened_by` goes to the database together with the BEGIN, so that both cost one round trip."""
    token = _current.set(scope)
    try:
        with transaction.atomic(durable=True):
            if opened_by:
                _begin_with(opened_by)
            yield
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
    token = _current.set(_Scope(tenant_id, after_rollback=outer.after_rollback, after_commit=outer.after_commit))
    _set_tenant(tenant_id)
    try:
        yield
        _set_tenant("")
    finally:
        _current.reset(token)


def _set_role(role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {role}")


def _set_tenant(tenant_id: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SET_TENANT, [tenant_id])


def _begin_with(statement: str) -> None:
    """Begin before the driver does: it sends a BEGIN of its own only where no transaction has begun."""
    with connection.wrap_database_errors:
        pgconn = connection.connection.pgconn
        result = pgconn.exec_(f"BEGIN; {statement}".encode())
        if result.status != ExecStatus.TUPLES_OK:
            raise error_from_result(result, encoding="utf-8")


def _bound(statement: str, value: str) -> str:
    return statement.replace("%s", sql.quote(value))
