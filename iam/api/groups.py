"""Groups of a tenant and who is in them."""

from __future__ import annotations

from typing import Any, Literal

from django.db.models import Q
from rest_framework.request import Request

from control_plane.kernel.actor import ActorKind
from control_plane.kernel.api.filter_fields import Op, Search, Text
from control_plane.kernel.api.filters import Filters
from control_plane.kernel.api.pages import listed, order_of, page_of
from control_plane.kernel.api.schema import FILTERS, PAGED, Parameter, shaped
from control_plane.kernel.api.views import Answer, TenantView
from control_plane.kernel.authorization import authorizer, require
from control_plane.kernel.permissions import AUTHENTICATED, Permission
from control_plane.kernel.words.errors import BadParameter
from iam.api.bodies import Autocomplete, GroupDetails, Ids, NewGroupOfUsers, UserGroups
from iam.models import Group, GroupMember
from iam.permissions import GROUP
from iam.queries import account_names, owned_groups, owns_group
from iam.services.groups import (
    add_group_member,
    create_group,
    delete_group,
    remove_group_member,
    set_groups_of_user,
    set_membership,
    update_group,
)
from iam.shapes import group_shape, member_shape

MOST = 100
MEMBERSHIP = Parameter("membership", Literal["OWNER", "MEMBER"], is_required=True)


class GroupFilters(Filters):
    q = Search("name", "description")
    name = Text("name")
    id = Text("id")
    legacy = {"q": ("q", Op.EQUALS)}


class GroupsView(TenantView):
    """Whoever owns a group sees it without any right on groups."""

    access = {
        "search": AUTHENTICATED,
        "autocomplete": AUTHENTICATED,
        "by_ids": AUTHENTICATED,
        "show": AUTHENTICATED,
        "create": create_group,
        "update": update_group,
        "delete": delete_group,
    }

    @shaped(query=PAGED)
    def search(self, request: Request) -> dict[str, Any]:
        order = order_of(self.query, {"id": "id", "name": "name"}, ["name"])
        found = self._visible().filter(GroupFilters.matching(self.query))
        return listed(found.order_by(*order), page_of(self.query), group_shape)

    @shaped(query=FILTERS)
    def autocomplete(self, request: Request) -> list[dict[str, Any]]:
        sent, visible = self.body(Autocomplete), self._visible().filter(GroupFilters.matching(self.query))
        found = visible.filter(name__icontains=sent.q or "").order_by("name")[:MOST]
        kept = visible.filter(id__in=(sent.ids or [])[:MOST])
        return [group_shape(group) for group in {group.id: group for group in [*kept, *found]}.values()]

    def by_ids(self, request: Request) -> list[dict[str, Any]]:
        ids = self.body(Ids).ids or []
        return [group_shape(group) for group in self._visible().filter(id__in=ids[:MOST]).order_by("name")]

    def _visible(self) -> Any:
        """All of them for whoever may list them, their own for owners; nobody else comes in."""
        actor = self.ctx.actor
        owned = owned_groups(actor.id) if actor.kind is ActorKind.USER else []
        if not owned:
            require(self.ctx, GROUP.LIST)
        own = Q() if authorizer().may(self.ctx, GROUP.LIST, None) else Q(id__in=owned)
        return Group.objects.filter(own)

    def show(self, request: Request, group_id: str) -> dict[str, Any]:
        require_of_group(self, GROUP.VIEW, group_id)
        return group_shape(Group.objects.get(id=group_id))

    def create(self, request: Request) -> dict[str, Any]:
        sent = self.body(NewGroupOfUsers)
        group = create_group(
            self.ctx, name=sent.name, description=sent.description or "", members=sent.members_id or []
        )
        return group_shape(group)

    def update(self, request: Request, group_id: str) -> dict[str, Any]:
        sent = self.body(GroupDetails)
        return group_shape(
            update_group(self.ctx, group_id=group_id, name=sent.name, description=sent.description or "")
        )

    def delete(self, request: Request, group_id: str) -> Answer:
        delete_group(self.ctx, group_id=group_id)
        return Answer(status=200)


def require_of_group(view: TenantView, right: Permission, group_id: str) -> None:
    actor = view.ctx.actor
    if not (actor.kind is ActorKind.USER and owns_group(actor.id, group_id)):
        require(view.ctx, right)


class MemberFilters(Filters):
    q = Search("user__email", "user__first_name", "user__last_name", "service_account__name")
    username = Text("user__email")
    legacy = {"q": ("q", Op.EQUALS)}


class MembersView(TenantView):
    access = {
        "list": AUTHENTICATED,
        "add": add_group_member,
        "remove": remove_group_member,
        "membership": set_membership,
    }

    @shaped(query=PAGED)
    def list(self, request: Request, group_id: str) -> dict[str, Any]:
        require_of_group(self, GROUP.VIEW, group_id)
        group = Group.objects.get(id=group_id)
        found = GroupMember.objects.filter(MemberFilters.matching(self.query), group=group)
        order = order_of(self.query, {"id": "user_id", "username": "user__email"}, ["user__email"])
        accounts = account_names()
        return listed(
            found.select_related("user", "group").order_by(*order),
            page_of(self.query),
            lambda member: member_shape(member, accounts),
        )

    def add(self, request: Request, group_id: str, user_id: str) -> dict[str, Any]:
        return self._shown(add_group_member(self.ctx, group_id=group_id, user_id=user_id))

    def remove(self, request: Request, group_id: str, user_id: str) -> dict[str, Any]:
        return self._shown(remove_group_member(self.ctx, group_id=group_id, user_id=user_id))

    @shaped(query=(MEMBERSHIP,))
    def membership(self, request: Request, group_id: str, user_id: str) -> dict[str, Any]:
        wanted = self.query.get("membership", "")
        if wanted not in ("OWNER", "MEMBER"):
            raise BadParameter("`membership` must be OWNER or MEMBER")
        is_owner = wanted == "OWNER"
        return self._shown(set_membership(self.ctx, group_id=group_id, user_id=user_id, is_owner=is_owner))

    def _shown(self, member: GroupMember) -> dict[str, Any]:
        return member_shape(member, account_names())


class UserGroupsView(TenantView):
    access = {"update": set_groups_of_user}

    def update(self, request: Request, user_id: str) -> None:
        set_groups_of_user(self.ctx, user_id=user_id, group_ids=self.body(UserGroups).group_ids)
