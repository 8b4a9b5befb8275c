"""Set-up, sign-in and sign-out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse
from rest_framework.request import Request

from control_plane.kernel.api.bodies import read
from control_plane.kernel.api.json import encode
from control_plane.kernel.api.outside import OutsideInstanceView
from control_plane.kernel.api.query import text
from control_plane.kernel.api.schema import shaped
from control_plane.kernel.api.views import InstanceView
from control_plane.kernel.config import config
from control_plane.kernel.permissions import PUBLIC
from control_plane.kernel.words.errors import Forbidden, Invalid, NotAllowed
from iam.api.bodies import AddressLookup, BasicAuth, Credentials, ForgottenPassword, NewPasswordByLink, Setup
from iam.api.cookies import forget_session, set_session
from iam.authentication.passwords import RULE, check_password
from iam.directories.finding import buttons_of, provider_for
from iam.directories.providers import button_shape
from iam.mailing.smtp import is_configured
from iam.queries import any_user
from iam.services.resets import ask_for_reset, reset_password
from iam.services.sessions import sign_in, sign_out
from iam.services.setup import set_up
from iam.shapes import setup_user_shape
from iam.sso.form import sign_in_by_form
from iam.sso.oidc.sign_out import sign_out_address


class SetupView(InstanceView):
    """What the instance is made of, and its first user."""

    access = {"show": PUBLIC, "create": set_up, "basic": set_up}
    is_sign_in = True

    def show(self, request: Request) -> dict[str, Any]:
        return {
            "done": any_user(),
            "repositoryType": "postgres",
            "queueType": "celery",
            "storageType": config().storage.type,
            "secretType": "postgres",
            "passwordConfiguration": RULE,
            "haveAuthNotBasic": False,
        }

    @shaped(body=Setup)
    def create(self, request: Request) -> dict[str, Any]:
        sent = self.body(Setup)
        user = set_up(
            self.ctx,
            username=sent.username,
            password=sent.password,
            tenant_id=sent.tenant.id,
            tenant_name=sent.tenant.name,
        )
        return setup_user_shape(user)

    @shaped(body=BasicAuth)
    def basic(self, request: Request, tenant_id: str) -> dict[str, Any]:
        """The same as older clients ask for it: the tenant stands in the address."""
        sent = self.body(BasicAuth)
        set_up(self.ctx, username=sent.username, password=sent.password, tenant_id=tenant_id, tenant_name=tenant_id)
        return {}


class SignInView(OutsideInstanceView):
    """A session for a name and a password, sent as JSON or as a form. A directory may be asked for them."""

    access = {"create": sign_in}
    is_sign_in = True

    @shaped(body=Credentials)
    def create(self, request: Request) -> HttpResponse:
        _check_origin(request)
        data = request.data.dict() if hasattr(request.data, "dict") else request.data
        sent = read(Credentials, data)
        secret = sign_in_by_form(self.ctx, username=sent.username, password=sent.password, tenant_id=sent.tenant)
        response = HttpResponse(encode({"username": self.ctx.actor.name}), content_type="application/json")
        set_session(response, secret)
        return response


def _check_origin(request: Request) -> None:
    """No other site may sign a browser in, since this one request needs no CSRF token."""
    origin = request.META.get("HTTP_ORIGIN")
    if not origin or origin == config().origin:
        return
    if urlsplit(origin).netloc != request.get_host():
        raise Forbidden("sign in from the instance's own address")


class SignOutView(InstanceView):
    """Ends the session; `redirect` is where the provider's own session ends, for a browser to go to."""

    access = {"create": sign_out}

    def create(self, request: Request) -> HttpResponse:
        ended = sign_out(self.ctx)
        address = sign_out_address(ended) if ended else ""
        response = HttpResponse(encode({"redirect": address} if address else {}), content_type="application/json")
        forget_session(response)
        return response


class PasswordRuleView(InstanceView):
    """Says whether a text could be a password, before it is chosen."""

    access = {"check": PUBLIC}

    def check(self, request: Request) -> HttpResponse:
        if not isinstance(request.data, str):
            raise Invalid("a text is expected")
        check_password(request.data)
        return HttpResponse(status=200)


class ForgottenPasswordView(InstanceView):
    """A new password by mail. The answer is the same for every name."""

    access = {"ask": ask_for_reset, "reset": reset_password, "code": PUBLIC}

    @shaped(body=ForgottenPassword)
    def ask(self, request: Request) -> dict[str, Any]:
        ask_for_reset(self.ctx, username=self.body(ForgottenPassword).username)
        return {}

    @shaped(body=NewPasswordByLink)
    def reset(self, request: Request) -> dict[str, Any]:
        sent = self.body(NewPasswordByLink)
        reset_password(self.ctx, secret=sent.token, password=sent.password)
        return {}

    def code(self, request: Request, email: str) -> dict[str, Any]:
        raise NotAllowed("nobody signs in here by a code that is mailed")


class SignInMethodsView(InstanceView):
    access = {"show": PUBLIC, "lookup": PUBLIC, "login": PUBLIC, "errors": PUBLIC}

    @shaped(query=(("of", str),))
    def show(self, request: Request) -> dict[str, Any]:
        """Those of the instance, and those of a tenant that is named."""
        buttons = [button_shape(each) for each in buttons_of(text(self.query, "of") or "")]
        return {
            "login": True,
            "loginPassword": config().sign_in.passwords == "everybody" or any(not each["loginUri"] for each in buttons),
            "mailServiceEnabled": is_configured(),
            "mailsEnabled": is_configured(),
            "passwordless": False,
            "passwordConfiguration": RULE,
            "oauths": [button["name"] for button in buttons if button["loginUri"]],
            "providers": buttons,
        }

    @shaped(body=AddressLookup)
    def lookup(self, request: Request) -> dict[str, Any]:
        """Where whoever has this address signs in; "" where nothing is said of its domain."""
        provider = provider_for(self.body(AddressLookup).email)
        shown = button_shape(provider) if provider else {}
        return {name: shown.get(name, "") for name in ("loginUri", "title")}

    def login(self, request: Request) -> dict[str, Any]:
        return {"isBasicAuthInitialized": any_user()}

    def errors(self, request: Request) -> list[str]:
        return []
