"""From request to response: authenticate, authorise, open one scope around the handler, render every error alike."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from django.db import DatabaseError, OperationalError
from django.http import HttpRequest, HttpResponse, parse_cookie
from django.http.response import HttpResponseBase

from control_plane.kernel.actor import ANONYMOUS, Actor, Context
from control_plane.kernel.api.errors import error_response, is_worth_retrying
from control_plane.kernel.api.request_ids import known_or_new_id
from control_plane.kernel.authorization import admit
from control_plane.kernel.permissions import Permission, Right, Rule
from control_plane.kernel.pipeline import Pipeline, Row
from control_plane.kernel.scope import (
    ScopeError,
    asked_alone,
    instance_scope,
    planned_scope,
    scope_asking,
    tenant_scope,
)
from control_plane.kernel.words.errors import ControlPlaneError, Forbidden, Unauthenticated

TRIES = 3
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_TELLING = frozenset({b"authorization", b"cookie", b"x-csrf-token"})
SESSION_COOKIE = "JWT"
CSRF_COOKIE = "csrfToken"
CONTEXT = "orrery.context"

logger = logging.getLogger(__name__)

Handle = Callable[[Context], HttpResponseBase]
AnyRow = Sequence[object]


class Planned(Protocol):
    """The statements a handler will send, before they are sent."""

    def add_to(self, pipeline: Pipeline) -> None: ...

    def response(self, answers: list[list[Row]], run: Callable[[Pipeline], list[list[Row]]]) -> HttpResponseBase:
        """Called outside of every scope; `run` sends what more there is to ask."""
        ...


Plan = Callable[[Context], Planned]


@dataclass(frozen=True, slots=True)
class Shown:
    """The credentials that came with a request, not verified yet."""

    authorization: str | None = None
    session: str | None = None
    csrf_cookie: str | None = None
    csrf_header: str | None = None
    is_safe: bool = True
    ip: str | None = None
    impersonate: str | None = None
    """The address of the user that a superadmin wants to act as."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The actor, and what the identity app wants to find again in `Context.rights`."""

    actor: Actor
    rights: object = None


@dataclass(frozen=True, slots=True)
class Authenticator:
    """Says who is there. `identify` looks it up, in scopes of its own, and refuses what is wrong.

    `question` is what memory must ask the database before it may be believed, "" where it knows nothing; its answer
    comes with the scope, and `recall` says who it is, or None where `identify` must look. `foresee` says who it is in
    a tenant if nothing has changed since memory asked last, None where that is not known with all their rights.
    """

    identify: Callable[[Shown, str | None], Identity]
    question: Callable[[Shown], str]
    recall: Callable[[Shown, str | None, Sequence[AnyRow]], Identity | None]
    foresee: Callable[[Shown, str], Identity | None]
    account: Callable[[Shown], str | None] = lambda shown: None
    """Whose credentials these were when memory saw them last: enough to count by, never to let in."""
    is_costly: Callable[[Shown], bool] = lambda shown: False
    """Whether `identify` would have to hash a password."""
    refuse_guesses: Callable[[Shown], None] = lambda shown: None
    """Raises TooManyRequests for who was wrong too often, before anything is spent on an address of sign-in."""


def authenticator() -> Authenticator:
    return _authenticator


def _refuse(shown: Shown, tenant_id: str | None) -> Identity:
    if shown.authorization or shown.session:
        raise Unauthenticated()
    return Identity(ANONYMOUS)


_knows_nobody = Authenticator(
    _refuse, lambda shown: "", lambda shown, tenant_id, rows: None, lambda shown, tenant_id: None
)
_authenticator = _knows_nobody


def authenticate_with(authenticator: Authenticator) -> Authenticator:
    """Let `iam` say who is there from now on; returns the one before."""
    global _authenticator
    before, _authenticator = _authenticator, authenticator
    return before


