import re

import httpx
import pytest

from control_plane import asgi
from control_plane.kernel.asgi_routes import AsyncRoute


async def say(text, scope, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": text.encode()})


async def waits(scope, receive, send):
    await say(f"loop {scope['path_params']}", scope, send)


async def threaded(scope, receive, send):
    await say("thread", scope, send)


def has_wait(scope):
    return b"wait=true" in scope["query_string"]


ROUTES = [
    AsyncRoute(re.compile(r"/follow/(?P<id>\w+)"), waits),
    AsyncRoute(re.compile(r"/start"), waits, methods=frozenset({"POST"}), when=has_wait),
]


@pytest.mark.parametrize(
    ("method", "address", "answer"),
    [
        ("GET", "/follow/a1", "loop {'id': 'a1'}"),
        ("GET", "/follow/a1/more", "thread"),
        ("POST", "/follow/a1", "thread"),
        ("POST", "/start?wait=true", "loop {}"),
        ("POST", "/start", "thread"),
    ],
)
async def test_what_waits_is_served_on_the_loop(method, address, answer):
    application = asgi.Application(ROUTES, threaded, threaded)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://test") as http:
        assert (await http.request(method, address)).text == answer


@pytest.mark.parametrize("address", ["/a%00b", "/?q=%00", "/?q=a%00b"])
async def test_an_address_that_nothing_can_store_is_refused(address):
    application = asgi.Application([], threaded, threaded)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://test") as http:
        assert (await http.get(address)).status_code == 400


async def test_a_websocket_that_nobody_serves_is_closed():
    sent = []

    async def send(message):
        sent.append(message)

    await asgi.build()({"type": "websocket", "path": "/nowhere", "headers": []}, None, send)
    assert sent[0]["type"] == "websocket.close"
