"""Whoever asks: profile, password, tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from rest_framework.request import Request

from control_plane.kernel.actor import ActorKind
from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.api.schema import shaped
from control_plane.kernel.api.views import InstanceView
from control_plane.kernel.permissions import AUTHENTICATED
from control_plane.kernel.words.errors import Forbidden
from iam.api.bodies import MyDetails, NewTokenBody, PasswordChange, Rotation
from iam.models import ApiToken, User
from iam.queries import tenants_of, tokens_of
from iam.services.tokens import create_my_token, delete_my_token, rotate_my_token
from iam.services.users import change_my_password, update_me
from iam.shapes import me_shape, token_shape


class MeView(InstanceView):
    access = {"show": AUTHENTICATED, "update": update_me}

    def show(self, request: Request) -> dict[str, Any]:
        actor = self.ctx.actor
        if actor.kind is not ActorKind.USER:
            return _machine(actor.id, actor.name, actor.is_superadmin)
        user = User.objects.get(id=actor.id)
        return me_shape(user, tenants_of(user))

    @shaped(body=MyDetails)
    def update(self, request: Request) -> dict[str, Any]:
        user = update_me(self.ctx, changes=self.body(MyDetails).model_dump(exclude_none=True))
        return me_shape(user, tenants_of(user))


def _machine(identity: str, name: str, is_superadmin: bool) -> dict[str, Any]:
    return {
        "id": identity,
        "superAdmin": is_superadmin,
        "restricted": False,
        "profile": {"username": name},
        "auths": [],
        "tenants": [],
    }


class MyPasswordView(InstanceView):
    access = {"update": change_my_password}

    @shaped(body=PasswordChange)
    def update(self, request: Request) -> dict[str, Any]:
        sent = self.body(PasswordChange)
        change_my_password(self.ctx, old=sent.old_password, new=sent.new_password)
        return {}


class MyTokensView(InstanceView):
    access = {
        "list": AUTHENTICATED,
        "create": create_my_token,
        "rotate": rotate_my_token,
        "delete": delete_my_token,
    }

    def list(self, request: Request) -> dict[str, Any]:
        if self.ctx.actor.kind is not ActorKind.USER:
            raise Forbidden("only a user has personal tokens")
        return token_list(self.ctx.actor.id)

    @shaped(body=NewTokenBody)
    def create(self, request: Request) -> dict[str, Any]:
        token, text = create_my_token(self.ctx, wanted=self.body(NewTokenBody).wanted)
        return new_token_shape(token, text)

    @shaped(body=Rotation)
    def rotate(self, request: Request, token_id: str) -> dict[str, Any]:
        overlap = self.body(Rotation).overlap or timedelta(0)
        return new_token_shape(*rotate_my_token(self.ctx, token_id=token_id, overlap=overlap))

    def delete(self, request: Request, token_id: str) -> None:
        delete_my_token(self.ctx, token_id=token_id)


def token_list(user_id: str) -> dict[str, Any]:
    return shown_tokens(tokens_of(user_id))


def shown_tokens(tokens: Sequence[ApiToken]) -> dict[str, Any]:
    return {"total": len(tokens), "results": [token_shape(token) for token in tokens]}


def new_token_shape(token: ApiToken, text: str) -> dict[str, Any]:
    return without_nulls(id=token.id, name=token.name, fullToken=text)
