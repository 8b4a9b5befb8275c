"""Service accounts of a tenant, and their tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.filter_fields import Op, Search, Text
from control_plane.kernel.api.filters import Filters
from control_plane.kernel.api.pages import order_of, page_of, sliced
from control_plane.kernel.api.schema import PAGED, shaped
from control_plane.kernel.api.views import Answer, TenantView
from control_plane.kernel.words.errors import NotFound
from iam.api.bodies import AccountBody, Disabled, NewTokenBody, Rotation
from iam.api.me import new_token_shape, shown_tokens
from iam.models import AccountAccess, GroupMember, ServiceAccount
from iam.permissions import SERVICE_ACCOUNT
from iam.queries import tokens_of_account
from iam.services.service_accounts import (
    create_account,
    create_account_token,
    delete_account,
    delete_account_token,
    disable_account,
    rotate_account_token,
    update_account,
)
from iam.shapes import account_access_shape, account_id, account_shape

Account = ServiceAccount | AccountAccess


class AccountFilters(Filters):
    q = Search("name", "description")
    name = Text("name")
    username = Text("name")
    legacy = {"q": ("q", Op.EQUALS)}


class ServiceAccountsView(TenantView):
    access = {
        "list": SERVICE_ACCOUNT.LIST,
        "create": create_account,
        "show": SERVICE_ACCOUNT.VIEW,
        "update": update_account,
        "state": disable_account,
        "delete": delete_account,
    }

    @shaped(query=PAGED)
    def list(self, request: Request) -> dict[str, Any]:
        """The tenant's own and those of the instance together: there are never many machines."""
        matching = AccountFilters.matching(self.query)
        (order, *_) = order_of(self.query, {"name": "name", "username": "name", "id": "pk"}, ["name"])
        found: list[Account] = [*ServiceAccount.objects.filter(matching), *AccountAccess.objects.filter(matching)]
        found.sort(key=lambda account: getattr(account, order.lstrip("-")), reverse=order.startswith("-"))
        page = sliced(found, page_of(self.query))
        places = _places(page["results"])
        return {
            **page,
            "results": [account_access_shape(each, places.get(account_id(each), [])) for each in page["results"]],
        }

    def create(self, request: Request) -> dict[str, Any]:
        sent = self.body(AccountBody)
        account = create_account(
            self.ctx,
            name=sent.name,
            description=sent.description or "",
            is_superadmin=bool(sent.super_admin),
            groups=[group.id for group in sent.groups or []],
        )
        return _shown(account)

    def show(self, request: Request, account_id: str) -> dict[str, Any]:
        return _shown(_account(account_id))

    def update(self, request: Request, account_id: str) -> dict[str, Any]:
        sent = self.body(AccountBody)
        account = update_account(
            self.ctx,
            account_id=account_id,
            name=sent.name,
            description=sent.description or "",
            is_superadmin=sent.super_admin,
            groups=None if sent.groups is None else [group.id for group in sent.groups],
        )
        return _shown(account)

    def state(self, request: Request, account_id: str) -> dict[str, Any]:
        is_disabled = self.body(Disabled).disabled
        return _shown(disable_account(self.ctx, account_id=account_id, is_disabled=is_disabled))

    def delete(self, request: Request, account_id: str) -> Answer:
        delete_account(self.ctx, account_id=account_id)
        return Answer(status=200)


class AccountTokensView(TenantView):
    access = {
        "list": SERVICE_ACCOUNT.VIEW,
        "create": create_account_token,
        "rotate": rotate_account_token,
        "delete": delete_account_token,
    }

    def list(self, request: Request, account_id: str) -> dict[str, Any]:
        account = ServiceAccount.objects.get(id=account_id)
        return shown_tokens(tokens_of_account(account.id))

    def create(self, request: Request, account_id: str) -> dict[str, Any]:
        wanted = self.body(NewTokenBody).wanted
        return new_token_shape(*create_account_token(self.ctx, account_id=account_id, wanted=wanted))

    def rotate(self, request: Request, account_id: str, token_id: str) -> dict[str, Any]:
        overlap = self.body(Rotation).overlap or timedelta(0)
        made = rotate_account_token(self.ctx, account_id=account_id, token_id=token_id, overlap=overlap)
        return new_token_shape(*made)

    def delete(self, request: Request, account_id: str, token_id: str) -> dict[str, Any]:
        delete_account_token(self.ctx, account_id=account_id, token_id=token_id)
        return {}


def _account(account_id: str) -> Account:
    own = ServiceAccount.objects.filter(id=account_id).first()
    found = own or AccountAccess.objects.filter(service_account_id=account_id).first()
    if found is None:
        raise NotFound()
    return found


def _shown(account: Account) -> dict[str, Any]:
    return account_shape(account, [place.group_id for place in _places([account]).get(account_id(account), [])])


def _places(accounts: list[Account]) -> dict[str, list[GroupMember]]:
    found: dict[str, list[GroupMember]] = {}
    ids = [account_id(account) for account in accounts]
    places = GroupMember.objects.filter(service_account_id__in=ids).select_related("group").order_by("group__name")
    for place in places:
        found.setdefault(place.service_account_id or "", []).append(place)
    return found
