"""Whoever asks: profile, password, tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from control_plane.kernel.actor import ActorKind
from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.api.schema import shaped
from control_plane.kernel.api.views import InstanceView
from control_plane.kernel.permissions import AUTHENTICATED
from control_plane.kernel.words.errors import Forbidden
from iam.api.bodies import MyDetails, NewTokenBody, PasswordChange, Rotation
from iam.api.cookies import set_session
from iam.models import ApiToken, User
from iam.queries import sessions_of, tenants_of, tokens_of
from iam.services.profile import change_my_password, end_my_other_sessions, end_my_session, update_me
from iam.services.tokens import create_my_token, delete_my_token, rotate_my_token
from iam.shapes import impersonator_shape, me_shape, session_shape, token_shape


class MeView(InstanceView):
    access = {"show": AUTHENTICATED, "update": update_me}

    def show(self, request: Request) -> dict[str, Any]:
        actor = self.ctx.actor
        if actor.kind is not ActorKind.USER:
            return _machine(actor.id, actor.name, actor.is_superadmin)
        user = User.objects.get(id=actor.id)
        return without_nulls(**self._shown(user), impersonator=impersonator_shape(actor))

    @shaped(body=MyDetails)
    def update(self, request: Request) -> dict[str, Any]:
        sent = self.body(MyDetails)
        chosen = {"language": sent.language, "theme": sent.theme, "timeZone": sent.time_zone}
        user = update_me(
            self.ctx,
            changes=sent.model_dump(include={"email", "first_name", "last_name"}, exclude_none=True),
            preferences={name: value for name, value in chosen.items() if value is not None},
            password=sent.password or "",
        )
        return self._shown(user)

    def _shown(self, user: User) -> dict[str, Any]:
        """A credential that is bound to a tenant shows that one alone."""
        actor = self.ctx.actor
        tenants = [each for each in tenants_of(user) if actor.home in (None, each.id)]
        return {**me_shape(user, tenants), "superAdmin": actor.is_superadmin}


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
    def update(self, request: Request) -> HttpResponse:
        """The session goes on under another secret, which the browser is given."""
        sent = self.body(PasswordChange)
        secret = change_my_password(self.ctx, old=sent.old_password, new=sent.new_password)
        response = HttpResponse(b"{}", content_type="application/json")
        if secret is not None:
            set_session(response, secret)
        return response


class MySessionsView(InstanceView):
    """Where one is signed in."""

    access = {"list": AUTHENTICATED, "end": end_my_session, "end_others": end_my_other_sessions}

    def list(self, request: Request) -> list[dict[str, Any]]:
        if self.ctx.actor.kind is not ActorKind.USER or self.ctx.actor.impersonator:
            raise Forbidden("only a user has sessions")
        return [session_shape(each, self.ctx.actor.credential) for each in sessions_of(self.ctx.actor.id)]

    def end(self, request: Request, session_id: str) -> None:
        end_my_session(self.ctx, session_id=session_id)

    def end_others(self, request: Request) -> dict[str, Any]:
        return {"count": end_my_other_sessions(self.ctx)}


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
        tokens = tokens_of(self.ctx.actor.id)
        home = self.ctx.actor.home
        return shown_tokens([token for token in tokens if home in (None, token.tenant_id)])

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
