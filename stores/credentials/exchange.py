"""What is asked of a token endpoint for each kind of credential, and what its answer says."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import quote

from control_plane.kernel.words import strict_json
from control_plane.kernel.words.clock import parse_iso
from stores.credentials.assertions import lasting, signed
from stores.credentials.refusals import MintFailed
from stores.credentials.settings import (
    ClientCredentials,
    GithubApp,
    JwtBearer,
    OAuth2,
    PlainValue,
    PrivateKeyJwt,
    SecretReference,
    Settings,
)

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
GITHUB_VERSION = "2022-11-28"
LONGEST_TOKEN = 64 * 1024
_GITHUB_SECONDS = 540
_GITHUB_BACK = 60
"""GitHub refuses what was made in its future, and what ends more than ten minutes from its now."""
_CODE = re.compile(r"[a-zA-Z0-9_.-]{1,80}")
_VISIBLE = re.compile(r"[\x21-\x7e]+")
_MOST_SAID = 200

Secrets = Mapping[SecretReference, str]
T = TypeVar("T", bound=Settings)


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """One POST. What is in it is secret, so it has no form to be shown in."""

    url: str
    form: dict[str, str] | None = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    is_signed: bool


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and how many seconds it lasts, from when it was asked for; None where that is not said."""

    value: str = field(repr=False)
    seconds: float | None


def request_for(settings: Settings, secrets: Secrets) -> TokenRequest:
    """MintFailed, in the step `signature`, where a key does not fit."""
    if isinstance(settings, GithubApp):
        return _github(settings, secrets)
    return _GRANTS[type(settings.auth_config)](settings, settings.auth_config, secrets)


def _client_credentials(settings: OAuth2, auth: ClientCredentials, secrets: Secrets) -> TokenRequest:
    client, secret = _text(auth.client_id, secrets), _text(auth.client_secret, secrets)
    form = {"grant_type": "client_credentials", **_asked(settings)}
    headers = {}
    if auth.client_authentication == "BASIC":
        headers["Authorization"] = _basic(client, secret)
    else:
        form |= {"client_id": client, "client_secret": secret}
    return TokenRequest(settings.token_endpoint, form, headers, is_signed=False)


def _jwt_bearer(settings: OAuth2, auth: JwtBearer, secrets: Secrets) -> TokenRequest:
    issuer = _text(auth.issuer, secrets)
    claims = {
        **auth.additional_claims,
        "iss": issuer,
        "sub": issuer if auth.subject is None else _text(auth.subject, secrets),
        "aud": settings.audience or settings.token_endpoint,
    }
    form = {"grant_type": JWT_BEARER, "assertion": _signed(claims, auth, secrets)}
    if settings.scopes:
        form["scope"] = " ".join(settings.scopes)
    headers = {}
    if auth.client_id is not None and auth.client_secret is not None:
        headers["Authorization"] = _basic(_text(auth.client_id, secrets), _text(auth.client_secret, secrets))
    elif auth.client_id is not None:
        form["client_id"] = _text(auth.client_id, secrets)
    return TokenRequest(settings.token_endpoint, form, headers, is_signed=True)


def _private_key_jwt(settings: OAuth2, auth: PrivateKeyJwt, secrets: Secrets) -> TokenRequest:
    client = _text(auth.client_id, secrets)
    claims = {"iss": client, "sub": client, "aud": settings.token_endpoint}
    form = {
        "grant_type": "client_credentials",
        "client_id": client,
        "client_assertion_type": ASSERTION,
        "client_assertion": _signed(claims, auth, secrets),
        **_asked(settings),
    }
    return TokenRequest(settings.token_endpoint, form, {}, is_signed=True)


def _github(settings: GithubApp, secrets: Secrets) -> TokenRequest:
    auth = settings.auth_config
    claims = lasting(
        {"iss": _text(auth.app_id, secrets)}, now=time.time() - _GITHUB_BACK, seconds=_GITHUB_BACK + _GITHUB_SECONDS
    )
    assertion = signed(claims, private_key=secrets[auth.private_key])
    installation = quote(_text(auth.installation_id, secrets), safe="")
    headers = {
        "Accept": "application/vnd.github+json",
        "Authorization": f"Bearer {assertion}",
        "X-GitHub-Api-Version": GITHUB_VERSION,
        "User-Agent": "orrery",
    }
    url = f"{settings.api_url.rstrip('/')}/app/installations/{installation}/access_tokens"
    return TokenRequest(url, None, headers, is_signed=True)