def serve(
    request: HttpRequest,
    right: Right | None,
    tenant_id: str | None,
    handle: Handle,
    plan: Plan | None = None,
    told: Callable[[Exception, str, str], HttpResponse] = error_response,
) -> HttpResponseBase:
    """Answer a request. `handle` runs, rendering included, inside the one scope and transaction of this request.

    `right` is asked for at the endpoint; None asks for membership alone, where a command behind it asks for the rest. A
    deadlock or a serialization failure runs the whole again, as often as `TRIES`. A read that can say what it asks
    before it asks gives a `plan`: then it costs one round trip where memory knows the reader, else `handle` runs.
    `told` renders what is refused, for an API that says it in other words.
    """
    request_id = request_id_of(request)
    if isinstance(right, Permission) and right.action == "EXPORT":
        handle, plan = _telling(request, right, handle), None
    try:
        response = _foreseen(request, right, tenant_id, plan, request_id) if plan and tenant_id else None
        response = response or _tried(request, right, tenant_id, handle, request_id)
    except Exception as error:
        remember_refusal(request, tenant_id, error, request_id)
        response = told(error, request.get_full_path(), request_id)
    response.headers["X-Request-Id"] = request_id
    return response


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that was refused: by whom it was made, where they are known, and what for."""

    ctx: Context | None
    tenant_id: str | None
    method: str
    path: str
    request_id: str
    error: Forbidden


Remember = Callable[[Refused], str]
_remember: list[Remember] = []


def remember_refusals_with(remember: Remember) -> None:
    """Let `iam` keep refusals from now on; it returns the reference by which each is found again."""
    _remember[:] = [remember]


TellExport = Callable[[Context, Permission, HttpRequest], None]
_tell_export: list[TellExport] = []


def tell_exports_with(tell: TellExport) -> None:
    """Let `audit` tell of what is given out by a right to export; it is called in the scope of the request."""
    _tell_export[:] = [tell]


def _telling(request: HttpRequest, right: Permission, handle: Handle) -> Handle:
    def told(ctx: Context) -> HttpResponseBase:
        response = handle(ctx)
        for tell in _tell_export:
            tell(ctx, right, request)
        return response

    return told


def remember_refusal(request: HttpRequest, tenant_id: str | None, error: Exception, request_id: str) -> None:
    """Outside of every scope: a refusal is told with its reference; that it cannot be kept changes nothing about it."""
    if not isinstance(error, Forbidden):
        return
    ctx = request.META.get(CONTEXT)
    refused = Refused(ctx, tenant_id, request.method or "", request.path, request_id, error)
    for remember in _remember:
        try:
            error.details["reference"] = remember(refused)
        except Exception:
            logger.exception("the refusal of request %s could not be kept", request_id)


def _tried(
    request: HttpRequest, right: Right | None, tenant_id: str | None, handle: Handle, request_id: str
) -> HttpResponseBase:
    for attempt in range(1, TRIES + 1):
        try:
            return _recalled(request, right, tenant_id, handle, request_id) or _looked_up(
                request, right, tenant_id, handle, request_id
            )
        except OperationalError as error:
            if attempt == TRIES or not is_worth_retrying(error) or not _can_be_read_again(request):
                raise
    raise AssertionError("the last try returns or raises")


def _foreseen(
    request: HttpRequest, right: Right | None, tenant_id: str, plan: Plan, request_id: str
) -> HttpResponseBase | None:
    """Ask who it is together with what they want to read, and believe the one before the other is shown.

    None where anything is not as it was foreseen: then nothing is shown, and the request goes the long way.
    """
    shown = shown_by(request)
    question = _authenticator.question(shown)
    identity = _authenticator.foresee(shown, tenant_id) if question else None
    if identity is None:
        return None
    pipeline = Pipeline()
    asked = pipeline.add(question, [tenant_id])
    try:
        with planned_scope(tenant_id):
            ctx = _context(request, tenant_id, request_id, identity)
            admit(ctx, right)
            planned = plan(ctx)
            planned.add_to(pipeline)
        answers = asked_alone(tenant_id, pipeline)
    except (ControlPlaneError, ScopeError, DatabaseError):
        return None
    if _authenticator.recall(shown, tenant_id, answers[asked]) != identity:
        return None
    return planned.response(answers, partial(asked_alone, tenant_id))


def _recalled(
    request: HttpRequest, right: Right | None, tenant_id: str | None, handle: Handle, request_id: str
) -> HttpResponseBase | None:
    """The common case: what memory knows of the credentials still holds, says the round trip that opens the scope."""
    shown = shown_by(request)
    question = _authenticator.question(shown)
    if not question:
        return None
    with scope_asking(tenant_id, question, tenant_id or "") as rows:
        identity = _authenticator.recall(shown, tenant_id, rows)
        if identity is None:
            return None
        ctx = _context(request, tenant_id, request_id, identity)
        admit(ctx, right)
        return handle(ctx)


def _looked_up(
    request: HttpRequest, right: Right | None, tenant_id: str | None, handle: Handle, request_id: str
) -> HttpResponseBase:
    ctx = context_of(request, tenant_id, request_id, is_public=right is Rule.PUBLIC)
    with scope_of(tenant_id):
        admit(ctx, right)
        return handle(ctx)


def scope_of(tenant_id: str | None) -> AbstractContextManager[None]:
    return instance_scope() if tenant_id is None else tenant_scope(tenant_id)


def context_of(request: HttpRequest, tenant_id: str | None, request_id: str, *, is_public: bool = False) -> Context:
    """Say who is there. Where everybody may enter, a credential that is wrong or stale counts as none."""
    try:
        identity = _authenticator.identify(shown_by(request), tenant_id)
    except ControlPlaneError:
        if not is_public:
            raise
        identity = Identity(ANONYMOUS)
    return _context(request, tenant_id, request_id, identity)


def _context(request: HttpRequest, tenant_id: str | None, request_id: str, identity: Identity) -> Context:
    ctx = Context(
        actor=identity.actor,
        tenant_id=tenant_id,
        request_id=request_id,
        ip=request.META.get("REMOTE_ADDR") or None,
        user_agent=request.META.get("HTTP_USER_AGENT", "")[:300],
        rights=identity.rights,
    )
    request.META[CONTEXT] = ctx
    return ctx


def shown_in(method: str, headers: Iterable[tuple[bytes, bytes]], ip: str | None) -> Shown:
    """The same as `shown_by` from the head of a request that Django has not seen."""
    given = {name: value.decode("latin-1") for name, value in headers if name in _TELLING}
    cookies = parse_cookie(given.get(b"cookie", ""))
    return Shown(
        authorization=given.get(b"authorization") or None,
        session=cookies.get(SESSION_COOKIE) or None,
        csrf_cookie=cookies.get(CSRF_COOKIE) or None,
        csrf_header=given.get(b"x-csrf-token") or None,
        is_safe=method in _SAFE,
        ip=ip,
    )


def shown_by(request: HttpRequest) -> Shown:
    meta = request.META
    return Shown(
        authorization=meta.get("HTTP_AUTHORIZATION") or None,
        session=request.COOKIES.get(SESSION_COOKIE) or None,
        csrf_cookie=request.COOKIES.get(CSRF_COOKIE) or None,
        csrf_header=meta.get("HTTP_X_CSRF_TOKEN") or None,
        is_safe=request.method in _SAFE,
        ip=meta.get("REMOTE_ADDR") or None,
        impersonate=meta.get("HTTP_X_KESTRA_IMPERSONATE") or None,
    )


def request_id_of(request: HttpRequest) -> str:
    """The id the caller gave, when it is harmless, so that both sides' logs can be joined; else a new one."""
    return known_or_new_id(request.META.get("HTTP_X_REQUEST_ID", ""))


def _can_be_read_again(request: HttpRequest) -> bool:
    """A body that was streamed is gone; one that was read as a whole is kept by Django."""
    return hasattr(request, "_body") or not getattr(request, "_read_started", False)
