"""What a provider says of itself, read from the address of its issuer and checked before it is believed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from control_plane.kernel.words.addresses import names_this_machine
from control_plane.kernel.words.errors import Invalid, Violation
from iam.models import IdentityProvider
from iam.sso.outbound import ask

PATH = "/.well-known/openid-configuration"
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_ENDPOINTS = (*_NEEDED, "userinfo_endpoint", "end_session_endpoint")
_LISTS = (
    "id_token_signing_alg_values_supported",
    "token_endpoint_auth_methods_supported",
    "code_challenge_methods_supported",
    "scopes_supported",
    "claims_supported",
)
_FLAGS = ("authorization_response_iss_parameter_supported", "backchannel_logout_supported")


def discover(provider: IdentityProvider, issuer: str) -> dict[str, Any]:
    """Issuer, endpoints and what is supported. Invalid where the document is not the issuer's own."""
    check_address("issuer", issuer)
    answer = ask(provider, "GET", issuer.rstrip("/") + PATH)
    if answer.status != 200:
        raise _wrong("issuer", f"{issuer} answers {answer.status} where its configuration should be")
    return checked(answer.body, issuer)


def checked(told: dict[str, Any], issuer: str) -> dict[str, Any]:
    """The parts that we use. An issuer that is written with or without a last slash is taken as it calls itself."""
    own = told.get("issuer")
    if not isinstance(own, str) or own.rstrip("/") != issuer.rstrip("/"):
        raise _wrong("issuer", f"the document there is of another issuer: {str(own)[:200]}")
    found: dict[str, Any] = {"issuer": own}
    for name in _ENDPOINTS:
        value = told.get(name)
        if value is None and name not in _NEEDED:
            continue
        if not isinstance(value, str):
            raise _wrong("issuer", f"its configuration names no {name}")
        check_address(name, value)
        found[name] = value
    found |= {
        name: [str(each)[:200] for each in told[name][:100]] for name in _LISTS if isinstance(told.get(name), list)
    }
    found |= {name: told[name] is True for name in _FLAGS if name in told}
    return found


def check_address(name: str, url: str) -> None:
    """An https address without a name and password in it; http is for this machine alone."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise _wrong(name, f"`{url[:200]}` is no address") from None
    if parts.scheme not in ("https", "http") or not host or "@" in parts.netloc or parts.fragment:
        raise _wrong(name, f"`{url[:200]}` is no https address")
    if parts.scheme == "http" and not names_this_machine(host):
        raise _wrong(name, "https is needed: who listens on the way could sign in as anybody")


def _wrong(name: str, message: str) -> Invalid:
    path = f"settings.{name}"
    return Invalid(f"{path}: {message}", violations=[Violation(message, path)])
