"""Where a browser goes so that its session at the provider ends with ours."""

from __future__ import annotations

from contextlib import nullcontext
from urllib.parse import urlencode, urlsplit

from control_plane.kernel.config import config
from control_plane.kernel.scope import tenant_scope
from iam.directories.hints import hint_of
from iam.directories.settings import OIDC
from iam.models import IdentityProvider, Session


def sign_out_address(session: Session) -> str:
    """ "" for a session that no provider began, or whose provider knows no sign-out. Call it in an instance scope."""
    if not session.provider_id:
        return ""
    with tenant_scope(session.home) if session.home else nullcontext():
        provider = IdentityProvider.objects.filter(id=session.provider_id, kind=OIDC).first()
    endpoint = provider.found.get("metadata", {}).get("end_session_endpoint") if provider else None
    if provider is None or not endpoint:
        return ""
    told = {"client_id": provider.settings["clientId"], "post_logout_redirect_uri": _back()}
    hint = hint_of(session)
    if hint:
        told["id_token_hint"] = hint
    return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(told)}"


def _back() -> str:
    return f"{config().origin.rstrip('/')}/ui/sign-in"
