"""Every refusal and every mishap as the one error body of the API."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from pydantic import ValidationError
from rest_framework import exceptions as drf

from control_plane.kernel.api.contract import is_promised, is_shadowed
from control_plane.kernel.api.json import encode
from control_plane.kernel.api.request_ids import known_or_new_id
from control_plane.kernel.words import paths
from control_plane.kernel.words.errors import (
    BadParameter,
    Conflict,
    ControlPlaneError,
    Forbidden,
    Invalid,
    NotAllowed,
    NotFound,
    NotServed,
    QuotaExceeded,
    StorageFull,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Violation,
)

logger = logging.getLogger(__name__)

_RETRY = frozenset({"40001", "40P01"})
_UNIQUE = "23505"
_DISK_FULL = "53100"
_MOST_TOLD = 100


class NotUnderstood(ControlPlaneError):
    """A body of this type is not understood."""

    status = 415
    code = "unsupported_media_type"
    reason = "Unsupported Media Type"


class Bug(ControlPlaneError):
    """Something went wrong on our side; it was logged under the request's id."""

    status = 500
    code = "internal"
    reason = "Internal Server Error"


def error_response(error: Exception, path: str, request_id: str) -> HttpResponse:
    """Render any exception. What was not raised on purpose is a bug: logged whole, answered without a word of it."""
    told = translate(error)
    if told is None:
        logger.error("request %s to %s failed", request_id, path.partition("?")[0], exc_info=error)
        told = Bug()
    response = HttpResponse(encode(error_body(told, path, request_id)), "application/json", status=told.status)
    if isinstance(told, Unavailable | QuotaExceeded):
        response.headers["Retry-After"] = str(told.details.get("retry_after", 1))
    elif isinstance(told, Unauthenticated):
        response.headers["WWW-Authenticate"] = "Bearer"
    elif isinstance(told, NotAllowed) and "allow" in told.details:
        response.headers["Allow"] = ", ".join(told.details["allow"])
    return response


def error_body(error: ControlPlaneError, path: str, request_id: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "message": f"{error.reason}: {error.message}",
        "code": error.code,
        "requestId": request_id,
        "_links": {"self": {"href": paths.shown(path), "templated": False}},
    }
    if "invalids" in error.details:
        body["invalids"] = error.details["invalids"]
    if "reference" in error.details:
        body["reference"] = error.details["reference"]
    if error.violations:
        body["_embedded"] = {"errors": [_violation(violation) for violation in error.violations]}
    return body


def _violation(violation: Violation) -> dict[str, Any]:
    told: dict[str, Any] = {"message": violation.message, "path": violation.path}
    if violation.line is not None:
        told["line"] = violation.line
    if violation.column is not None:
        told["column"] = violation.column
    return told


def translate(error: Exception) -> ControlPlaneError | None:
    """The refusal that an exception stands for, or None for a bug."""
    if isinstance(error, ControlPlaneError):
        return error
    for kinds, refusal in _TRANSLATIONS:
        if isinstance(error, kinds):
            return refusal(error)
    return None


def is_worth_retrying(error: OperationalError) -> bool:
    return sqlstate(error) in _RETRY


def sqlstate(error: BaseException) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)


def _integrity(error: Exception) -> ControlPlaneError | None:
    return Conflict("such a thing exists already") if sqlstate(error) == _UNIQUE else None


def _validation(error: Exception) -> ControlPlaneError:
    assert isinstance(error, drf.ValidationError)
    violations = list(_drf_violations(error.detail, ""))
    return Invalid(violations[0].message if violations else None, violations=violations)


def _drf_violations(detail: Any, path: str) -> Iterator[Violation]:
    if isinstance(detail, dict):
        for key, inner in detail.items():
            yield from _drf_violations(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _drf_violations(inner, path)
    else:
        yield Violation(str(detail), path)


def from_pydantic(error: ValidationError) -> Invalid:
    """Field by field, and never the value: it may be a password."""
    told = error.errors(include_url=False, include_context=False, include_input=False)[:_MOST_TOLD]
    violations = [Violation(item["msg"], ".".join(map(str, item["loc"]))) for item in told]
    first = violations[0]
    return Invalid(f"{first.path}: {first.message}" if first.path else first.message, violations=violations)


def _pydantic(error: Exception) -> ControlPlaneError:
    assert isinstance(error, ValidationError)
    return from_pydantic(error)


def _away(error: Exception) -> ControlPlaneError:
    if sqlstate(error) == _DISK_FULL:
        return StorageFull("the disk of the database is full")
    return Unavailable("the database does not answer")


def _method(error: Exception) -> ControlPlaneError:
    return NotAllowed(str(error))


_TRANSLATIONS: tuple[
    tuple[type[Exception] | tuple[type[Exception], ...], Callable[[Any], ControlPlaneError | None]], ...
] = (
    ((Http404, ObjectDoesNotExist, drf.NotFound), lambda error: NotFound()),
    ((PermissionDenied, drf.PermissionDenied), lambda error: Forbidden()),
    ((drf.NotAuthenticated, drf.AuthenticationFailed), lambda error: Unauthenticated()),
    (drf.MethodNotAllowed, _method),
    (drf.UnsupportedMediaType, lambda error: NotUnderstood()),
    (drf.ValidationError, _validation),
    ((drf.ParseError, MultiPartParserError), lambda error: Invalid("the body cannot be read")),
    (ValidationError, _pydantic),
    (RequestDataTooBig, lambda error: TooLarge()),
    (SuspiciousOperation, lambda error: BadParameter("the request is malformed")),
    (IntegrityError, _integrity),
    # Django wraps what its cursors raise; a value that cannot even be written as a literal comes from below it.
    ((DataError, psycopg.DataError), lambda error: Invalid("a value cannot be stored")),
    (OverflowError, lambda error: Invalid("a number or a time is too large")),
    (UnicodeEncodeError, lambda error: Invalid("a text is not valid Unicode")),
    ((OperationalError, InterfaceError), _away),
)


def unknown_route(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler404: what the contract names and we do not serve is told apart from what nobody knows."""
    if is_promised(request.method or "", request.path):
        return _refused(request, NotServed())
    return _refused(request, NotFound("no such address"))


def not_served_first(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Django's middleware: what is not served is not taken for something else that looks alike."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if is_shadowed(request.method or "", request.path):
            return _refused(request, NotServed())
        return get_response(request)

    return middleware


def malformed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler400."""
    return _refused(request, BadParameter("the request is malformed"))


def broken(request: HttpRequest) -> HttpResponse:
    """Django's handler500; Django has logged it."""
    return _refused(request, Bug())


def wrong_method(request: HttpRequest, allowed: Sequence[str]) -> HttpResponse:
    """For an address that is served by other methods; the contract may promise this one, too."""
    if is_promised(request.method or "", request.path):
        return _refused(request, NotServed())
    return _refused(request, NotAllowed(f"{request.method} is not served here", allow=sorted(allowed)))


def _refused(request: HttpRequest, error: ControlPlaneError) -> HttpResponse:
    request_id = known_or_new_id(request.META.get("HTTP_X_REQUEST_ID", ""))
    response = error_response(error, request.get_full_path(), request_id)
    response.headers["X-Request-Id"] = request_id
    return response
