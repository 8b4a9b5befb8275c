"""The addresses of a sign-in: to the provider, back from it, and what it tells us when a session of its own ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from rest_framework.request import Request

from control_plane.kernel.actor import Context
from control_plane.kernel.api.dispatch import scope_of
from control_plane.kernel.api.outside import OutsideInstanceView, OutsideTenantView, OutsideView
from control_plane.kernel.authorization import require
from control_plane.kernel.permissions import PUBLIC
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import BadParameter, ControlPlaneError, NotFound
from iam.api.cookies import set_session
from iam.authentication.once import use_once
from iam.directories.settings import OIDC
from iam.models import IdentityProvider
from iam.permissions import SECURITY_INTEGRATION
from iam.services.identity_providers import keep_test
from iam.services.provider_sign_in import Proof, end_sessions_of_provider, sign_in_by_provider
from iam.sso.admission import admit, decide, preview, tell_refusal
from iam.sso.oidc.browser import keep_state
from iam.sso.oidc.client import SignedIn, told_by, verifier_of
from iam.sso.oidc.flow import begin, begun_by, finish, own_page
from iam.sso.refusals import SignInRefused

_LOGOUT_TOKENS_KEPT = timedelta(days=2)


class SignInByProvider(OutsideView):
    """GET leads to the provider; its answer comes back to GET of the callback, which opens the session."""

    access = {"begin": PUBLIC, "finish": PUBLIC}
    is_sign_in = True

    def begin(self, request: Request, name: str) -> HttpResponse:
        provider = provider_named(self.ctx, name)
        tester = self._tester() if request.query_params.get("test") == "true" else ""
        if not provider.is_enabled and not tester:
            raise NotFound()
        try:
            response, browser = begin(
                request._request,
                provider,
                following=request.query_params.get("next", ""),
                tester=tester,
                hint=request.query_params.get("hint", "")[:255],
            )
        except ControlPlaneError as error:
            following = request.query_params.get("next", "")
            return self._refused(provider, error, {"tester": tester, "next": own_page(following)})
        keep_state(response, browser)
        return response

    def _tester(self) -> str:
        """Whoever may change the provider may try it, enabled or not."""
        require(self.ctx, SECURITY_INTEGRATION.UPDATE)
        return self.ctx.actor.id

    def finish(self, request: Request, name: str) -> HttpResponse:
        provider = provider_named(self.ctx, name)
        begun: dict[str, Any] = {}
        try:
            begun = begun_by(request._request, provider)
            signed_in, browser = finish(request._request, provider)
            if begun.get("tester"):
                response = self._tested(provider, signed_in, begun)
            else:
                response = self._signed_in(provider, signed_in, begun)
        except ControlPlaneError as error:
            return self._refused(provider, error, begun)
        keep_state(response, browser)
        return response

    def _signed_in(self, provider: IdentityProvider, signed_in: SignedIn, begun: dict[str, Any]) -> HttpResponse:
        if not provider.is_enabled:
            raise SignInRefused("the provider is disabled")
        decision = decide(provider, signed_in.claims)
        trace = {"claims": signed_in.claims, "rules": decision.rules, "groups": decision.names}
        user = admit(self.ctx, provider, told_by(provider, signed_in.claims, trace), decision)
        proof = Proof(signed_in.claims["sub"], signed_in.provider_session, signed_in.id_token)
        secret = sign_in_by_provider(self.ctx, user=user, provider=provider, proof=proof)
        response = HttpResponseRedirect(begun.get("next") or "/ui/")
        set_session(response, secret)
        return response

    def _tested(self, provider: IdentityProvider, signed_in: SignedIn, begun: dict[str, Any]) -> HttpResponse:
        """Nobody is signed in: whoever tries it sees what would follow, and nobody else is affected."""
        require(self.ctx, SECURITY_INTEGRATION.UPDATE)
        if begun["tester"] != self.ctx.actor.id:
            raise SignInRefused("the test was begun by somebody else")
        result = preview(provider, told_by(provider, signed_in.claims, {}), decide(provider, signed_in.claims))
        return self._shown_test(provider, {**result, "claims": signed_in.claims}, begun)

    def _shown_test(self, provider: IdentityProvider, result: dict[str, Any], begun: dict[str, Any]) -> HttpResponse:
        keep_test(self.ctx, provider_id=provider.id, result=result)
        return HttpResponseRedirect(begun.get("next") or "/ui/")

    def _refused(self, provider: IdentityProvider, error: ControlPlaneError, begun: dict[str, Any]) -> HttpResponse:
        """Back to the page of sign-in with a word for it; the reason is in the audit trail under the same reference."""
        tell_refusal(self.ctx, provider, f"{error.code}: {error.message}")
        if begun.get("tester") and begun["tester"] == self.ctx.actor.id:
            return self._shown_test(provider, {"outcome": "refused", "reason": error.message}, begun)
        told = {"error": error.code, "provider": provider.name, "reference": self.ctx.request_id}
        return HttpResponseRedirect(f"/ui/sign-in?{urlencode(told)}")


class InstanceSignIn(SignInByProvider, OutsideInstanceView):
    """By a provider of the instance."""


class TenantSignIn(SignInByProvider, OutsideTenantView):
    """By a provider of a tenant, which vouches for nobody elsewhere."""


class BackchannelLogout(OutsideView):
    """The provider tells that a session of its own has ended: ours that began with it end at once."""

    access = {"end": end_sessions_of_provider}
    is_sign_in = True

    def end(self, request: Request, name: str) -> HttpResponse:
        provider = provider_named(self.ctx, name)
        token = request.data.get("logout_token") if hasattr(request.data, "get") else None
        if not isinstance(token, str):
            raise BadParameter("a form with `logout_token` is expected")
        try:
            claims = verifier_of(provider).logout_token(token)
        except SignInRefused as error:
            tell_refusal(self.ctx, provider, f"logout token: {error.message}")
            raise BadParameter(error.message) from None
        if not use_once("logout", f"{provider.id}\x00{claims['jti']}", now() + _LOGOUT_TOKENS_KEPT):
            raise BadParameter("jti: the token was used before")
        end_sessions_of_provider(
            self.ctx, provider=provider, subject=_text(claims.get("sub")), session=_text(claims.get("sid"))
        )
        return HttpResponse(status=200, headers={"Cache-Control": "no-store"})


class InstanceBackchannelLogout(BackchannelLogout, OutsideInstanceView):
    """For sessions by a provider of the instance."""


class TenantBackchannelLogout(BackchannelLogout, OutsideTenantView):
    """For sessions by a provider of a tenant."""


def provider_named(ctx: Context, name: str) -> IdentityProvider:
    """NotFound for one that is not there, and for one whose sign-in is a form of ours."""
    with scope_of(ctx.tenant_id):
        provider = IdentityProvider.objects.filter(name=name, kind=OIDC).first()
    if provider is None:
        raise NotFound()
    return provider


def _text(value: object) -> str:
    return value[:255] if isinstance(value, str) else ""
