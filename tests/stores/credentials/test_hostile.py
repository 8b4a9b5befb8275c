"""Token endpoints that are slow, endless, elsewhere or not what they should be: bounded, and said in words."""

from __future__ import annotations

import time
from typing import Any

import pytest

from control_plane.kernel.config import override
from control_plane.kernel.scope import tenant_scope
from stores.credentials import minting
from stores.credentials.minting import mint, recipe_of
from stores.credentials.refusals import MintFailed
from tests.stores.credentials.conftest import Create, client_credentials
from tests.stores.credentials.hostile_peer import HostilePeer, http

pytestmark = pytest.mark.django_db
GIVEN = {"access_token": "given", "expires_in": 60}


def failure(create: Create, url: str) -> MintFailed:
    credential = create(client_credentials(url))
    with tenant_scope("acme"):
        recipe = recipe_of(credential)
    with pytest.raises(MintFailed) as refused:
        mint(recipe)
    return refused.value


ANSWERS: dict[str, tuple[bytes, str, bool]] = {
    "a redirect": (http(302, b"", location="http://127.0.0.1/"), "a redirect is not followed", True),
    "no JSON": (http(200, b"<html>", content_type="text/html"), r"no JSON object \(text/html\)", True),
    "a list": (http(200, b"[]"), "no JSON object", True),
    "a key twice": (http(200, b'{"access_token": "a", "access_token": "b"}'), "no JSON object", True),
    "deep JSON": (http(200, b"[" * 100_000), "no JSON object", True),
    "no token": (http(200, {"token_type": "Bearer"}), "without an access token", True),
    "a token that breaks a header": (http(200, {"access_token": "a\r\nX: b"}), "without an access token", True),
    "a token of another type": (http(200, {"access_token": {"a": 1}}), "without an access token", True),
    "a long token": (http(200, {"access_token": "a" * 70_000}), "longer than 65536", True),
    "an error that says 200": (http(200, {"error": "invalid_grant"}), "invalid_grant", True),
    "an error": (
        http(400, {"error": "invalid_scope", "error_description": "no \u202e such"}),
        "invalid_scope: no ",
        True,
    ),
    "too many requests": (http(429, {}, retry_after="7"), "it answered 429", False),
    "a server that is down": (http(503, b"down"), "it answered 503", False),
    "half an answer": (http(200, GIVEN, content_length="4000"), "POST http.*127.0.0.1", False),
    "half a head": (b"HTTP/1.1 200 OK\r\ncontent-ty", "POST http.*127.0.0.1", False),
    "no HTTP": (b"SSH-2.0-OpenSSH_9\r\n\r\n", "POST http.*127.0.0.1", False),
    "nothing": (b"", "POST http.*127.0.0.1", False),
    "too much": (http(200, b" " * 600_000), "larger than 262144 bytes", False),
    "a bomb": (http(200, b"\x1f\x8b\x08\x00" + b"\0" * 100, content_encoding="gzip"), "no JSON object", True),
}


@pytest.mark.parametrize("name", list(ANSWERS))
def test_what_is_answered_is_told_and_ends(create: Create, hostile: HostilePeer, name: str):
    hostile.answer, told, is_final = ANSWERS[name]
    error = failure(create, f"{hostile.url}/token?secret=in-the-address")
    assert error.step in ("request", "token")
    assert error.is_final is is_final
    with pytest.raises(MintFailed, match=told):
        raise error
    assert "in-the-address" not in error.message and error.message.isascii()


def test_when_to_come_back_is_kept(create: Create, hostile: HostilePeer):
    hostile.answer = http(429, {}, retry_after="7")
    assert failure(create, hostile.url).retry_after == 7.0


@pytest.mark.parametrize("drips", [b"HTTP/1.1 200 OK\r\nx-long: " + b"y" * 1000, http(200, GIVEN) + b" " * 1000])
def test_an_answer_that_never_comes_to_its_end_is_cut_off(
    create: Create, hostile: HostilePeer, monkeypatch: pytest.MonkeyPatch, drips: bytes
):
    """No single byte is late, so only the time of all of them together ends it."""
    monkeypatch.setattr(minting, "SECONDS", 0.3)
    hostile.answer = hostile.drip(drips, every=0.02)
    began = time.monotonic()
    error = failure(create, hostile.url)
    assert not error.is_final and "did not answer within 0.3 seconds" in error.message
    assert time.monotonic() - began < 5


def test_what_was_sent_is_not_repeated_by_what_is_told(create: Create, hostile: HostilePeer):
    hostile.answer = http(400, {"error": "bad", "error_description": "you sent s3cret of the client"})
    error = failure(create, hostile.url)
    assert "s3cret of the client" not in error.message and "******" in error.message


@pytest.mark.parametrize("url", ["http://169.254.169.254/token", "http://[fd00:ec2::254]/token"])
def test_what_nobody_may_reach_is_not_reached(create: Create, url: str):
    error = failure(create, url)
    assert error.is_final and "may not be reached from here" in error.message


def test_an_inner_address_is_reached_only_where_tasks_may_go(create: Create, hostile: HostilePeer):
    hostile.answer = http(200, GIVEN)
    with override(egress={"allow_private": False, "allow_self": True}):
        error = failure(create, hostile.url)
    assert "private address" in error.message and hostile.asked == []


@pytest.mark.parametrize(
    ("given", "seconds"),
    [({"expires_in": "3599"}, 3599.0), ({"expires_in": -1}, None), ({"expires_in": True}, None), ({}, None)],
)
def test_a_lifetime_is_read_as_servers_write_it(
    create: Create, hostile: HostilePeer, given: dict[str, Any], seconds: float | None
):
    hostile.answer = http(200, {"access_token": "given", **given})
    credential = create(client_credentials(hostile.url))
    with tenant_scope("acme"):
        recipe = recipe_of(credential)
    assert mint(recipe).seconds == seconds
