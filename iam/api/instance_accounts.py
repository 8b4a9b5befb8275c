"""Service accounts as a superadmin manages them, in whatever tenant they are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.pages import listed, order_of, page_of
from control_plane.kernel.api.schema import PAGED, shaped
from control_plane.kernel.api.views import InstanceView
from control_plane.kernel.permissions import SUPERADMIN
from control_plane.kernel.scope import across_tenants
from control_plane.kernel.words.errors import NotFound
from iam.api.bodies import AccountPatch, Disabled, NewInstanceAccount, NewTokenBody, Rotation, Superadmin
from iam.api.me import new_token_shape, shown_tokens
from iam.api.service_accounts import AccountFilters
from iam.models import ServiceAccount
from iam.queries import tenants_of_account, tokens_of_account
from iam.services.instance_accounts import (
    create_any_account_token,
    create_instance_account,
    delete_any_account,
    delete_any_account_token,
    patch_account,
    rotate_any_account_token,
)
from iam.shapes import instance_account_shape
from tenants.models import Tenant


class InstanceAccountsView(InstanceView):
    access = {
        "list": SUPERADMIN,
        "create": create_instance_account,
        "show": SUPERADMIN,
        "patch": patch_account,
        "superadmin": patch_account,
        "state": patch_account,
        "delete": delete_any_account,
    }

    @shaped(query=PAGED)
    def list(self, request: Request) -> dict[str, Any]:
        order = order_of(self.query, {"name": "name", "id": "id"}, ["name"])
        with across_tenants("a superadmin governs the accounts of all tenants"):
            found = ServiceAccount.objects.filter(AccountFilters.matching(self.query)).order_by(*order)
            page = listed(found, page_of(self.query), lambda account: account)
        return {**page, "results": [_shown(account) for account in page["results"]]}

    def create(self, request: Request) -> dict[str, Any]:
        sent = self.body(NewInstanceAccount)
        account = create_instance_account(
            self.ctx,
            name=sent.name,
            description=sent.description or "",
            is_superadmin=bool(sent.super_admin),
            tenants=sent.tenants or [],
        )
        return _shown(account)

    def show(self, request: Request, account_id: str) -> dict[str, Any]:
        return _shown(_account(account_id))

    def patch(self, request: Request, account_id: str) -> dict[str, Any]:
        sent = self.body(AccountPatch)
        return _shown(patch_account(self.ctx, account_id=account_id, name=sent.name, description=sent.description))

    def superadmin(self, request: Request, account_id: str) -> dict[str, Any]:
        wanted = self.body(Superadmin).super_admin
        return _shown(patch_account(self.ctx, account_id=account_id, is_superadmin=wanted))

    def state(self, request: Request, account_id: str) -> dict[str, Any]:
        wanted = self.body(Disabled).disabled
        return _shown(patch_account(self.ctx, account_id=account_id, is_disabled=wanted))

    def delete(self, request: Request, account_id: str) -> None:
        delete_any_account(self.ctx, account_id=account_id)


class InstanceAccountTokensView(InstanceView):
    access = {
        "list": SUPERADMIN,
        "create": create_any_account_token,
        "rotate": rotate_any_account_token,
        "delete": delete_any_account_token,
    }

    def list(self, request: Request, account_id: str) -> dict[str, Any]:
        return shown_tokens(tokens_of_account(_account(account_id).id))

    def create(self, request: Request, account_id: str) -> dict[str, Any]:
        wanted = self.body(NewTokenBody).wanted
        return new_token_shape(*create_any_account_token(self.ctx, account_id=account_id, wanted=wanted))

    def rotate(self, request: Request, account_id: str, token_id: str) -> dict[str, Any]:
        overlap = self.body(Rotation).overlap or timedelta(0)
        made = rotate_any_account_token(self.ctx, account_id=account_id, token_id=token_id, overlap=overlap)
        return new_token_shape(*made)

    def delete(self, request: Request, account_id: str, token_id: str) -> dict[str, Any]:
        delete_any_account_token(self.ctx, account_id=account_id, token_id=token_id)
        return {}


def _account(account_id: str) -> ServiceAccount:
    with across_tenants("a superadmin governs the accounts of all tenants"):
        account = ServiceAccount.objects.filter(id=account_id).first()
    if account is None:
        raise NotFound()
    return account


def _shown(account: ServiceAccount) -> dict[str, Any]:
    return instance_account_shape(account, Tenant.objects.filter(id__in=tenants_of_account(account)).order_by("id"))
