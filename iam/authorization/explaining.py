"""Why somebody may do something, or why not: the bindings that allow it, or the nearest ones and what each lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.permissions import Permission
from control_plane.kernel.words.errors import BadParameter
from iam.authorization.catalogue import ACTIONS, ASSIGNABLE, GOVERNED
from iam.authorization.grants import covers
from iam.authorization.roles import permissions_of
from iam.models import AccountAccess, Binding, Group, ServiceAccount, TenantAccess, User

Kind = Literal["USER", "GROUP", "SERVICE_ACCOUNT"]
MOST_NEAREST = 5


@dataclass(frozen=True)
class Subject:
    """Whom it is asked of, as far as the open tenant knows them."""

    kind: Kind
    id: str
    name: str
    is_member: bool = True
    is_superadmin: bool = False
    is_disabled: bool = False


@dataclass(frozen=True)
class Link:
    """One binding, and what it lacks for the question; nothing where it allows it."""

    binding: Binding
    lacks: tuple[str, ...]

    @property
    def shape(self) -> dict[str, Any]:
        group = self.binding.group
        return without_nulls(
            bindingId=self.binding.id,
            role={"id": self.binding.role_id, "name": self.binding.role.name},
            group={"id": group.id, "name": group.name} if group else None,
            namespace=self.binding.namespace,
            lacks=list(self.lacks) or None,
        )


def permission_of(text: str) -> Permission:
    """`FLOW.CREATE`. BadParameter for what is none."""
    resource, _, action = text.upper().partition(".")
    if action not in ACTIONS.get(resource, ()):
        raise BadParameter("`permission` must be a resource and an action, such as FLOW.CREATE")
    return Permission(resource, action)


def subject_of(kind: Kind, identity: str) -> Subject | None:
    """None for whom the tenant does not know."""
    if kind == "GROUP":
        group = Group.objects.filter(id=identity).first()
        return Subject(kind, group.id, group.name) if group else None
    if kind == "SERVICE_ACCOUNT":
        own = ServiceAccount.objects.filter(id=identity).first()
        if own is not None:
            return Subject(kind, own.id, own.name, True, own.is_superadmin, own.is_disabled)
        guest = AccountAccess.objects.filter(service_account_id=identity).first()
        return Subject(kind, identity, guest.name) if guest else None
    access = TenantAccess.objects.filter(user_id=identity).first()
    if access is None:
        return None
    user = User.objects.get(id=identity)
    is_disabled = user.is_disabled or access.is_suspended
    return Subject(kind, user.id, user.email, True, user.is_superadmin, is_disabled)


def explain(subject: Subject, asked: Permission, namespace: str | None) -> dict[str, Any]:
    """Whether it is allowed there (None asks for the whole tenant), and by or in spite of which bindings."""
    links = [Link(binding, _lacks(binding, asked, namespace)) for binding in _bindings(subject)]
    allowing = [link for link in links if not link.lacks]
    governs = subject.is_superadmin and asked.resource in GOVERNED and asked.action in ASSIGNABLE[asked.resource]
    is_allowed = (bool(allowing) or governs) and not subject.is_disabled
    nearest = sorted((link for link in links if link.lacks), key=lambda link: len(link.lacks))
    return without_nulls(
        subject={"kind": subject.kind, "id": subject.id, "name": subject.name},
        permission=str(asked),
        namespace=namespace,
        allowed=is_allowed,
        reason=_reason(subject, asked, allowing, governs=governs, has_any=bool(links)),
        chain=[link.shape for link in allowing],
        nearest=[] if is_allowed else [link.shape for link in nearest[:MOST_NEAREST]],
    )


def _reason(subject: Subject, asked: Permission, allowing: list[Link], *, governs: bool, has_any: bool) -> str:
    if subject.is_disabled:
        return f"{subject.name} is disabled"
    if allowing:
        binding = allowing[0].binding
        by = f"through the group {binding.group.name}" if binding.group else "directly"
        where = f"in {binding.namespace} and below" if binding.namespace else "in the whole tenant"
        return f"the role {binding.role.name} allows it {where}, bound {by}"
    if governs:
        return "a superadmin governs every tenant"
    return f"no binding gives {asked} there" if has_any else f"{subject.name} has no role here"


def _lacks(binding: Binding, asked: Permission, namespace: str | None) -> tuple[str, ...]:
    lacks = []
    if asked.action not in permissions_of(binding.role).get(asked.resource, ()):
        lacks.append(f"the role {binding.role.name} does not hold {asked}")
    if binding.namespace is not None and (namespace is None or not covers(binding.namespace, namespace)):
        where = f"not in {namespace}" if namespace else "not in the whole tenant"
        lacks.append(f"it holds in {binding.namespace} and below, {where}")
    return tuple(lacks)


def _bindings(subject: Subject) -> list[Binding]:
    rows = Binding.objects.select_related("role", "group").order_by("created_at", "id")
    if subject.kind == "GROUP":
        return list(rows.filter(group_id=subject.id))
    own, place = ("user_id", "group__members__user_id")
    if subject.kind == "SERVICE_ACCOUNT":
        own, place = ("service_account_id", "group__members__service_account_id")
    found = {row.id: row for row in [*rows.filter(**{own: subject.id}), *rows.filter(**{place: subject.id})]}
    return list(found.values())
