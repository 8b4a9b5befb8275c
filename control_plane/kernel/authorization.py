"""The port through which rooms below `iam` ask "may they?"; `iam.access` is the one that answers."""

from __future__ import annotations

from typing import Protocol

from django.db.models import Q

from control_plane.kernel.actor import Context
from control_plane.kernel.permissions import Permission, Right, Rule
from control_plane.kernel.places import within
from control_plane.kernel.words.errors import ControlPlaneError, Forbidden, NotFound, Unauthenticated


class Authorizer(Protocol):
    """Answers about one actor in the tenant of the context, or in the instance when it names none."""

    def is_member(self, ctx: Context) -> bool:
        """Whether the tenant exists and the actor may know of it."""
        ...

    def may(self, ctx: Context, permission: Permission, namespace: str | None) -> bool:
        """Whether it is allowed in this namespace; None asks for the whole tenant."""
        ...

    def may_anywhere(self, ctx: Context, permission: Permission) -> bool:
        """Whether it is allowed in one namespace at least."""
        ...

    def namespaces(self, ctx: Context, permission: Permission) -> tuple[str, ...] | None:
        """The namespaces, children included, where it is allowed; None where it is allowed everywhere."""
        ...

    def knows_of(self, ctx: Context, resource: str, namespace: str | None) -> bool:
        """Whether the actor may know that things of this kind exist there."""
        ...


class _Nobody:
    """Before `iam` is there, nothing is allowed."""

    def is_member(self, ctx: Context) -> bool:
        return False

    def may(self, ctx: Context, permission: Permission, namespace: str | None) -> bool:
        return False

    def may_anywhere(self, ctx: Context, permission: Permission) -> bool:
        return False

    def namespaces(self, ctx: Context, permission: Permission) -> tuple[str, ...] | None:
        return ()

    def knows_of(self, ctx: Context, resource: str, namespace: str | None) -> bool:
        return False


_authorizer: Authorizer = _Nobody()


def use_authorizer(authorizer: Authorizer) -> Authorizer:
    """Let this one answer from now on; returns the one before."""
    global _authorizer
    before, _authorizer = _authorizer, authorizer
    return before


def authorizer() -> Authorizer:
    return _authorizer


def admit(ctx: Context, right: Right | None) -> None:
    """Raise unless the actor may come through this endpoint at all; what exactly is touched is checked later.

    None asks for membership alone: a command behind the endpoint checks the rest. A tenant that does not exist and one
    that the actor does not belong to are the same 404.
    """
    if right is Rule.PUBLIC:
        return
    if not ctx.actor.is_known:
        raise Unauthenticated()
    if right is Rule.SUPERADMIN:
        _require_superadmin(ctx)
    elif ctx.tenant_id is not None:
        if not _authorizer.is_member(ctx):
            raise NotFound("tenant")
        if isinstance(right, Permission) and not _authorizer.may_anywhere(ctx, right):
            raise Forbidden(f"{right} is needed", asked=str(right))
    elif isinstance(right, Permission):
        _require_superadmin(ctx)


def needed(right: Right, namespace: str | None = None) -> Forbidden:
    """What whoever lacks the right there is told."""
    return Forbidden(f"{right} is needed", asked=str(right), namespace=namespace)


def require(
    ctx: Context, right: Right, namespace: str | None = None, *, absent: ControlPlaneError | None = None
) -> None:
    """Raise unless the actor may do this in the namespace; None asks for the whole tenant.

    With `absent` it is about a thing that is there: who may not know of it is told what they would be if it were not.
    """
    admit(ctx, right if isinstance(right, Rule) else None)
    if isinstance(right, Rule) or ctx.tenant_id is None:
        if isinstance(right, Permission):
            _require_superadmin(ctx)
        return
    if _authorizer.may(ctx, right, namespace):
        return
    if absent is not None and not _authorizer.knows_of(ctx, right.resource, namespace):
        raise absent
    raise needed(right, namespace)


def is_hidden(ctx: Context, permission: Permission, namespace: str) -> bool:
    """Whether they may not even know of such a thing there, nor do this with it: then it is as if it were not there."""
    return not _authorizer.may(ctx, permission, namespace) and not _authorizer.knows_of(
        ctx, permission.resource, namespace
    )


def visible_to(ctx: Context, permission: Permission, column: str = "namespace") -> Q:
    """The condition that narrows a list to the namespaces in which the actor has the permission."""
    namespaces = _authorizer.namespaces(ctx, permission)
    if namespaces is None:
        return Q()
    return within(column, *namespaces) if namespaces else Q(pk__in=[])


def _require_superadmin(ctx: Context) -> None:
    if not ctx.actor.is_superadmin:
        raise Forbidden("only a superadmin may do this")
