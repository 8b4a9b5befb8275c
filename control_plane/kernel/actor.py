"""Who acts, and the circumstances of one act."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

T = TypeVar("T")


class ActorKind(enum.StrEnum):
    ANONYMOUS = "ANONYMOUS"
    USER = "USER"
    SERVICE_ACCOUNT = "SERVICE_ACCOUNT"
    WORKER = "WORKER"
    JOB = "JOB"
    TRIGGER = "TRIGGER"
    SCIM = "SCIM"
    IDENTITY_PROVIDER = "IDENTITY_PROVIDER"
    SYSTEM = "SYSTEM"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody or something that acts. `home` is the tenant a credential is bound to: it opens no other one.

    `credential` names the session or token that was shown, for the audit trail and for ending it. `namespace` is where
    the flow of a job stands: its rights follow from it.
    """

    kind: ActorKind
    id: str = ""
    name: str = ""
    is_superadmin: bool = False
    home: str | None = None
    credential: str = ""
    namespace: str | None = None
    impersonator: tuple[str, str] | None = None
    """Id and name of the superadmin who acts as this user; every record names both."""
    signed_in_by: str = ""
    """What kind of credential was shown: SESSION, TOKEN, BASIC; "" where none was."""

    @property
    def is_known(self) -> bool:
        return self.kind is not ActorKind.ANONYMOUS


ANONYMOUS = Actor(ActorKind.ANONYMOUS)
SYSTEM = Actor(ActorKind.SYSTEM, id="system", name="system", is_superadmin=True)


@dataclass(frozen=True, slots=True)
class Change:
    """What a command did to one object: its public form before and after, None where it was not or is no more."""

    resource: str
    object_id: str
    namespace: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    detail: dict[str, Any] = field(default_factory=dict)

    def is_of_the_same(self, other: Change) -> bool:
        """Of the same object, and without details of its own."""
        is_same = (self.resource, self.object_id, self.namespace) == (other.resource, other.object_id, other.namespace)
        return is_same and bool(self.object_id) and not self.detail

    def followed_by(self, later: Change) -> Change:
        """Both as one: what either says of before and after, the earlier before and the later after."""
        before = None if self.before is None else {**(later.before or {}), **self.before}
        after = None if later.after is None else {**(self.after or {}), **later.after}
        return replace(self, before=before, after=after)


@dataclass(slots=True)
class Context:
    """One request, command line call or background act: who, where, and what it has changed so far."""

    actor: Actor
    tenant_id: str | None = None
    request_id: str = ""
    ip: str | None = None
    user_agent: str = ""
    changes: list[Change] = field(default_factory=list)
    target: object = None
    """What the `on` of the running command has loaded."""
    rights: object = None
    """What `iam.access` has compiled for this request; nobody else reads it."""
    because: Callable[[], Mapping[str, Any]] | None = None
    """What every entry says besides: for whom a job acts. Asked once, when the first entry is written."""
    entries: int = 0
    """How many entries were written on its account."""

    def record(
        self,
        resource: str,
        object_id: str,
        *,
        namespace: str | None = None,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
        **detail: Any,
    ) -> None:
        """Tell what was changed; the command writes it to the audit trail before it commits.

        What is told of one object in several steps becomes one entry, from before the first to after the last, unless
        the steps have details of their own. Sensitive values must already be masked or HMACed in what is handed in.
        """
        self.tell(Change(resource, object_id, namespace, before, after, detail))

    def tell(self, change: Change) -> None:
        """The same of a change that somebody else has put into words."""
        for place, earlier in enumerate(self.changes):
            if not change.detail and earlier.is_of_the_same(change):
                self.changes[place] = earlier.followed_by(change)
                return
        self.changes.append(change)

    def target_as(self, kind: type[T]) -> T:
        """The loaded target, as what the command knows it to be."""
        if not isinstance(self.target, kind):
            raise TypeError(f"the target is a {type(self.target).__name__}, not a {kind.__name__}")
        return self.target
