"""A request that ends, whatever is done at the other end."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from control_plane.kernel.words.brief import NoAnswer, ask_briefly
from control_plane.kernel.words.egress import EgressClient, EgressPolicy
from tests.stores.credentials.hostile_peer import HostilePeer, http

ANYWHERE = EgressPolicy(allow_private=True, allow_self=True)


@pytest.fixture
def hostile() -> Iterator[HostilePeer]:
    server = HostilePeer()
    yield server
    server.close()


def test_an_answer_is_its_status_its_headers_and_its_body(hostile: HostilePeer):
    hostile.answer = http(418, b"tea", X_Kind="Green")
    answer = ask_briefly(ANYWHERE, "POST", f"{hostile.url}/a?b=c", seconds=5, largest=100, form={"d": "e f"})
    assert (answer.status, answer.headers["x-kind"], answer.body) == (418, "Green", b"tea")
    assert hostile.asked[0].startswith(b"POST /a?b=c HTTP/1.1\r\n") and hostile.asked[0].endswith(b"d=e+f")


@pytest.mark.parametrize("drips", [b"HTTP/1.1 200 OK\r\nx: " + b"y" * 1000, http(200, b"") + b" " * 1000])
def test_a_server_that_is_never_silent_and_never_done_is_left(hostile: HostilePeer, drips: bytes):
    hostile.answer = hostile.drip(drips.replace(b"content-length: 0", b"content-length: 9000"), every=0.02)
    began = time.monotonic()
    with pytest.raises(NoAnswer, match=r"127\.0\.0\.1 did not answer within 0\.3 seconds"):
        ask_briefly(ANYWHERE, "GET", hostile.url, seconds=0.3, largest=100_000)
    assert time.monotonic() - began < 5


def test_more_than_was_wanted_is_not_read(hostile: HostilePeer):
    hostile.answer = http(200, b"x" * 101)
    with pytest.raises(NoAnswer, match="larger than 100 bytes"):
        ask_briefly(ANYWHERE, "GET", hostile.url, seconds=5, largest=100)


def test_where_nobody_may_go_is_told_apart_from_where_nobody_is():
    for url, is_refused in (("http://169.254.169.254/", True), ("ftp://a.test/", True), ("http://127.0.0.1:1/", False)):
        with pytest.raises(NoAnswer) as refused:
            ask_briefly(ANYWHERE, "GET", url, seconds=5, largest=100)
        assert refused.value.is_refused is is_refused, url


def test_a_client_without_a_last_moment_waits_as_it_did(hostile: HostilePeer):
    hostile.answer = hostile.drip(http(200, b"slow"), every=0.002)
    with EgressClient(ANYWHERE, timeout=5) as client:
        assert client.get(hostile.url).text == "slow"
