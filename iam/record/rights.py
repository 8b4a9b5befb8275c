"""The changes of rights that several commands share: letting in, binding, and places in groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from django.db import connection

from control_plane.kernel.actor import Context
from control_plane.kernel.config import config
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import Conflict, NotFound
from control_plane.kernel.words.ids import new_id
from iam.access import require_groups_held, require_held
from iam.authorization import versions
from iam.authorization.catalogue import expand
from iam.authorization.roles import permissions_of
from iam.models import AccountAccess, Binding, Group, GroupMember, Role, ServiceAccount, TenantAccess, User
from iam.queries import has_admin
from iam.shapes import binding_facts, member_facts, role_shape
from tenants.namespaces.names import check_namespace as check_namespace

_ENTER = """
INSERT INTO iam_tenant_access (id, tenant_id, user_id, managed_by, is_suspended, created_at)
VALUES (%s, %s, %s, %s, false, %s) ON CONFLICT DO NOTHING RETURNING id
"""


@dataclass(frozen=True)
class Holder:
    """Exactly one of a user, a group and a service account."""

    user_id: str | None = None
    group_id: str | None = None
    account_id: str | None = None

    @property
    def columns(self) -> dict[str, Any]:
        return {"user_id": self.user_id, "group_id": self.group_id, "service_account_id": self.account_id}


@dataclass(frozen=True)
class NewBinding:
    """Who (`type` says of which kind the id is) gets which role, where."""

    type: Literal["USER", "GROUP"]
    holder_id: str
    role_id: str
    namespace: str | None = None


class Managed(Conflict):
    """This follows the company's directory: change it there."""

    code = "managed_by_directory"


def check_source(managed_by: str, source: str, what: str) -> None:
    """Managed unless whoever changes it is what it follows. By hand `source` is ""."""
    if managed_by and managed_by != source:
        raise Managed(f"{what} is managed by the company's directory ({managed_by}): change it there")


@contextmanager
def rights_change() -> Iterator[None]:
    """Round whatever takes rights away: it holds from the next request, and a tenant keeps its last admin.

    The number that moves is also the lock: two admins cannot take each other away at once.
    """
    versions.move_tenant(current_tenant())
    had_one = has_admin()
    yield
    if had_one and not has_admin():
        raise Conflict("the last admin of the tenant cannot be taken away")


def make_binding(ctx: Context, wanted: NewBinding) -> Binding:
    """Give a role; the same binding twice is one. NotFound for a holder that is not of this tenant."""
    role = Role.objects.filter(id=wanted.role_id).first()
    if role is None:
        raise NotFound("there is no such role")
    if wanted.namespace is not None:
        check_namespace(wanted.namespace)
    require_held(ctx, permissions_of(role), wanted.namespace)
    return bind(ctx, role, _holder(ctx, wanted), wanted.namespace)


def bind(ctx: Context, role: Role, holder: Holder, namespace: str | None) -> Binding:
    """The same for somebody who is known to be of this tenant, without asking whether the giver holds the role."""
    binding, is_new = Binding.objects.get_or_create(role=role, namespace=namespace, **holder.columns)
    if is_new:
        versions.move_tenant(current_tenant())
        ctx.record("BINDING", binding.id, namespace=namespace, after=binding_facts(binding))
    return binding


def _holder(ctx: Context, wanted: NewBinding) -> Holder:
    identity = wanted.holder_id
    if wanted.type == "GROUP" and Group.objects.filter(id=identity).exists():
        return Holder(group_id=identity)
    if wanted.type == "USER" and is_account(identity):
        return Holder(account_id=identity)
    if wanted.type == "USER" and may_be_named(ctx, identity):
        let_user_in(ctx, identity)
        return Holder(user_id=identity)
    raise NotFound(f"there is no such {wanted.type.lower()}")


def is_account(identity: str) -> bool:
    """Whether it is a service account of the tenant, or one of the instance that may enter it."""
    return (
        ServiceAccount.objects.filter(id=identity).exists()
        or AccountAccess.objects.filter(service_account_id=identity).exists()
    )


def may_be_named(ctx: Context, user_id: str) -> bool:
    """Whether a user can be given something here: whoever is in, and for a superadmin, who knows them all, anybody."""
    if TenantAccess.objects.filter(user_id=user_id).exists():
        return True
    return ctx.actor.is_superadmin and User.objects.filter(id=user_id).exists()


