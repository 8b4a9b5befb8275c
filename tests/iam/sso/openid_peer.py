"""An OpenID provider of our own that says whatever a test wants it to say, honest or not."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from django.test import Client
from joserfc import jws
from joserfc.jwk import RSAKey

CLIENT, SECRET = "orrery", "a secret of the client"
_KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class OpenIdPeer:
    """`claims` and `info` are what it tells of the person; the hooks change a token, or an answer, before it goes."""

    def __init__(self) -> None:
        self.keys = [_KEY]
        self.claims: dict[str, Any] = {"sub": "ada-1"}
        self.info: dict[str, Any] | None = None
        self.metadata: dict[str, Any] = {}
        self.tamper: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
        self.sign: Callable[[dict[str, Any]], str] = self.signed
        self.tokens: Callable[[dict[str, Any]], Any] = lambda answer: answer
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.raw: dict[str, tuple[int, bytes]] = {}
        """Answers that are sent as they are, by path."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def document(self) -> dict[str, Any]:
        at = self.issuer
        told = {
            "issuer": at,
            "authorization_endpoint": f"{at}/authorize",
            "token_endpoint": f"{at}/token",
            "jwks_uri": f"{at}/keys",
            "userinfo_endpoint": f"{at}/me",
            "end_session_endpoint": f"{at}/end",
            **self.metadata,
        }
        return {name: value for name, value in told.items() if value is not None}

    def signed(self, claims: dict[str, Any], header: dict[str, Any] | None = None, key: Any = None) -> str:
        protected = {"alg": "RS256", "kid": "one", **(header or {})}
        protected = {name: value for name, value in protected.items() if value is not None}
        return jws.serialize_compact(protected, json.dumps(claims), key or self.keys[0], algorithms=[protected["alg"]])

    def authorize(self, address: str, **changes: str | None) -> str:
        """What the provider answers to a browser that was led to it: the address it is sent back to."""
        asked = dict(parse_qsl(urlsplit(address).query))
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        answer = {"code": code, "state": asked["state"], **changes}
        told = {name: value for name, value in answer.items() if value is not None}
        return f"{asked['redirect_uri']}?{urlencode(told)}"

    def id_claims(self, asked: dict[str, str]) -> dict[str, Any]:
        now = int(time.time())
        told = {
            "iss": self.issuer,
            "aud": asked["client_id"],
            "exp": now + 300,
            "iat": now,
            "nonce": asked["nonce"],
            **self.claims,
        }
        return self.tamper(told)

    def answer(self, method: str, path: str, body: bytes, headers: Any) -> tuple[int, bytes]:
        self.asked.append(path)
        if path in self.raw:
            return self.raw[path]
        if path == "/.well-known/openid-configuration":
            return 200, json.dumps(self.document()).encode()
        if path == "/keys":
            return 200, json.dumps({"keys": [key.as_dict(private=False) for key in self.keys]}).encode()
        if path == "/token":
            return self._token(dict(parse_qsl(body.decode())), headers)
        if path == "/me":
            told = {"sub": self.claims.get("sub")} if self.info is None else self.info
            return 200, json.dumps(told).encode()
        return 404, b"{}"

    def _token(self, form: dict[str, str], headers: Any) -> tuple[int, bytes]:
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        basic = headers.get("Authorization", "").removeprefix("Basic ")
        is_known = base64.b64decode(basic).decode() == f"{CLIENT}:{urlencode({'': SECRET})[1:]}"
        if asked is None or not is_known or challenge != asked.get("code_challenge"):
            return 400, b'{"error": "invalid_grant"}'
        answer = {"access_token": "access", "token_type": "Bearer", "id_token": self.sign(self.id_claims(asked))}
        return 200, json.dumps(self.tokens(answer)).encode()


def _handler(peer: OpenIdPeer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def respond(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            path = urlsplit(self.path).path
            sent = self.rfile.read(length)
            if path in ("/authorize", "/end"):
                return self.lead_back(path)
            status, body = peer.answer(self.command, path, sent, self.headers)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def lead_back(self, path: str) -> None:
            """As a provider at which the browser is signed in already."""
            peer.asked.append(path)
            told = dict(parse_qsl(urlsplit(self.path).query))
            back = peer.authorize(self.path) if path == "/authorize" else told["post_logout_redirect_uri"]
            self.send_response(302)
            self.send_header("Location", back)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = respond

        def log_message(self, format: str, *args: Any) -> None:
            """Tests say what was asked."""

    return Handler


@contextmanager
def openid_peer() -> Iterator[OpenIdPeer]:
    peer = OpenIdPeer()
    try:
        yield peer
    finally:
        peer.close()


def wish(peer: OpenIdPeer, name: str = "peer", **changes: Any) -> dict[str, Any]:
    """What an administrator sends to connect it."""
    settings = {"issuer": peer.issuer, "clientId": CLIENT, **changes.pop("settings", {})}
    return {"name": name, "title": name.title(), "settings": settings, "secret": SECRET, **changes}


def connect(client: Client, where: str, peer: OpenIdPeer, name: str = "peer", **changes: Any) -> dict[str, Any]:
    """`where` is a tenant, or `instance`."""
    response = client.post(
        f"/api/v1/{where}/identity-providers", json.dumps(wish(peer, name, **changes)), content_type="application/json"
    )
    assert response.status_code == 200, response.content
    return response.json()


def led_to(browser: Client, login: str, **query: str) -> str:
    """Where the button of a provider leads."""
    response = browser.get(login, query)
    assert response.status_code == 302, response.content
    return response["Location"]


def come_back(browser: Client, address: str) -> Any:
    """The browser follows the provider's answer to us."""
    parts = urlsplit(address)
    return browser.get(f"{parts.path}?{parts.query}")


def sign_in(browser: Client, peer: OpenIdPeer, login: str = "/oauth/login/peer", **query: str) -> Any:
    return come_back(browser, peer.authorize(led_to(browser, login, **query)))


def is_signed_in(response: Any) -> bool:
    return response.status_code == 302 and "JWT" in response.cookies and bool(response.cookies["JWT"].value)


def error_of(response: Any) -> str:
    """The word that the page of sign-in is told."""
    assert response.status_code == 302, response.content
    assert not is_signed_in(response)
    return parse_qs(urlsplit(response["Location"]).query)["error"][0]
