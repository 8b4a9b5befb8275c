"""What is particular to Google Cloud Storage: a token for each hour, had with the key of a service account."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from plugins.storage.gcs import SCOPE, GcsStorage
from plugins.storage.over_http import StorageAway, StorageRefused
from tests.stores.credentials.hostile_peer import HostilePeer, http

KEY = rsa.generate_private_key(65537, 2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()


@pytest.fixture
def hostile() -> Iterator[HostilePeer]:
    server = HostilePeer()
    yield server
    server.close()


def account(url: str, **more: Any) -> str:
    known = {"client_email": "a@p.test", "private_key": PEM, "private_key_id": "k1", "token_uri": f"{url}/token"}
    return json.dumps({**known, **more})


def serve(peer: HostilePeer, token: bytes) -> None:
    def answer(taken: socket.socket, request: bytes) -> None:
        taken.sendall(token if request.startswith(b"POST /token ") else http(404, b""))

    peer.answer = answer


def test_a_token_is_had_once_and_sent_with_each_request(hostile: HostilePeer):
    serve(hostile, http(200, {"access_token": "given", "expires_in": 3600}))
    storage = GcsStorage("bucket", endpoint=hostile.url, service_account=account(hostile.url))
    for _ in range(3):
        assert storage.stat("t/a") is None
    asked, *others = hostile.asked
    assert len(others) == 3 and all(b"authorization: bearer given" in each.lower() for each in others)
    assertion = parse_qs(asked.partition(b"\r\n\r\n")[2].decode())["assertion"][0]
    claims = jwt.decode(assertion, KEY.public_key(), algorithms=["RS256"], audience=f"{hostile.url}/token")
    assert (claims["iss"], claims["scope"], claims["exp"] - claims["iat"]) == ("a@p.test", SCOPE, 3600)
    assert jwt.get_unverified_header(assertion)["kid"] == "k1"
    assert PEM not in repr(storage) and "given" not in repr(storage)
    storage.close()


@pytest.mark.parametrize("key", ["no JSON", "{}", account("http://a.test", private_key="no key")])
def test_a_key_that_is_none_is_told_and_not_repeated(key: str):
    storage = GcsStorage("bucket", endpoint="http://127.0.0.1:1", service_account=key)
    with pytest.raises(StorageRefused, match="no key of a service account") as told:
        storage.stat("t/a")
    assert "PRIVATE" not in str(told.value)
    storage.close()


def test_an_account_that_is_closed_is_told(hostile: HostilePeer):
    serve(hostile, http(400, {"error": "invalid_grant"}))
    storage = GcsStorage("bucket", endpoint=hostile.url, service_account=account(hostile.url))
    with pytest.raises(StorageRefused, match="answered 400 and gave no token"):
        storage.stat("t/a")
    storage.close()


def test_a_token_endpoint_that_is_away_is_told():
    storage = GcsStorage("bucket", endpoint="http://127.0.0.1:1", service_account=account("http://127.0.0.1:1"))
    storage._client._pause = lambda seconds: None
    with pytest.raises((StorageAway, StorageRefused), match=r"127\.0\.0\.1"):
        storage.stat("t/a")
    storage.close()
