"""The only place that answers "may they?"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from django.db.models import Q

from control_plane.kernel.actor import Actor, ActorKind, Context
from control_plane.kernel.authorization import visible_to as visible_to
from control_plane.kernel.permissions import Permission
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import Forbidden
from iam.authorization.catalogue import ACTIONS, ASSIGNABLE, GOVERNED
from iam.authorization.grants import NONE, Grants, Held, compile_grants
from iam.authorization.integrations import PROVISIONING, is_through
from iam.authorization.jobs import grants_of_job, lets_in
from iam.authorization.roles import held_by, permissions_of
from iam.authorization.versions import Versions, current
from iam.models import AccountAccess, Binding, ServiceAccount, TenantAccess

_CACHED = 10_000
_cache: dict[tuple[str, str, str], tuple[Versions, Grants]] = {}
_EVERYTHING = compile_grants([(None, ACTIONS)], is_member=True)
_OF_DIRECTORIES = {"USER": ["CREATE", "UPDATE", "MANAGE_GROUP_MEMBERSHIP"], "GROUP": ["CREATE"]}
_A_DIRECTORY = compile_grants([(None, _OF_DIRECTORIES)], is_member=True)
"""What a sign-in or a sync does in a provider's name: accounts, and who is in which group. It reads nothing."""
_PROVISIONING = compile_grants([(None, PROVISIONING)], is_member=True)


class Access:
    """Answers the kernel's questions from compiled grants."""

    def is_member(self, ctx: Context) -> bool:
        return grants_of(ctx).is_member

    def may(self, ctx: Context, permission: Permission, namespace: str | None) -> bool:
        grants = grants_of(ctx)
        return grants.may(permission, namespace) or _is_let_in(ctx, grants, permission, namespace)

    def may_anywhere(self, ctx: Context, permission: Permission) -> bool:
        return grants_of(ctx).may_anywhere(permission)

    def namespaces(self, ctx: Context, permission: Permission) -> tuple[str, ...] | None:
        return grants_of(ctx).namespaces(permission)

    def knows_of(self, ctx: Context, resource: str, namespace: str | None) -> bool:
        return grants_of(ctx).knows_of(resource, namespace)


def _is_let_in(ctx: Context, grants: Grants, permission: Permission, namespace: str | None) -> bool:
    """A job may do elsewhere what it may at home, where the namespace allows its own."""
    home = ctx.actor.namespace
    if home is None or namespace is None or ctx.tenant_id is None or not grants.may(permission, home):
        return False
    with tenant_scope(ctx.tenant_id):
        return lets_in(namespace, home)


def grants_of(ctx: Context) -> Grants:
    """What the actor may do in the tenant of the context, as of the versions this request saw."""
    if ctx.tenant_id is None:
        return NONE
    if ctx.actor.kind is ActorKind.SYSTEM:
        return _EVERYTHING
    if ctx.actor.kind is ActorKind.SCIM:
        return _PROVISIONING if _opens(ctx.actor, ctx.tenant_id) and is_through(ctx.actor.id) else NONE
    if ctx.actor.kind is ActorKind.JOB:
        return grants_of_job(ctx.actor.namespace) if ctx.actor.namespace and _opens(ctx.actor, ctx.tenant_id) else NONE
    if ctx.actor.kind is ActorKind.IDENTITY_PROVIDER:
        return _A_DIRECTORY if _opens(ctx.actor, ctx.tenant_id) else NONE
    if not isinstance(ctx.rights, Versions):
        ctx.rights = current(ctx.tenant_id)
    if ctx.rights.tenant is None or not _opens(ctx.actor, ctx.tenant_id):
        return NONE
    return _remembered(ctx.actor, ctx.tenant_id, ctx.rights)


def rights_of(ctx: Context) -> dict[str, dict[str, list[str]]]:
    """The actions by resource that the actor may do `everywhere` in the tenant, and `somewhere` in it at least."""
    grants = grants_of(ctx)
    return {
        "everywhere": _those(lambda permission: grants.may(permission, None)),
        "somewhere": _those(grants.may_anywhere),
    }


