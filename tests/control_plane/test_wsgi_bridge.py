import asyncio
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import httpx
import pytest

from control_plane import asgi, wsgi_bridge
from control_plane.kernel.admission.places import Places
from control_plane.kernel.pools import Pool
from control_plane.wsgi_bridge import WsgiBridge


def echo(environ, start_response):
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Cookie", environ.get("HTTP_COOKIE", ""))])
    return [environ["REQUEST_METHOD"].encode(), b" ", environ["QUERY_STRING"].encode(), b" ", body]


class Streaming:
    streaming = True

    def __init__(self, chunks):
        self.chunks = chunks
        self.closed = False

    def __iter__(self):
        return iter(self.chunks)

    def close(self):
        self.closed = True


@pytest.fixture
def threads():
    with ThreadPoolExecutor(2) as pool:
        yield pool


def pool_of(threads, waiting=10):
    return Pool(threads, Places(waiting=waiting, per_caller=waiting, at_once=2))


def client(application, threads, *, waiting=10):
    """The bridge behind the admission, where bodies are taken in and refusals are told."""
    server = asgi.Application([], None, WsgiBridge(application, pool_of(threads, waiting)))
    return httpx.AsyncClient(transport=httpx.ASGITransport(server), base_url="http://test")


async def test_method_query_and_body_arrive(threads):
    async with client(echo, threads) as http:
        assert (await http.post("/a?b=c", content=b"body")).text == "POST b=c body"


async def test_a_body_in_pieces_without_a_length_arrives(threads):
    async def pieces():
        yield b"one "
        yield b"two"

    async with client(echo, threads) as http:
        assert (await http.post("/", content=pieces())).text == "POST  one two"


async def test_more_requests_than_may_wait_are_told_to_come_back(threads):
    async with client(echo, threads, waiting=0) as http:
        answer = await http.get("/")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


async def test_a_streamed_answer_comes_whole_and_is_closed(threads):
    body = Streaming([b"a", b"b", b"c"])

    def application(environ, start_response):
        start_response("200 OK", [])
        return body

    async with client(application, threads) as http:
        assert (await http.get("/")).text == "abc"
    assert body.closed


async def test_a_slow_reader_holds_neither_a_thread_nor_a_place():
    body = Streaming([b"x"] * 3)

    def application(environ, start_response):
        start_response("200 OK", [])
        return body if environ["PATH_INFO"] == "/slow" else [b"quick"]

    stalled = asyncio.Event()

    async def stall(message):
        stalled.set()
        await asyncio.Event().wait()

    with ThreadPoolExecutor(1) as one:
        bridge = WsgiBridge(application, pool_of(one, waiting=1))
        scope = {
            "type": "http", "method": "GET", "path": "/slow", "query_string": b"", "headers": [], "server": None,
            "client": None, "scheme": "http", "http_version": "1.1", "body": BytesIO(), "caller": "somebody",
        }  # fmt: skip
        slow = asyncio.create_task(bridge(scope, None, stall))
        await stalled.wait()
        server = asgi.Application([], None, bridge)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(server), base_url="http://test") as http:
            assert (await asyncio.wait_for(http.get("/"), 5)).text == "quick"
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)
    assert body.closed


async def test_cookies_in_several_headers_are_one_cookie_header(threads):
    async with client(echo, threads) as http:
        answer = await http.get("/", headers=[("Cookie", "a=1"), ("Cookie", "b=2")])
    assert answer.headers["x-cookie"] == "a=1; b=2"


def test_a_header_with_an_underscore_cannot_pose_as_another():
    scope = {
        "method": "GET", "path": "/", "query_string": b"", "server": None, "client": None, "scheme": "http",
        "http_version": "1.1", "headers": [(b"x_forwarded_for", b"1.2.3.4"), (b"content-length", b"0")],
    }  # fmt: skip
    assert "HTTP_X_FORWARDED_FOR" not in wsgi_bridge.environ_of(scope, None)
