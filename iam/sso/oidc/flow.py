"""The two halves of a sign-in, on the views of mozilla-django-oidc: to the provider, and back from it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from control_plane.kernel.words.clock import now
from iam.authentication.once import use_once
from iam.directories.providers import address_of
from iam.directories.settings import oidc_settings
from iam.models import IdentityProvider
from iam.sso.oidc.browser import LIFETIME, BrowserState, state_of
from iam.sso.oidc.client import SignedIn, metadata_of
from iam.sso.refusals import SignInRefused

_LONGEST_NEXT = 300
_STATES = "oidc_states"


class _Settings:
    """The library asks for its settings by name; these are one provider's."""

    def __init__(self, known: Mapping[str, Any]) -> None:
        self._known = known

    def __call__(self, name: str, *default: Any) -> Any:
        return self._known[name] if name in self._known or not default else default[0]


class _ToProvider(OIDCAuthenticationRequestView):  # type: ignore[misc]  # the library has no types
    def __init__(self, known: Mapping[str, Any], extra: dict[str, str]) -> None:
        self.get_settings = _Settings(known)
        self._extra = extra
        super().__init__()

    def get_extra_params(self, request: HttpRequest) -> dict[str, str]:
        return self._extra


class _FromProvider(OIDCAuthenticationCallbackView):  # type: ignore[misc]  # the library has no types
    """It takes the state away, and authenticates; what follows from that is ours."""

    def __init__(self) -> None:
        super().__init__()
        self.get_settings = _Settings({})
        self.user: SignedIn | None = None

    def login_success(self) -> HttpResponse:
        return HttpResponse()

    def login_failure(self) -> HttpResponse:
        return HttpResponse(status=403)


def begin(
    request: HttpRequest, provider: IdentityProvider, *, following: str = "", tester: str = "", hint: str = ""
) -> tuple[HttpResponse, BrowserState]:
    """Lead to the provider. The state remembers which provider it is for, and where the person wanted to go."""
    endpoint, settings = metadata_of(provider)["authorization_endpoint"], oidc_settings(provider)
    known = {
        "OIDC_OP_AUTHORIZATION_ENDPOINT": endpoint,
        "OIDC_RP_CLIENT_ID": settings.client_id,
        "OIDC_RP_SCOPES": " ".join(settings.scopes),
        "OIDC_USE_NONCE": True,
        "OIDC_USE_PKCE": True,
        "OIDC_PKCE_CODE_CHALLENGE_METHOD": "S256",
        "OIDC_AUTHENTICATION_CALLBACK_URL": "sign_in_methods",
    }
    extra = {"redirect_uri": address_of(provider, "callback")}
    if hint:
        extra["login_hint"] = hint
    if tester:
        extra["prompt"] = "login"
    browser = state_of(request)
    request.session = browser  # type: ignore[assignment]  # a cookie of ours stands in the place of Django's session
    to_provider = _ToProvider(known, extra).get(request)
    asked = parse_qsl(to_provider.url[len(endpoint) + 1 :], keep_blank_values=True)
    state = dict(asked)["state"]
    browser.pop("oidc_login_next", None)
    browser[_STATES][state] |= {"provider": provider.id, "next": own_page(following), "tester": tester}
    return HttpResponseRedirect(_with_query(endpoint, asked)), browser


def _with_query(endpoint: str, asked: list[tuple[str, str]]) -> str:
    """An endpoint may have a query of its own."""
    return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}"


def own_page(address: str) -> str:
    """A page of the web application, or ""."""
    is_own = address.startswith("/ui/") and "\\" not in address and address.isprintable()
    return address if is_own and len(address) <= _LONGEST_NEXT else ""


def finish(request: HttpRequest, provider: IdentityProvider) -> tuple[SignedIn, BrowserState]:
    """Whom the provider has vouched for, and what the browser still holds of sign-ins that it has begun.

    Called after `begun_by`, which has used the state up.
    """
    browser = state_of(request)
    _check_issuer(request, provider)
    request.session, request.user = browser, SimpleNamespace(is_authenticated=False)  # type: ignore[assignment]  # the library asks for them
    request.identity_provider = provider  # type: ignore[attr-defined]  # what our backend looks for
    back = _FromProvider()
    response = back.get(request)
    left = request.session
    assert isinstance(left, BrowserState)
    if response.status_code != 200 or not isinstance(back.user, SignedIn):
        raise SignInRefused(_reason(request))
    return back.user, left


def begun_by(request: HttpRequest, provider: IdentityProvider) -> dict[str, Any]:
    """What was remembered when the sign-in began, which from now on is over.

    SignInRefused for whatever is not the answer to one that this browser has begun with this provider.
    """
    browser = state_of(request)
    for name in ("state", "code", "iss", "error"):
        if len(request.GET.getlist(name)) > 1:
            raise SignInRefused(f"{name}: it is said twice")
    state = request.GET.get("state", "")
    begun = browser.get(_STATES, {}).get(state) if state else None
    if not isinstance(begun, dict):
        raise SignInRefused("state: this browser has not begun such a sign-in")
    if begun.get("provider") != provider.id:
        raise SignInRefused("state: the sign-in was begun with another provider")
    if not 0 <= time.time() - begun.get("added_on", 0) <= LIFETIME:
        raise SignInRefused("state: the sign-in took too long")
    if not use_once("state", state, now() + timedelta(seconds=2 * LIFETIME)):
        raise SignInRefused("state: it was used before")
    return begun


def _check_issuer(request: HttpRequest, provider: IdentityProvider) -> None:
    """Against mix-up: whoever answers names itself, and a provider that says it does so must."""
    metadata, told = metadata_of(provider), request.GET.get("iss")
    if told is not None and told != metadata["issuer"]:
        raise SignInRefused("iss: another provider answers")
    if told is None and metadata.get("authorization_response_iss_parameter_supported"):
        raise SignInRefused("iss: the provider does not say who it is")


def _reason(request: HttpRequest) -> str:
    error = request.GET.get("error", "")
    if error:
        return f"the provider refused: {error[:60]}" if error.replace("_", "").isalnum() else "the provider refused"
    return "code: the provider sent none"
