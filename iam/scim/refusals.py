"""What is refused in SCIM's own words: each refusal has its `scimType` (RFC 7644, 3.12)."""

from __future__ import annotations

from typing import ClassVar

from control_plane.kernel.words.errors import ControlPlaneError, Invalid


class ScimRefusal(ControlPlaneError):
    """The request is not understood."""

    status = 400
    code = "scim"
    reason = "Bad Request"
    scim_type: ClassVar[str] = "invalidSyntax"


class InvalidSyntax(ScimRefusal):
    """The body is not what is expected here."""

    scim_type = "invalidSyntax"


class InvalidFilter(ScimRefusal):
    """The filter is not understood."""

    scim_type = "invalidFilter"


class InvalidPath(ScimRefusal):
    """The path is not understood."""

    scim_type = "invalidPath"


class InvalidValue(ScimRefusal):
    """A value is missing or of the wrong type."""

    scim_type = "invalidValue"


class NoTarget(ScimRefusal):
    """Nothing is there that the path names."""

    scim_type = "noTarget"


class Mutability(ScimRefusal):
    """This attribute is not yours to change."""

    scim_type = "mutability"


class Stale(ScimRefusal):
    """It has changed since the version that was named."""

    status = 412
    reason = "Precondition Failed"
    scim_type = ""


class NotSupported(ScimRefusal):
    """This part of SCIM is not served."""

    status = 501
    reason = "Not Implemented"
    scim_type = ""


_BY_CODE = {"uniqueness": "uniqueness", "too_large": "tooLarge"}


def scim_type_of(error: ControlPlaneError) -> str:
    """The word for it, "" where there is none."""
    if isinstance(error, ScimRefusal):
        return error.scim_type
    return "invalidValue" if isinstance(error, Invalid) else _BY_CODE.get(error.code, "")


def status_of(error: ControlPlaneError) -> int:
    """SCIM knows no 422."""
    return 400 if isinstance(error, Invalid) else error.status
