"""Requests to an identity provider: guarded, short, and bounded in time and size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from control_plane.kernel.config import config
from control_plane.kernel.egress import policy_of
from control_plane.kernel.words import strict_json
from control_plane.kernel.words.brief import NoAnswer, ask_briefly
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
    try:
        answer = ask_briefly(policy, method, url, seconds=TIMEOUT, largest=_LARGEST, form=form, headers=headers)
        return Asked(answer.status, _object(answer.body, answer.status))
    except NoAnswer as error:
        raise ProviderUnreachable(error.message) from None
    except ValueError as error:
        raise ProviderUnreachable(f"{urlsplit(url).hostname}: {error}") from None


def _object(body: bytes, status: int) -> dict[str, Any]:
    if not body and status >= 400:
        return {}
    try:
        told = strict_json.loads(body)
    except (ValueError, RecursionError):
        if status >= 400:
            return {}
        raise ValueError("the answer is no JSON") from None
    if not isinstance(told, dict):
        raise ValueError("the answer is no JSON object")
    return told
