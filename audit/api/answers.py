"""The audit trail as the API's description names it."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from control_plane.kernel.api.answers import Moment


@with_config(ConfigDict(extra="allow"))
class AuditLogDetail(TypedDict):
    """What an entry is about; commands tell more of it."""

    type: str
    resource: str
    resourceType: str
    id: NotRequired[str]
    namespace: NotRequired[str]
    refused: NotRequired[bool]
    impersonator: NotRequired[dict[str, str]]
    command: NotRequired[str]
    signedInBy: NotRequired[str]
    credential: NotRequired[str]


class Patch(TypedDict):
    """One step of a JSON patch."""

    op: Literal["add", "remove", "replace"]
    path: str
    value: NotRequired[Any]


class AuditLog(TypedDict):
    id: str
    tenantId: NotRequired[str]
    type: str
    detail: AuditLogDetail
    date: Moment
    userId: str
    ipAddress: NotRequired[str]
    appliedPatch: list[Patch]
    revertPatch: list[Patch]


class AuditUser(TypedDict):
    """Who did it, as they were called then."""

    id: str
    type: str
    username: str
    email: str


class AuditLogItem(TypedDict):
    auditLog: AuditLog
    user: AuditUser


class AuditLogOption(TypedDict):
    """A moment in the history of an object."""

    id: str
    date: Moment
    username: str


class AuditLogDiff(TypedDict):
    """An object before and after, as texts."""

    before: str
    after: str
