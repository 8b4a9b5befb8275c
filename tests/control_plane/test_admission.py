"""Who is let in before a request counts, and which threads it waits for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from control_plane import asgi
from control_plane.kernel.actor import ANONYMOUS, Actor, ActorKind
from control_plane.kernel.admission.places import Places
from control_plane.kernel.api.dispatch import Authenticator, Identity, Shown, authenticate_with
from control_plane.kernel.api.public import SignInAddresses, is_public
from control_plane.kernel.config import override
from control_plane.kernel.pools import Pool
from control_plane.kernel.words.errors import Unauthenticated
from control_plane.wsgi_bridge import WsgiBridge

# A pooled thread may hold a connection of an earlier test, which it looks after.
pytestmark = pytest.mark.django_db
PATIENCE = 5
GUESS, RIGHT = "Basic guess", "Bearer right"


class Identities:
    """Knows one token, and hashes every password until it is let go."""

    def __init__(self) -> None:
        self.hashing = threading.Event()
        self.enough = threading.Event()

    def identify(self, shown: Shown, tenant_id: str | None) -> Identity:
        if shown.authorization == GUESS:
            self.hashing.set()
            self.enough.wait(PATIENCE)
            raise Unauthenticated()
        if shown.authorization and shown.authorization != RIGHT:
            raise Unauthenticated()
        return Identity(Actor(ActorKind.USER, id="vera") if shown.authorization else ANONYMOUS)


@pytest.fixture
def identities() -> Iterator[Identities]:
    made = Identities()
    before = authenticate_with(
        Authenticator(
            made.identify,
            lambda shown: "",
            lambda shown, tenant, rows: None,
            lambda shown, tenant: None,
            lambda shown: "vera" if shown.authorization == RIGHT else None,
            lambda shown: (shown.authorization or "").startswith("Basic"),
        )
    )
    yield made
    made.enough.set()
    authenticate_with(before)


def echo(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return [str(len(environ["wsgi.input"].read())).encode()]


def client(application: Any = echo) -> httpx.AsyncClient:
    pool = Pool(ThreadPoolExecutor(1), Places(waiting=9, per_caller=9, at_once=1))
    bridge: Any = WsgiBridge(application, pool)
    server = asgi.Application([], bridge, bridge)
    transport: Any = httpx.ASGITransport(server)  # type: ignore[arg-type]  # both are ASGI
    return httpx.AsyncClient(transport=transport, base_url="http://test")


LARGE = b"x" * 100_000


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 401), ({"authorization": "Bearer wrong"}, 401), ({"authorization": RIGHT}, 200)],
)
async def test_a_large_body_is_taken_from_who_is_known(
    identities: Identities, headers: dict[str, str], status: int
) -> None:
    async with client() as http:
        answer = await http.post("/api/v1/acme/flows", content=LARGE, headers=headers)
    assert answer.status_code == status
    assert answer.text == str(len(LARGE)) if status == 200 else answer.json()["requestId"]


async def test_a_small_one_goes_to_the_view_whoever_sends_it(identities: Identities) -> None:
    async with client() as http:
        assert (await http.post("/api/v1/acme/flows", content=b"abc")).text == "3"


async def test_only_uploads_may_be_larger_than_other_bodies(identities: Identities) -> None:
    with override(limits={"body_bytes": 50_000, "upload_bytes": 200_000}):
        async with client() as http:
            given = {"authorization": RIGHT}
            plain = await http.post("/api/v1/acme/flows", content=LARGE, headers=given)
            form = await http.post("/api/v1/acme/flows/import", files={"fileUpload": LARGE}, headers=given)
    assert (plain.status_code, form.status_code) == (413, 200)


async def test_a_multipart_body_that_breaks_off_reaches_no_view(identities: Identities) -> None:
    kind = {"content-type": "multipart/form-data; boundary=b0"}
    part = b'--b0\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    async with client() as http:
        broken = await http.post("/api/v1/acme/executions/a/b", content=part, headers=kind)
        whole = await http.post("/api/v1/acme/executions/a/b", content=part + b"--b0--\r\n", headers=kind)
    assert (broken.status_code, whole.status_code) == (422, 200)


async def test_one_account_sends_only_so_many_large_bodies_at_once(identities: Identities) -> None:
    begun, go = asyncio.Event(), asyncio.Event()

    async def slowly() -> Any:
        yield LARGE
        begun.set()
        await go.wait()
        yield b"end"

    with override(admission={"uploads_per_caller": 1}):
        async with client() as http:
            given = {"authorization": RIGHT}
            first = asyncio.create_task(http.post("/api/v1/acme/flows", content=slowly(), headers=given))
            await asyncio.wait_for(begun.wait(), PATIENCE)
            second = await http.post("/api/v1/acme/flows", content=LARGE, headers=given)
            go.set()
            assert (await first).status_code == 200
            third = await http.post("/api/v1/acme/flows", content=LARGE, headers=given)
    assert (second.status_code, second.headers["retry-after"], third.status_code) == (429, "1", 200)


async def test_a_password_is_hashed_where_no_read_waits_for_it(identities: Identities) -> None:
    async with client() as http:
        guess = asyncio.create_task(http.get("/api/v1/acme/flows", headers={"authorization": GUESS}))
        await asyncio.to_thread(identities.hashing.wait, PATIENCE)
        read = await asyncio.wait_for(http.get("/api/v1/acme/flows", headers={"authorization": RIGHT}), PATIENCE)
        identities.enough.set()
        assert (read.status_code, (await guess).status_code) == (200, 401)


async def test_where_anybody_may_enter_a_wrong_password_counts_as_none(identities: Identities) -> None:
    identities.enough.set()
    seen: list[str | None] = []

    def note(environ: Any, start_response: Any) -> list[bytes]:
        seen.append(environ.get("HTTP_AUTHORIZATION"))
        start_response("200 OK", [])
        return [b""]

    async with client(note) as http:
        assert (await http.get("/api/v1/configs/login", headers={"authorization": GUESS})).status_code == 200
    assert seen == [None]


async def test_life_is_told_while_every_thread_is_taken(identities: Identities) -> None:
    working, enough = threading.Event(), threading.Event()

    def work(environ: Any, start_response: Any) -> list[bytes]:
        working.set()
        enough.wait(PATIENCE)
        return echo(environ, start_response)

    async with client(work) as http:
        busy = asyncio.create_task(http.get("/api/v1/acme/flows"))
        await asyncio.to_thread(working.wait, PATIENCE)
        assert (await asyncio.wait_for(http.get("/health/liveness"), PATIENCE)).json() == {"status": "UP"}
        enough.set()
        await busy


def test_addresses_say_who_may_enter_and_where_somebody_signs_in() -> None:
    assert is_public("POST", "/login")
    assert is_public("GET", "/api/v1/configs/login")
    assert not is_public("POST", "/api/v1/acme/flows")
    assert not is_public("PATCH", "/login")
    assert not is_public("GET", "/nowhere/at/all")
    sign_ins = SignInAddresses()
    assert "/login" in sign_ins
    assert "/api/v1/setup" in sign_ins
    assert "/api/v1/acme/flows" not in sign_ins
