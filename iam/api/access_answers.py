"""Why somebody may do something, who was refused what, and rights as code, as the API's description names them."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from control_plane.kernel.api.answers import Moment
from iam.api.answers import IdAndName


class NamedSubject(TypedDict):
    """Who it is about."""

    kind: str
    id: str
    name: str


class ExplainedBinding(TypedDict):
    """A binding, and what it lacks to allow what was asked."""

    bindingId: str
    role: IdAndName
    group: NotRequired[IdAndName]
    namespace: NotRequired[str]
    lacks: NotRequired[list[str]]


class HeldRights(TypedDict):
    """What the asker may do, by resource: in the whole tenant, and in one namespace of it at least."""

    everywhere: dict[str, list[str]]
    somewhere: dict[str, list[str]]
    ownedGroups: list[str]


class Explanation(TypedDict):
    """Why somebody may do something, or why not."""

    subject: NamedSubject
    permission: str
    namespace: NotRequired[str]
    allowed: bool
    reason: str
    chain: list[ExplainedBinding]
    nearest: list[ExplainedBinding]


class RefusedRequest(TypedDict):
    """Somebody was told no."""

    reference: str
    at: Moment
    actor: NamedSubject
    method: str
    path: str
    permission: NotRequired[str]
    namespace: NotRequired[str]
    message: str
    requestId: str


class ExplainedRefusal(RefusedRequest):
    explanation: NotRequired[Explanation]


class AccessStep(TypedDict):
    """One change that a document asks for."""

    action: Literal["CREATE", "UPDATE", "DELETE"]
    kind: Literal["ROLE", "GROUP", "MEMBER", "SERVICE_ACCOUNT", "BINDING", "IDENTITY_PROVIDER"]
    name: str
    before: NotRequired[dict[str, Any]]
    after: NotRequired[dict[str, Any]]


class AccessSteps(TypedDict):
    """What a document asks for, or what was done of it: nothing where everything is as it says."""

    steps: list[AccessStep]


class PastPermission(TypedDict):
    """Something that was allowed: in the whole tenant, or in these namespaces and below."""

    permission: str
    namespaces: NotRequired[list[str]]


class PastBinding(TypedDict):
    """By what it was allowed."""

    id: str
    role: IdAndName
    group: NotRequired[IdAndName]
    namespace: NotRequired[str]
    since: Moment


class PastRights(TypedDict):
    """What somebody could do at a moment, as the trail tells; not complete where some of it was purged."""

    at: Moment
    isComplete: bool
    isMember: bool
    permissions: list[PastPermission]
    bindings: list[PastBinding]
