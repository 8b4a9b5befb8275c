"""An authorization server of Authlib's making: its own client authentication, its own checks of assertions."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion, JWTBearerGrant
from flask import Flask, request
from joserfc.jwk import ECKey, RSAKey
from werkzeug.serving import make_server

METHODS = ["client_secret_basic", "client_secret_post", "private_key_jwt"]


@dataclass
class Client(ClientMixin):
    client_id: str
    secret: str = ""
    key: Any = None
    method: str = "client_secret_basic"
    grant: str = "client_credentials"

    def get_client_id(self) -> str:
        return self.client_id

    def get_allowed_scope(self, scope: str | None) -> str:
        return " ".join(word for word in (scope or "").split() if word in ("read", "write"))

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == self.secret

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == self.method

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type.endswith(self.grant)


@dataclass
class TokenServer:
    """`issued` are the tokens it gave, in order; `requests` counts what it was asked."""

    rsa: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048))
    ec: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    clients: dict[str, Client] = field(default_factory=dict)
    issued: list[dict[str, Any]] = field(default_factory=list)
    requests: int = 0
    seconds: int = 3600
    used: set[str] = field(default_factory=set)
    url: str = ""

    def __post_init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server = make_server("127.0.0.1", 0, _secure(_app(self)), threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}/token"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def reset(self) -> None:
        self.issued.clear()
        self.clients = {
            each.client_id: each
            for each in (
                Client("basic", "s3cret of the client"),
                Client("post", "s3cret of the client", method="client_secret_post"),
                Client("signer", key=self.rsa, method="private_key_jwt"),
                Client("curve", key=self.ec, method="private_key_jwt"),
                Client("robot@project.test", key=self.rsa, grant="jwt-bearer"),
            )
        }
        self.requests, self.seconds = 0, 3600

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _secure(app: Any) -> Any:
    """Authlib serves nobody over plain HTTP; what listens here is this machine alone."""

    def wrapped(environ: dict[str, Any], start: Any) -> Any:
        return app({**environ, "wsgi.url_scheme": "https"}, start)

    return wrapped


def _app(state: TokenServer) -> Flask:
    app = Flask("peer")

    def audiences() -> list[str]:
        return [state.url]

    class Credentials(ClientCredentialsGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    class Bearer(JWTBearerGrant):
        def get_audiences(self) -> list[str]:
            return audiences()

        def resolve_issuer_client(self, issuer: str) -> Client | None:
            return state.clients.get(issuer)

        def resolve_client_public_key(self, client: Client) -> Any:
            return client.key

        def authenticate_user(self, subject: str) -> str:
            return subject

        def has_granted_permission(self, client: Client, user: str) -> bool:
            return user in (client.client_id, "delegated@project.test")

    class Assertion(JWTBearerClientAssertion):
        CLIENT_AUTH_METHOD = "private_key_jwt"

        def get_audiences(self) -> list[str]:
            return audiences()

        def validate_jti(self, claims: Any, jti: str) -> bool:
            is_new = jti not in state.used
            state.used.add(jti)
            return is_new

        def resolve_client_public_key(self, client: Client) -> Any:
            return client.key

    def keep(token: dict[str, Any], asked: Any) -> None:
        token["expires_in"] = state.seconds
        state.issued.append({**token, "client": asked.client.client_id, "user": getattr(asked, "user", None)})

    server = AuthorizationServer(app, query_client=lambda name: state.clients.get(name), save_token=keep)
    server.register_grant(Credentials)
    server.register_grant(Bearer)
    server.register_client_auth_method("private_key_jwt", Assertion())

    @app.post("/token")
    def token() -> Any:
        state.requests += 1
        return server.create_token_response()

    @app.get("/orders")
    def orders() -> Any:
        """What the tokens are for."""
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        known = any(given == each["access_token"] for each in state.issued)
        return {"orders": 7} if known else ({"error": "invalid_token"}, 401)

    return app
