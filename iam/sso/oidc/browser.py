"""What a browser holds of the sign-ins it has begun: states, nonces and verifiers, encrypted in a cookie."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from django.http import HttpRequest, HttpResponse

from control_plane.kernel.config import config
from control_plane.kernel.crypto import CannotDecrypt, decrypt, encrypt

COOKIE = "orrerySignIn"
PATH = "/oauth"
LIFETIME = 600
"""Seconds in which somebody must be back from the provider."""
_PLACE = ("sign-in-cookie",)


class BrowserState(dict[str, Any]):
    """The session that mozilla-django-oidc's views ask for: they write it, save it, and load it again by its key."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(_opened(session_key or ""))
        self.session_key = session_key

    def save(self) -> None:
        text = json.dumps(self, separators=(",", ":"))
        self.session_key = encrypt(text.encode(), belongs_to=_PLACE)


def _opened(key: str) -> dict[str, Any]:
    try:
        held = json.loads(decrypt(key, belongs_to=_PLACE)) if key else {}
    except (CannotDecrypt, ValueError):
        return {}
    return held if isinstance(held, dict) else {}


def state_of(request: HttpRequest) -> BrowserState:
    sent = request.COOKIES.get(COOKIE, "")
    try:
        return BrowserState(urlsafe_b64decode(sent).decode() if sent else None)
    except ValueError:
        return BrowserState()


def keep_state(response: HttpResponse, state: BrowserState) -> None:
    """In the browser alone: whoever has not begun a sign-in there cannot finish one there."""
    if not state.get("oidc_states"):
        response.delete_cookie(COOKIE, path=PATH, samesite="Lax")
        return
    state.save()
    response.set_cookie(
        COOKIE,
        urlsafe_b64encode((state.session_key or "").encode()).decode(),
        max_age=LIFETIME,
        path=PATH,
        httponly=True,
        samesite="Lax",
        secure=config().origin.startswith("https://"),
    )
