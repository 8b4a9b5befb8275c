import asyncio
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from control_plane import wsgi_bridge
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


def client(application, threads, *, body_bytes=1000, waiting=10):
    bridge = WsgiBridge(application, threads, body_bytes=body_bytes, waiting=waiting)
    return httpx.AsyncClient(transport=httpx.ASGITransport(bridge), base_url="http://test")


async def test_method_query_and_body_arrive(threads):
    async with client(echo, threads) as http:
        assert (await http.post("/a?b=c", content=b"body")).text == "POST b=c body"


async def test_a_body_in_pieces_without_a_length_arrives(threads):
    async def pieces():
        yield b"one "
        yield b"two"

    async with client(echo, threads) as http:
        assert (await http.post("/", content=pieces())).text == "POST  one two"


async def test_a_body_above_the_limit_is_refused(threads):
    async with client(echo, threads, body_bytes=3) as http:
        assert (await http.post("/", content=b"four")).status_code == 413


async def test_a_body_that_stops_coming_is_refused_and_holds_no_thread(threads, monkeypatch):
    monkeypatch.setattr(wsgi_bridge, "PATIENCE_SECONDS", 0.01)
    sent = []

    async def never():
        await asyncio.Event().wait()

    async def send(message):
        sent.append(message)

    bridge = WsgiBridge(echo, threads, body_bytes=10, waiting=10)
    await bridge({"type": "http"}, never, send)
    assert sent[0]["status"] == 408


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


async def test_a_slow_reader_holds_no_thread():
    body = Streaming([b"x"] * 3)

    def application(environ, start_response):
        start_response("200 OK", [])
        return body if environ["PATH_INFO"] == "/slow" else [b"quick"]

    stalled = asyncio.Event()

    async def stall(message):
        stalled.set()
        await asyncio.Event().wait()

    async def empty():
        return {"type": "http.request", "body": b"", "more_body": False}

    with ThreadPoolExecutor(1) as one:
        bridge = WsgiBridge(application, one, body_bytes=10, waiting=10)
        scope = {
            "type": "http", "method": "GET", "path": "/slow", "query_string": b"", "headers": [], "server": None,
            "client": None, "scheme": "http", "http_version": "1.1",
        }  # fmt: skip
        slow = asyncio.create_task(bridge(scope, empty, stall))
        await stalled.wait()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(bridge), base_url="http://test") as http:
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
