"""The token that shows that a change was asked for by our own pages: it belongs to one session."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from django.conf import settings


def csrf_of(session: str) -> str:
    """Derived from the session's secret: another site, which can neither read nor choose that, cannot know it."""
    key = hashlib.sha256(f"csrf:{settings.SECRET_KEY}".encode()).digest()
    return base64.urlsafe_b64encode(hmac.digest(key, session.encode(), hashlib.sha256)).decode().rstrip("=")


def is_csrf_of(session: str, shown: str | None) -> bool:
    return secrets.compare_digest(csrf_of(session).encode(), (shown or "").encode())
