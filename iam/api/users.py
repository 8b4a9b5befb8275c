"""Users, as a superadmin manages them."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.api.filter_fields import Flag, Op, Search, Text
from control_plane.kernel.api.filters import Filters
from control_plane.kernel.api.pages import listed, order_of, page_of
from control_plane.kernel.api.schema import PAGED, shaped
from control_plane.kernel.api.views import Answer, InstanceView
from control_plane.kernel.permissions import SUPERADMIN
from control_plane.kernel.words.errors import NotFound
from iam.api.bodies import NewPassword, NewTokenBody, Restricted, Superadmin, UserBody, UserPatch
from iam.api.me import new_token_shape, token_list
from iam.authentication.lockout import is_locked_anywhere, locked_among
from iam.models import User
from iam.queries import groups_of, tenants_of, tenants_of_each
from iam.services.impersonation import impersonate, stop_impersonating
from iam.services.tokens import create_token_for_user, delete_token_of_user
from iam.services.users import (
    create_user,
    delete_user,
    end_sessions,
    remove_password,
    set_password,
    unlock_user,
    update_user,
)
from iam.shapes import PASSWORD_AUTH, user_shape

IMPERSONATE = "X-Kestra-Impersonate"


class UserFilters(Filters):
    q = Search("email", "first_name", "last_name")
    email = Text("email")
    username = Text("email")
    super_admin = Flag("is_superadmin")
    legacy = {"q": ("q", Op.EQUALS)}


SORTS = {"id": "id", "email": "email", "username": "email", "name": "email", "superAdmin": "is_superadmin"}


class UsersView(InstanceView):
    access = {
        "list": SUPERADMIN,
        "create": create_user,
        "show": SUPERADMIN,
        "update": update_user,
        "patch": update_user,
        "delete": delete_user,
    }

    @shaped(query=PAGED)
    def list(self, request: Request) -> dict[str, Any]:
        found = User.objects.filter(UserFilters.matching(self.query)).order_by(*order_of(self.query, SORTS, ["email"]))
        page = listed(found, page_of(self.query), lambda user: user)
        users: list[User] = page["results"]
        tenants, locked = tenants_of_each(users), locked_among([user.email for user in users])
        shown = [{**user_shape(user, tenants[user.id]), "locked": user.email in locked} for user in users]
        return {**page, "results": shown}

    @shaped(body=UserBody)
    def create(self, request: Request) -> Answer:
        sent = self.body(UserBody)
        user = create_user(
            self.ctx,
            email=sent.email,
            password=sent.password or "",
            first_name=sent.first_name or "",
            last_name=sent.last_name or "",
            is_superadmin=bool(sent.super_admin),
            is_restricted=bool(sent.restricted),
            tenants=sent.tenants,
        )
        return Answer(full_user(user), 201)

    def show(self, request: Request, user_id: str) -> dict[str, Any]:
        return full_user(_user(user_id))

    @shaped(body=UserBody)
    def update(self, request: Request, user_id: str) -> dict[str, Any]:
        sent = self.body(UserBody)
        changes = {
            "email": sent.email,
            "first_name": sent.first_name or "",
            "last_name": sent.last_name or "",
            "is_superadmin": sent.super_admin,
            "is_restricted": sent.restricted,
        }
        given = {name: value for name, value in changes.items() if value is not None}
        return full_user(update_user(self.ctx, user_id=user_id, changes=given, tenants=sent.tenants))

    @shaped(body=UserPatch)
    def patch(self, request: Request, user_id: str) -> dict[str, Any]:
        changes = self.body(UserPatch).model_dump(exclude_none=True)
        return full_user(update_user(self.ctx, user_id=user_id, changes=changes))

    def delete(self, request: Request, user_id: str) -> None:
        delete_user(self.ctx, user_id=user_id)


def _user(user_id: str) -> User:
    user = User.objects.filter(id=user_id).first()
    if user is None:
        raise NotFound()
    return user


def full_user(user: User) -> dict[str, Any]:
    tenants = tenants_of(user)
    groups = groups_of(user.id, [tenant.id for tenant in tenants])
    return {**user_shape(user, tenants, groups), "locked": is_locked_anywhere(user.email)}


class UserStateView(InstanceView):
    """One property of a user at a time."""

    access = {
        "password": set_password,
        "restricted": update_user,
        "superadmin": update_user,
        "sessions": end_sessions,
        "auth": remove_password,
        "unlock": unlock_user,
    }

    @shaped(body=NewPassword)
    def password(self, request: Request, user_id: str) -> dict[str, Any]:
        return full_user(set_password(self.ctx, user_id=user_id, password=self.body(NewPassword).password))

    @shaped(body=Restricted)
    def restricted(self, request: Request, user_id: str) -> dict[str, Any]:
        changes = {"is_restricted": self.body(Restricted).restricted}
        return full_user(update_user(self.ctx, user_id=user_id, changes=changes))

    @shaped(body=Superadmin)
    def superadmin(self, request: Request, user_id: str) -> dict[str, Any]:
        changes = {"is_superadmin": self.body(Superadmin).super_admin}
        return full_user(update_user(self.ctx, user_id=user_id, changes=changes))

    def sessions(self, request: Request, user_id: str) -> None:
        end_sessions(self.ctx, user_id=user_id)

    def unlock(self, request: Request, user_id: str) -> dict[str, Any]:
        return full_user(unlock_user(self.ctx, user_id=user_id))

    def auth(self, request: Request, user_id: str, auth: str) -> dict[str, Any]:
        if auth != PASSWORD_AUTH["id"]:
            raise NotFound()
        return full_user(remove_password(self.ctx, user_id=user_id))


class ImpersonationView(InstanceView):
    access = {"start": impersonate, "stop": stop_impersonating}

    def start(self, request: Request, user_id: str) -> dict[str, Any]:
        """A browser acts as the user from now on; a program names them in a header of each request."""
        is_session = impersonate(self.ctx, user_id=user_id)
        user = _user(user_id)
        return without_nulls(id=user.id, username=user.email, header=None if is_session else IMPERSONATE)

    def stop(self, request: Request) -> None:
        stop_impersonating(self.ctx)


class UserTokensView(InstanceView):
    access = {"list": SUPERADMIN, "create": create_token_for_user, "delete": delete_token_of_user}

    def list(self, request: Request, user_id: str) -> dict[str, Any]:
        return token_list(_user(user_id).id)

    @shaped(body=NewTokenBody)
    def create(self, request: Request, user_id: str) -> Answer:
        wanted = self.body(NewTokenBody).wanted
        token, text = create_token_for_user(self.ctx, user_id=user_id, wanted=wanted)
        return Answer(new_token_shape(token, text), 201)

    def delete(self, request: Request, user_id: str, token_id: str) -> None:
        delete_token_of_user(self.ctx, user_id=user_id, token_id=token_id)
