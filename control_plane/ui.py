"""Serves the built web application, and the page that every address under `/ui/` opens."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import cast
from wsgiref.headers import Headers
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe
from whitenoise import WhiteNoise

from control_plane.kernel.api.dispatch import CSRF_COOKIE, SESSION_COOKIE
from control_plane.kernel.csrf import csrf_of

BUILD = Path(__file__).resolve().parent / "ui"
PUBLIC = Path(__file__).resolve().parent / "public"
# Mantine and CodeMirror write style elements, which bear the word that the page was given; nothing writes scripts.
POLICY = (
    "default-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
)

_hashed_name = re.compile(r"^/ui/assets/.+-[\w-]{8,}\.\w+$")
_meta = re.compile(r'<meta name="csrf-token"[^>]*>')
_nonce = re.compile(r'<meta name="style-nonce"[^>]*>')
_token = re.compile(r"[\w-]{32,128}")
_not_built = """<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="csrf-token" content="">
<title>Orrery</title></head><body><p>The web application is not built yet: <code>make ui</code> builds it.
The API is served.</p></body></html>"""


def static_files(application: WSGIApplication) -> WSGIApplication:
    """Files first, so that an asset costs no Django; the page itself is the view's, which sets a cookie.

    They are listed once, and again when the application was built anew: a running instance then serves the new one.
    """
    listed = _listed(application)
    built = _built_at()

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        nonlocal listed, built
        if environ["PATH_INFO"].startswith("/ui/") and (now := _built_at()) != built:
            listed, built = _listed(application), now
        return listed(environ, start_response)

    return serve


def _listed(application: WSGIApplication) -> WSGIApplication:
    files = WhiteNoise(
        application,
        immutable_file_test=_is_immutable,
        max_age=60,
        mimetypes={".csv": "text/csv"},
        add_headers_function=_no_guessing,
    )
    for folder in (BUILD, PUBLIC):
        if folder.is_dir():
            files.add_files(str(folder), prefix="ui/")
    files.files.pop("/ui/index.html", None)
    return cast(WSGIApplication, files)


def _built_at() -> tuple[int, ...]:
    """When the page was written, and when the last file came into the assets, compressed ones included."""
    return tuple(path.stat().st_mtime_ns for path in (BUILD / "index.html", BUILD / "assets") if path.exists())


def _no_guessing(headers: Headers, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"


def _is_immutable(path: str, url: str) -> bool:
    return _hashed_name.match(url) is not None


@require_safe
def root(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect("/ui/")


@require_safe
def index(request: HttpRequest, path: str = "") -> HttpResponse:
    """The application's page, with the token that an unsafe request must send back in its header."""
    if path.startswith(("assets/", "examples/")):
        raise Http404
    session, held = request.COOKIES.get(SESSION_COOKIE, ""), request.COOKIES.get(CSRF_COOKIE, "")
    token = csrf_of(session) if session else held if _token.fullmatch(held) else secrets.token_urlsafe(32)
    nonce = secrets.token_urlsafe(16)
    page = _meta.sub(f'<meta name="csrf-token" content="{token}">', _page(), count=1)
    page = _nonce.sub(f'<meta name="style-nonce" nonce="{nonce}">', page, count=1)
    policy = POLICY.format(nonce=nonce)
    response = HttpResponse(page, headers={"Cache-Control": "no-store", "Content-Security-Policy": policy})
    response.set_cookie(CSRF_COOKIE, token, secure=request.is_secure(), samesite="Lax")
    return response


def _page() -> str:
    built = BUILD / "index.html"
    return built.read_text(encoding="utf-8") if built.is_file() else _not_built
