"""What stands in the place of mozilla-django-oidc's backend: our own check of tokens, for one provider at a time."""

from __future__ import annotations

from django.http import HttpRequest

from iam.models import IdentityProvider
from iam.sso.oidc.client import SignedIn, redeem


class ProviderBackend:
    """Called by Django's `authenticate` from the library's callback, which has taken nonce and verifier from the state.

    The provider is the request's: there is none in any setting.
    """

    def authenticate(
        self, request: HttpRequest, nonce: str | None = None, code_verifier: str | None = None
    ) -> SignedIn | None:
        provider = getattr(request, "identity_provider", None)
        if not isinstance(provider, IdentityProvider) or not nonce or not code_verifier:
            return None
        return redeem(provider, code=request.GET["code"], code_verifier=code_verifier, nonce=nonce)
