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
from iam.api.bodies import AccessBody, Autocomplete, BindingBody
from iam.models import Binding, TenantAccess, User
from iam.permissions import BINDING, TENANT_ACCESS
from iam.services.bindings import NewBinding, create_bindings, delete_binding
from iam.services.tenant_access import let_in, shut_out
from iam.shapes import access_shape, assignment_shape, binding_shape, display_name

MOST = 1000
SHOWN = ("role", "user", "group", "service_account")


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
        return listed(found.select_related(*SHOWN), page_of(self.query), binding_shape)

    def show(self, request: Request, binding_id: str) -> dict[str, Any]:
        return binding_shape(Binding.objects.select_related(*SHOWN).get(id=binding_id))

    def create(self, request: Request) -> dict[str, Any]:
        return binding_shape(create_bindings(self.ctx, wanted=[_new(self.body(BindingBody))])[0])

    def bulk(self, request: Request) -> list[dict[str, Any]]:
        if not isinstance(request.data, list) or len(request.data) > MOST:
            raise Invalid(f"a list of at most {MOST} bindings is expected")
        wanted = [_new(read(BindingBody, each)) for each in request.data]
        return [binding_shape(binding) for binding in create_bindings(self.ctx, wanted=wanted)]

    def delete(self, request: Request, binding_id: str) -> None:
        delete_binding(self.ctx, binding_id=binding_id)


def _new(sent: BindingBody) -> NewBinding:
    return NewBinding(sent.type, sent.external_id, sent.role_id, sent.namespace_id)


class TenantAccessView(TenantView):
    access = {
        "list": TENANT_ACCESS.LIST,
        "autocomplete": TENANT_ACCESS.LIST,
        "show": AUTHENTICATED,
        "create": let_in,
        "put": let_in,
        "delete": shut_out,
    }

    @shaped(query=PAGED)
    def list(self, request: Request) -> dict[str, Any]:
        found = self._members().filter(MemberFilters.matching(self.query))
        order = order_of(self.query, {"id": "id", "username": "email", "email": "email"}, ["email"])
        return listed(found.order_by(*order), page_of(self.query), access_shape)

    def autocomplete(self, request: Request) -> Any:
        sent = self.body(Autocomplete)
        found = self._members().filter(email__icontains=sent.q or "").order_by("email")[:MOST]
        return [access_shape(user) for user in found]

    def show(self, request: Request, user_id: str) -> dict[str, Any]:
        """Everybody may read their own."""
        if not (self.ctx.actor.kind is ActorKind.USER and self.ctx.actor.id == user_id):
            require(self.ctx, TENANT_ACCESS.VIEW)
        user = self._members().get(id=user_id)
        held = Binding.objects.filter(Q(user_id=user_id) | Q(group__members__user_id=user_id)).select_related("role")
        return {
            "tenantId": self.ctx.tenant_id,
            "userId": user.id,
            "username": user.email,
            "displayName": display_name(user),
            "groups": [],
            "roles": [assignment_shape(binding) for binding in held.order_by("created_at")],
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