def _those(fits: Callable[[Permission], bool]) -> dict[str, list[str]]:
    found = {
        resource: [action for action in actions if fits(Permission(resource, action))]
        for resource, actions in ASSIGNABLE.items()
    }
    return {resource: actions for resource, actions in found.items() if actions}


def _opens(actor: Actor, tenant_id: str) -> bool:
    """A credential that is bound to one tenant opens no other one."""
    return actor.home is None or actor.home == tenant_id


def _remembered(actor: Actor, tenant_id: str, versions: Versions) -> Grants:
    key = (actor.kind.value, actor.id, tenant_id)
    held = _cache.get(key)
    if held is not None and held[0] == versions:
        return held[1]
    with tenant_scope(tenant_id):
        grants = _compiled(actor)
    if len(_cache) >= _CACHED:
        _cache.clear()
    _cache[key] = (versions, grants)
    return grants


def remembers(actor: Actor, tenant_id: str, versions: Versions) -> bool:
    """Whether what the actor may do there is known without asking the database."""
    if not _opens(actor, tenant_id):
        return False
    held = _cache.get((actor.kind.value, actor.id, tenant_id))
    return held is not None and held[0] == versions


def _compiled(actor: Actor) -> Grants:
    held = list(_held(actor)) if not _is_suspended(actor) else []
    if actor.is_superadmin:
        held.append((None, {resource: ASSIGNABLE[resource] for resource in GOVERNED}))
    return compile_grants(held, is_member=bool(held) or _belongs(actor))


def _held(actor: Actor) -> Iterable[Held]:
    holder = _holder(actor)
    if holder is None:
        return ()
    columns = ("namespace", "role__name", "role__is_managed", "role__permissions")
    rows = Binding.objects.filter(holder).values_list(*columns).distinct()
    return [(namespace, held_by(name, is_managed, stored)) for namespace, name, is_managed, stored in rows]


def _holder(actor: Actor) -> Q | None:
    if actor.kind is ActorKind.USER:
        return bindings_of_user(actor.id)
    if actor.kind is ActorKind.SERVICE_ACCOUNT:
        return bindings_of_account(actor.id)
    return None


def bindings_of_user(user_id: str) -> Q:
    """Those of the user and of every group they are in."""
    return Q(user_id=user_id) | Q(group__members__user_id=user_id)


def bindings_of_account(account_id: str) -> Q:
    """Those of the service account and of every group it is in."""
    return Q(service_account_id=account_id) | Q(group__members__service_account_id=account_id)


def _is_suspended(actor: Actor) -> bool:
    is_user = actor.kind is ActorKind.USER
    return is_user and TenantAccess.objects.filter(user_id=actor.id, is_suspended=True).exists()


def _belongs(actor: Actor) -> bool:
    if actor.kind is ActorKind.USER:
        return TenantAccess.objects.filter(user_id=actor.id, is_suspended=False).exists()
    if actor.kind is not ActorKind.SERVICE_ACCOUNT:
        return False
    return actor.home is not None or AccountAccess.objects.filter(service_account_id=actor.id).exists()


def require_held(ctx: Context, wanted: Mapping[str, Iterable[str]], namespace: str | None = None) -> None:
    """Raise unless the giver holds everything that is to be given, there. Every way to give rights calls this.

    A superadmin governs the instance and may give anything.
    """
    if ctx.actor.is_superadmin:
        return
    missing = grants_of(ctx).includes(wanted, namespace)
    if missing:
        where = f" in {namespace}" if namespace else ""
        raise Forbidden(f"you cannot give what you do not hold{where}: {', '.join(sorted(missing)[:10])}")


def require_groups_held(ctx: Context, group_ids: Iterable[str]) -> None:
    """The same for what a place in these groups gives."""
    for binding in Binding.objects.filter(group_id__in=list(group_ids)).select_related("role"):
        require_held(ctx, permissions_of(binding.role), binding.namespace)


def require_account_held(ctx: Context, account: ServiceAccount) -> None:
    """The same for what whoever holds a token of this account may do in the open tenant."""
    if account.is_superadmin and not ctx.actor.is_superadmin:
        raise Forbidden("only a superadmin gives what a superadmin may do")
    for binding in Binding.objects.filter(bindings_of_account(account.id)).select_related("role").distinct():
        require_held(ctx, permissions_of(binding.role), binding.namespace)
