"""Requests to an identity provider: guarded, short, and bounded in time and size."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from typing import Any

import httpx

from control_plane.kernel.config import config
from control_plane.kernel.egress import policy_of
from control_plane.kernel.words import strict_json
from control_plane.kernel.words.egress import EgressClient, EgressRefused, NameUnknown
from iam.models import IdentityProvider
from iam.sso.refusals import ProviderUnreachable

TIMEOUT = 4.0
"""Seconds for one request, from the first byte sent to the last one read."""
_LARGEST = 1024 * 1024


class Asked:
    """What a provider answered: a JSON object, with the status beside it."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        self.status = status
        self.body = body


def is_private_allowed(provider: IdentityProvider) -> bool:
    """A superadmin may name a directory of the inner network; a tenant's admin only where tasks may go there too."""
    return config().egress.allow_private or not provider.tenant_id


def ask(
    provider: IdentityProvider,
    method: str,
    url: str,
    *,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Asked:
    """One request, whose answer must be a JSON object, else ProviderUnreachable. No redirect is followed."""
    policy = policy_of(config(), allow_private=is_private_allowed(provider))
    deadline = time.monotonic() + TIMEOUT
    try:
        with (
            EgressClient(policy, timeout=httpx.Timeout(TIMEOUT, connect=3.0)) as client,
            client.stream(method, url, data=form, headers={"Accept": "application/json", **(headers or {})}) as answer,
        ):
            return Asked(answer.status_code, _object(_read(answer, deadline), answer))
    except EgressRefused as error:
        raise ProviderUnreachable(f"this address may not be reached from here: {error.message}") from None
    except NameUnknown as error:
        raise ProviderUnreachable(error.message) from None
    except (httpx.HTTPError, ssl.SSLError, ValueError, RecursionError) as error:
        raise ProviderUnreachable(f"{_host(url)}: {_told(error)}") from None


def _read(answer: httpx.Response, deadline: float) -> bytes:
    body = bytearray()
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > _LARGEST:
            raise ValueError("the answer is too large")
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the answer took too long")
    return bytes(body)


def _object(body: bytes, answer: httpx.Response) -> dict[str, Any]:
    if not body and answer.status_code >= 400:
        return {}
    try:
        told = strict_json.loads(body)
    except (ValueError, RecursionError):
        if answer.status_code >= 400:
            return {}
        raise ValueError("the answer is no JSON") from None
    if not isinstance(told, dict):
        raise ValueError("the answer is no JSON object")
    return told


def _host(url: str) -> str:
    try:
        return httpx.URL(url).host or "the address"
    except httpx.InvalidURL:
        return "the address"


def _told(error: Exception) -> str:
    return str(error)[:200] or type(error).__name__