def let_user_in(ctx: Context, user_id: str, *, managed_by: str = "") -> bool:
    """Let a user into the open tenant; False for one who is in. The tenant's default roles come with it.

    Conflict for one whom another tenant's directory made: they can enter that tenant alone.
    """
    home, email = User.objects.values_list("home", "email").get(id=user_id)
    if home not in ("", current_tenant()):
        raise Conflict("this account belongs to the directory of another tenant")
    if not _entered(user_id, managed_by):
        return False
    versions.move_tenant(current_tenant())
    ctx.record("TENANT_ACCESS", user_id, after={"userId": user_id, "email": email})
    for role in _default_roles(ctx):
        bind(ctx, role, Holder(user_id=user_id), None)
    return True


def _entered(user_id: str, managed_by: str) -> bool:
    """Whether they could not before: of two at once one lets them in."""
    with connection.cursor() as cursor:
        cursor.execute(_ENTER, [new_id(), current_tenant(), user_id, managed_by, now()])
        return cursor.fetchone() is not None


def _default_roles(ctx: Context) -> list[Role]:
    """The tenant's own, else the configured one, which is made where it is missing and its permissions are known."""
    own = list(Role.objects.filter(is_default=True).order_by("id"))
    wanted = config().default_role
    if own or wanted.name is None or (wanted.tenants and current_tenant() not in wanted.tenants):
        return own
    role = Role.objects.filter(name=wanted.name).order_by("-is_managed", "id").first()
    if role is None and wanted.permissions is not None:
        role = Role.objects.create(name=wanted.name, permissions=expand(wanted.permissions))
        ctx.record("ROLE", role.id, after=role_shape(role))
    return [role] if role else []


def add_member(ctx: Context, group: Group, holder: Holder, *, is_owner: bool = False) -> GroupMember:
    """Give a place in a group, and so what its roles allow. Conflict for somebody who has one."""
    require_groups_held(ctx, [group.id])
    return place(ctx, group, holder, is_owner=is_owner)


def place(ctx: Context, group: Group, holder: Holder, *, is_owner: bool = False, managed_by: str = "") -> GroupMember:
    """The same without asking whether the giver holds what the group does. `managed_by` names a directory."""
    check_source(group.managed_by, managed_by, "the group")
    who = {"user_id": holder.user_id, "service_account_id": holder.account_id}
    if group.members.filter(**who).exists():
        raise Conflict("is a member of the group already")
    versions.move_tenant(current_tenant())
    member = GroupMember.objects.create(group=group, is_owner=is_owner, managed_by=managed_by, **who)
    ctx.record("GROUP", group.id, after=member_facts(member), member=holder.user_id or holder.account_id)
    return member


def remove_member(ctx: Context, member: GroupMember, *, managed_by: str = "") -> None:
    """Take a place away. Call it inside `rights_change`. Managed for a place that another directory gave."""
    if member.managed_by != managed_by:
        raise Managed("a directory gave this membership, and alone takes it away")
    before = member_facts(member)
    member.delete()
    ctx.record("GROUP", member.group_id, before=before, member=member.user_id or member.service_account_id)


def set_groups(ctx: Context, holder: Holder, group_ids: Iterable[str]) -> None:
    """Let somebody be in exactly these groups. NotFound for one that is not of this tenant."""
    wanted = set(group_ids)
    groups = {group.id: group for group in Group.objects.filter(id__in=wanted)}
    if groups.keys() != wanted:
        raise NotFound("there is no such group")
    who = {"user_id": holder.user_id, "service_account_id": holder.account_id}
    held = {member.group_id: member for member in GroupMember.objects.filter(**who)}
    if held.keys() == wanted:
        return
    with rights_change():
        for group_id in sorted(held.keys() - wanted):
            remove_member(ctx, held[group_id])
        for group_id in sorted(wanted - held.keys()):
            add_member(ctx, groups[group_id], holder)


def give_role(ctx: Context, role: Role, holder: Holder, namespace: str | None) -> Binding:
    """Give a role to somebody who is known to be of this tenant."""
    require_held(ctx, permissions_of(role), namespace)
    return bind(ctx, role, holder, namespace)


def set_ownership(ctx: Context, member: GroupMember, *, is_owner: bool) -> None:
    """Let a member own the group, or be a plain one."""
    check_source(member.managed_by, "", "the membership")
    before = member_facts(member)
    member.is_owner = is_owner
    member.save(update_fields=["is_owner"])
    versions.move_tenant(current_tenant())
    ctx.record(
        "GROUP",
        member.group_id,
        before=before,
        after=member_facts(member),
        member=member.user_id or member.service_account_id,
    )
