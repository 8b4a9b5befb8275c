"""An app of GitHub, against what its documentation asks of the request."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from control_plane.kernel.actor import Context
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.clock import iso, now
from stores.credentials.minting import mint, recipe_of
from stores.credentials.refusals import MintFailed
from stores.credentials.services import Wish, create_credential
from stores.models import Credential
from stores.secrets.services import put_secret
from tests.stores.credentials.conftest import TEAM
from tests.stores.credentials.hostile_peer import HostilePeer, http

pytestmark = pytest.mark.django_db
KEY = RSAKey.generate_key(2048)


def checked(request: bytes) -> tuple[int, dict[str, Any]]:
    """As docs.github.com says: an RS256 JWT of the app, of the last minute, that ends within ten."""
    head = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
    if head[0] != "POST /api/v3/app/installations/4711/access_tokens HTTP/1.1":
        return 404, {"message": "Not Found"}
    token = jwt.decode(headers["authorization"].removeprefix("Bearer "), KEY, algorithms=["RS256"])
    at = int(time.time())
    if token.claims["iss"] != "12" or token.claims["exp"] > at + 600 or not at - 120 < token.claims["iat"] <= at:
        return 401, {"message": "'Expiration time' claim ('exp') is too far in the future"}
    if headers["accept"] != "application/vnd.github+json" or not headers["user-agent"]:
        return 403, {"message": "Request forbidden by administrative rules"}
    return 201, {"token": "ghs_given", "expires_at": iso(now()).partition(".")[0] + "Z"}


@pytest.fixture
def app(editor: Context, hostile: HostilePeer) -> Any:
    def answer(taken: socket.socket, request: bytes) -> None:
        taken.sendall(http(*checked(request)))

    hostile.answer = answer
    put_secret(editor, namespace=TEAM, key="PEM", value=KEY.as_pem(private=True).decode())

    def make(installation: Any = 4711) -> Credential:
        auth = {"appId": 12, "installationId": installation, "privateKey": {"secretKey": "PEM"}}
        settings = {"type": "github_app", "apiUrl": f"{hostile.url}/api/v3", "authConfig": auth}
        return create_credential(editor, namespace=TEAM, name="git", wish=Wish(settings))

    return make


def minted(credential: Credential) -> Any:
    with tenant_scope("acme"):
        recipe = recipe_of(credential)
    return mint(recipe)


def test_an_app_gets_a_token_of_its_installation(app: Any):
    token = minted(app())
    assert token.value == "ghs_given" and token.seconds is not None and token.seconds < 2


def test_what_github_says_no_with_is_told(app: Any):
    with pytest.raises(MintFailed, match="it answered 404: Not Found"):
        minted(app({"type": "VALUE", "value": "1/../../users"}))


def test_the_settings_name_the_key_and_hold_none(app: Any):
    assert "BEGIN" not in json.dumps(app().settings)
