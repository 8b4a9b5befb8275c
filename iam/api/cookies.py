"""The cookies of a browser that is signed in: the session, and the CSRF token that is bound to it."""

from __future__ import annotations

from django.http import HttpResponse

from control_plane.kernel.api.dispatch import CSRF_COOKIE, SESSION_COOKIE
from control_plane.kernel.config import config
from control_plane.kernel.csrf import csrf_of


def set_session(response: HttpResponse, secret: str) -> None:
    """Sign the browser in, or give its session another secret. Our pages read the CSRF token alone."""
    is_secure = config().origin.startswith("https://")
    response.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=int(config().sessions.lifetime.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=is_secure,
    )
    response.set_cookie(CSRF_COOKIE, csrf_of(secret), samesite="Lax", secure=is_secure)


def forget_session(response: HttpResponse) -> None:
    for cookie in (SESSION_COOKIE, CSRF_COOKIE):
        response.delete_cookie(cookie, samesite="Lax")