_GRANTS: dict[type[Any], Callable[[OAuth2, Any, Secrets], TokenRequest]] = {
    ClientCredentials: _client_credentials,
    JwtBearer: _jwt_bearer,
    PrivateKeyJwt: _private_key_jwt,
}


def _signed(claims: dict[str, Any], auth: JwtBearer | PrivateKeyJwt, secrets: Secrets) -> str:
    return signed(
        lasting(claims),
        private_key=secrets[auth.private_key],
        algorithm=auth.algorithm,
        key_id=None if auth.key_id is None else _text(auth.key_id, secrets),
        certificate=None if auth.certificate is None else secrets[auth.certificate],
    )


def _asked(settings: OAuth2) -> dict[str, str]:
    asked = {"scope": " ".join(settings.scopes)} if settings.scopes else {}
    return {**asked, "audience": settings.audience} if settings.audience else asked


def _basic(client: str, secret: str) -> str:
    """Both encoded as in a form first, as RFC 6749 (2.3.1) wants it; a blank so that it is one to every decoder."""
    return "Basic " + base64.b64encode(f"{quote(client, safe='')}:{quote(secret, safe='')}".encode()).decode()


def _text(given: PlainValue | SecretReference, secrets: Secrets) -> str:
    return given.value if isinstance(given, PlainValue) else secrets[given].strip()


def token_in(status: int, headers: Mapping[str, str], body: bytes, *, asked_at: float) -> Token:
    """The token of an answer. MintFailed in the words of the server, as far as they are safe to repeat."""
    if status == 429 or status >= 500:
        raise MintFailed(
            "request", _refusal(status, body), is_final=False, retry_after=_retry_after(headers.get("retry-after", ""))
        )
    if 300 <= status < 400:
        raise MintFailed("request", f"it answered {status}: a redirect is not followed with what opens the account")
    if status >= 400:
        raise MintFailed("request", _refusal(status, body))
    said = _object(body)
    if said is None:
        kind = headers.get("content-type", "").partition(";")[0][:60] or "nothing said of what it is"
        raise MintFailed("token", f"it answered {status}, but no JSON object ({kind})")
    if "error" in said and not said.get("access_token"):
        raise MintFailed("request", _refusal(status, body))
    value = said.get("access_token", said.get("token"))
    if not isinstance(value, str) or not _VISIBLE.fullmatch(value):
        raise MintFailed("token", f"it answered {status} without an access token that could be sent in a header")
    if len(value) > LONGEST_TOKEN:
        raise MintFailed("token", f"its access token is longer than {LONGEST_TOKEN} characters")
    return Token(value, _lifetime(said, asked_at))


def _lifetime(said: Mapping[str, Any], asked_at: float) -> float | None:
    """Some servers write the seconds as text; GitHub says the moment of the end."""
    given = said.get("expires_in")
    try:
        if isinstance(given, str | int | float) and not isinstance(given, bool):
            seconds = float(given)
            return seconds if 0 <= seconds < 10**9 else None
        if isinstance(said.get("expires_at"), str):
            return max(0.0, parse_iso(said["expires_at"]).timestamp() - asked_at)
    except ValueError:
        return None
    return None


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        said = strict_json.loads(body)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _refusal(status: int, body: bytes) -> str:
    said = _object(body) or {}
    code, text = said.get("error"), said.get("error_description", said.get("message"))
    parts = [f"it answered {status}"]
    if isinstance(code, str) and _CODE.fullmatch(code):
        parts.append(code)
    if isinstance(text, str) and text:
        parts.append(json.dumps(text[:_MOST_SAID], ensure_ascii=True)[1:-1])
    return ": ".join(parts)


def _retry_after(text: str) -> float | None:
    """Seconds, or the moment as HTTP writes it."""
    if text.isascii() and text.isdigit() and len(text) < 7:
        return float(text)
    try:
        return parsedate_to_datetime(text).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return None
