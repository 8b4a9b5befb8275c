"""Bindings of a tenant, and who may enter it."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from rest_framework.request import Request

from control_plane.kernel.actor import ActorKind
from control_plane.kernel.api.bodies import read
from control_plane.kernel.api.filter_fields import By, Op, Search, Text, Value, one
from control_plane.kernel.api.filters import Filters
from control_plane.kernel.api.pages import listed, order_of, page_of
from control_plane.kernel.api.schema import PAGED, shaped
from control_plane.kernel.api.views import TenantView
from control_plane.kernel.authorization import require
from control_plane.kernel.permissions import AUTHENTICATED
from control_plane.kernel.words.errors import Invalid
from iam.access import bindings_of_user
from iam.api.bodies import AccessBody, BindingBody, UserAutocomplete
from iam.models import Binding, TenantAccess, User
from iam.permissions import BINDING, TENANT_ACCESS
from iam.queries import account_names, memberships, owned_groups
from iam.record.rights import NewBinding
from iam.services.bindings import create_bindings, delete_binding
from iam.services.tenant_access import let_in, shut_out
from iam.shapes import access_shape, assignment_shape, binding_shape, display_name

MOST = 1000
SUGGESTED = 50
SHOWN = ("role", "user", "group")


def _type(op: Op, value: Value, key: str | None) -> Q:
    return Q(group__isnull=one("type", value) != "GROUP")


def _holder(op: Op, value: Value, key: str | None) -> Q:
    holder = one("id", value)
    return Q(user_id=holder) | Q(group_id=holder) | Q(service_account_id=holder)


class BindingFilters(Filters):
    type = By({Op.EQUALS}, _type)
    id = By({Op.EQUALS}, _holder)
    namespace = Text("namespace")
    q = Search("role__name", "user__email", "group__name")
    legacy = {"type": ("type", Op.EQUALS), "id": ("id", Op.EQUALS), "namespace": ("namespace", Op.EQUALS)}


class BindingsView(TenantView):
    access = {
        "search": BINDING.LIST,
        "show": BINDING.VIEW,
        "create": create_bindings,
        "bulk": create_bindings,
        "delete": delete_binding,
    }

    @shaped(query=(*PAGED, ("type", "string"), ("id", "string"), ("namespace", "string")))
    def search(self, request: Request) -> dict[str, Any]:
        order = order_of(self.query, {"id": "id", "namespace": "namespace"}, ["created_at"])
        found = Binding.objects.filter(BindingFilters.matching(self.query)).order_by(*order)
        accounts = account_names()
        return listed(
            found.select_related(*SHOWN), page_of(self.query), lambda binding: binding_shape(binding, accounts)
        )

    def show(self, request: Request, binding_id: str) -> dict[str, Any]:
        return self._shown([Binding.objects.select_related(*SHOWN).get(id=binding_id)])[0]

    def create(self, request: Request) -> dict[str, Any]:
        return self._shown(create_bindings(self.ctx, wanted=[_new(self.body(BindingBody))]))[0]

    def bulk(self, request: Request) -> list[dict[str, Any]]:
        if not isinstance(request.data, list) or len(request.data) > MOST:
            raise Invalid(f"a list of at most {MOST} bindings is expected")
        wanted = [_new(read(BindingBody, each)) for each in request.data]
        return self._shown(create_bindings(self.ctx, wanted=wanted))

    def delete(self, request: Request, binding_id: str) -> None:
        delete_binding(self.ctx, binding_id=binding_id)

    def _shown(self, bindings: list[Binding]) -> list[dict[str, Any]]:
        accounts = account_names()
        return [binding_shape(binding, accounts) for binding in bindings]


def _new(sent: BindingBody) -> NewBinding:
    return NewBinding(sent.type, sent.external_id, sent.role_id, sent.namespace_id)


def _shown(users: list[User]) -> list[dict[str, Any]]:
    places = memberships(user.id for user in users)
    return [access_shape(user, places.get(user.id, [])) for user in users]


class TenantAccessView(TenantView):
    access = {
        "list": TENANT_ACCESS.LIST,
        "autocomplete": AUTHENTICATED,
        "show": AUTHENTICATED,
        "create": let_in,
        "put": let_in,
        "delete": shut_out,
    }

    @shaped(query=PAGED)
    def list(self, request: Request) -> dict[str, Any]:
        found = self._members().filter(MemberFilters.matching(self.query))
        order = order_of(self.query, {"id": "id", "username": "email", "email": "email"}, ["email"])
        shown = listed(found.order_by(*order), page_of(self.query), lambda user: user)
        return {**shown, "results": _shown(shown["results"])}

    def autocomplete(self, request: Request) -> Any:
        """Whoever owns a group may look for people to put into it."""
        actor = self.ctx.actor
        if not (actor.kind is ActorKind.USER and owned_groups(actor.id)):
            require(self.ctx, TENANT_ACCESS.LIST)
        sent = self.body(UserAutocomplete)
        found = self._members().filter(MemberFilters.fields["q"].q("q", Op.EQUALS, sent.q or sent.username or "", None))
        kept = self._members().filter(id__in=(sent.ids or [])[:MOST])
        return _shown(list({user.id: user for user in [*kept, *found.order_by("email")[:SUGGESTED]]}.values()))

    def show(self, request: Request, user_id: str) -> dict[str, Any]:
        """Everybody may read their own."""
        if not (self.ctx.actor.kind is ActorKind.USER and self.ctx.actor.id == user_id):
            require(self.ctx, TENANT_ACCESS.VIEW)
        user = self._members().get(id=user_id)
        held = Binding.objects.filter(bindings_of_user(user_id)).select_related("role")
        return {
            "tenantId": self.ctx.tenant_id,
            "userId": user.id,
            "username": user.email,
            "displayName": display_name(user),
            "groups": access_shape(user, memberships([user_id]).get(user_id, []))["groups"],
            "roles": [assignment_shape(binding) for binding in held.order_by("created_at", "id").distinct()],
            "superAdmin": user.is_superadmin,
        }

    def create(self, request: Request) -> None:
        let_in(self.ctx, email=self.body(AccessBody).email)

    def put(self, request: Request, user_id: str) -> HttpResponse:
        let_in(self.ctx, user_id=user_id)
        return HttpResponse(status=201)

    def delete(self, request: Request, user_id: str) -> None:
        shut_out(self.ctx, user_id=user_id)

    def _members(self) -> Any:
        return User.objects.filter(id__in=TenantAccess.objects.values("user_id"))


class MemberFilters(Filters):
    q = Search("email", "first_name", "last_name")
    username = Text("email")
    email = Text("email")
    legacy = {"q": ("q", Op.EQUALS)}
