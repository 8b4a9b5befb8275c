"""What is asked of a provider in a sign-in: the code for tokens, and UserInfo."""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from iam.directories.providers import address_of, secret_of
from iam.directories.settings import oidc_settings
from iam.models import IdentityProvider
from iam.record.identities import Told
from iam.sso.oidc.keys import ring_of
from iam.sso.oidc.verifier import Claims, Verifier, check_same_subject
from iam.sso.outbound import ask
from iam.sso.refusals import ProviderUnreachable, SignInRefused


@dataclass
class SignedIn:
    """What a provider has vouched for: the claims, whoever they came from, and the token that is the proof."""

    claims: Claims
    id_token: str
    is_active: bool = True
    backend: str = ""
    """Written by Django's `authenticate`."""

    @property
    def provider_session(self) -> str:
        told = self.claims.get("sid")
        return told if isinstance(told, str) else ""


def metadata_of(provider: IdentityProvider) -> dict[str, Any]:
    found: dict[str, Any] = provider.found.get("metadata", {})
    if not found:
        raise ProviderUnreachable("the provider has never been reached")
    return found


def verifier_of(provider: IdentityProvider) -> Verifier:
    settings, metadata = oidc_settings(provider), metadata_of(provider)
    return Verifier(
        issuer=metadata["issuer"],
        client_id=settings.client_id,
        algorithms=settings.algorithms,
        candidates=ring_of(provider, metadata["jwks_uri"]).candidates,
        now=int(time.time()),
    )


def redeem(provider: IdentityProvider, *, code: str, code_verifier: str, nonce: str) -> SignedIn:
    """Give the code for tokens and check what they say. SignInRefused, or ProviderUnreachable."""
    tokens = _tokens(provider, code, code_verifier)
    id_token, access_token = tokens.get("id_token"), tokens.get("access_token")
    if not isinstance(id_token, str):
        raise SignInRefused("the provider gave no ID token: is `openid` among the scopes?")
    held = access_token if isinstance(access_token, str) else None
    claims = verifier_of(provider).id_token(id_token, nonce=nonce, access_token=held, code=code)
    if held and oidc_settings(provider).use_userinfo and "userinfo_endpoint" in metadata_of(provider):
        claims = {**_user_info(provider, held, claims), **claims}
    return SignedIn(claims, id_token)


def _tokens(provider: IdentityProvider, code: str, code_verifier: str) -> dict[str, Any]:
    settings, metadata = oidc_settings(provider), metadata_of(provider)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": address_of(provider, "callback"),
        "code_verifier": code_verifier,
        "client_id": settings.client_id,
    }
    secret, headers = secret_of(provider), {}
    methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if secret and "client_secret_basic" in methods:
        pair = f"{quote_plus(settings.client_id)}:{quote_plus(secret)}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        del form["client_id"]
    elif secret:
        form["client_secret"] = secret
    answer = ask(provider, "POST", metadata["token_endpoint"], form=form, headers=headers)
    if answer.status != 200:
        raise SignInRefused(f"the provider gave no token: {_word(answer.body.get('error'))} ({answer.status})")
    return answer.body


def _user_info(provider: IdentityProvider, access_token: str, claims: Claims) -> Claims:
    headers = {"Authorization": f"Bearer {access_token}"}
    answer = ask(provider, "GET", metadata_of(provider)["userinfo_endpoint"], headers=headers)
    if answer.status != 200:
        raise SignInRefused(f"UserInfo answers {answer.status}")
    check_same_subject(claims, answer.body)
    return answer.body


def _word(error: object) -> str:
    text = str(error)[:60]
    return text if text.replace("_", "").isalnum() else "an error"


def told_by(provider: IdentityProvider, claims: Claims, trace: dict[str, Any]) -> Told:
    """What the claims say of the person. An address counts as verified where the provider says so, or is trusted."""
    email = claims.get("email") or claims.get("preferred_username") or ""
    is_address = isinstance(email, str) and "@" in email
    is_verified = claims.get("email_verified") is True and bool(claims.get("email"))
    trusted = oidc_settings(provider).trust_email and claims.get("email_verified", True) is True
    return Told(
        issuer=claims["iss"],
        subject=claims["sub"],
        email=email if is_address else "",
        is_verified=is_address and (is_verified or trusted),
        first_name=_name(claims, "given_name"),
        last_name=_name(claims, "family_name"),
        trace=trace,
    )


def _name(claims: Claims, name: str) -> str:
    value = claims.get(name)
    return value.strip()[:255] if isinstance(value, str) else ""
