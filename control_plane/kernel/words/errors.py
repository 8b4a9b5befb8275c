"""The one error family: every refusal the system makes on purpose is one of these."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong with what was sent: where (a dotted path, and a line and column when it is text) and why."""

    message: str
    path: str = ""
    line: int | None = None
    column: int | None = None
    invalid_value: Any = None


class ControlPlaneError(Exception):
    """The request could not be served."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "error"
    reason: ClassVar[str] = "Error"

    def __init__(self, message: str | None = None, *, violations: Sequence[Violation] = (), **details: Any) -> None:
        self.message = message or (type(self).__doc__ or self.reason).strip()
        self.violations = tuple(violations)
        self.details = details
        super().__init__(self.message)


class BadParameter(ControlPlaneError):
    """A query or path parameter is not understood."""

    status = 400
    code = "bad_parameter"
    reason = "Illegal argument"


class Unauthenticated(ControlPlaneError):
    """Sign in first."""

    status = 401
    code = "unauthenticated"
    reason = "Unauthorized"


class Forbidden(ControlPlaneError):
    """You may not do this."""

    status = 403
    code = "forbidden"
    reason = "Forbidden"


class NotFound(ControlPlaneError):
    """There is no such thing, or you may not know of it."""

    status = 404
    code = "not_found"
    reason = "Not Found"


class NotAllowed(ControlPlaneError):
    """This cannot be done, now or ever again."""

    status = 405
    code = "method_not_allowed"
    reason = "Method Not Allowed"


class TooSlow(ControlPlaneError):
    """The request did not come whole in time."""

    status = 408
    code = "request_timeout"
    reason = "Request Timeout"


class Conflict(ControlPlaneError):
    """The state of the thing does not allow it."""

    status = 409
    code = "conflict"
    reason = "Illegal state"


class Gone(ControlPlaneError):
    """It was there, and has expired."""

    status = 410
    code = "gone"
    reason = "Gone"


class TooLarge(ControlPlaneError):
    """More was sent than is accepted."""

    status = 413
    code = "too_large"
    reason = "Request Entity Too Large"


class Invalid(ControlPlaneError):
    """What was sent breaks a rule; each violation says which and where."""

    status = 422
    code = "invalid"
    reason = "Invalid entity"


class DependencyFailed(ControlPlaneError):
    """A system outside of the platform, which this needs, did not do its part."""

    status = 424
    code = "dependency_failed"
    reason = "Failed Dependency"


class QuotaExceeded(ControlPlaneError):
    """The quota is used up; try again later."""

    status = 429
    code = "quota_exceeded"
    reason = "Too Many Requests"


class TooManyRequests(QuotaExceeded):
    """Too much at once; `retry_after` says in how many seconds to come back."""

    code = "too_many_requests"


class Unavailable(ControlPlaneError):
    """A part this needs does not answer; try again."""

    status = 503
    code = "unavailable"
    reason = "Service Unavailable"


class StorageFull(ControlPlaneError):
    """There is no room left to keep it."""

    status = 507
    code = "storage_full"
    reason = "Insufficient Storage"


class NotServed(ControlPlaneError):
    """The contract names this address, and this instance does not serve it yet."""

    status = 501
    code = "not_implemented"
    reason = "Not Implemented"
