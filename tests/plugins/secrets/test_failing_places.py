"""Whatever goes wrong at the other end is one of our errors, in time, and holds no value."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from control_plane.kernel.words.egress import EgressPolicy
from plugins.secrets.catalog import backends, settings_of
from plugins.secrets.port import (
    BackendAway,
    BackendBusy,
    BackendFailed,
    BackendMisconfigured,
    BackendRefused,
    Described,
    Level,
    Place,
    SecretsBackend,
)
from tests.plugins.secrets.places import open_place
from tests.plugins.secrets.servers import free_port

HOME = Place("acme", "company.team")
VALUE = "zq-canary-value"


class Wire:
    """Accepts connections and sends what it was given, whatever it is asked."""

    def __init__(self, answer: bytes, *, stays: bool = False) -> None:
        self._answer, self._stays = answer, stays
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._open: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        try:
            connection.recv(65536)
            connection.sendall(self._answer)
            if not self._stays:
                connection.close()
        except OSError:
            return

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for each in self._open:
            each.close()


def answer(status: str, body: bytes = b"{}", headers: str = "", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return (
        f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {size}\r\n{headers}\r\n".encode()
        + body
    )


ACCOUNT = '{"client_email": "a", "private_key": "x", "token_uri": "%s"}'
KINDS: dict[str, Callable[[str], dict[str, Any]]] = {
    "vault": lambda at: {"address": at, "appRole": {"roleId": "r", "secretId": "s"}},
    "aws-secret-manager": lambda at: {
        "endpointOverride": at,
        "accessKeyId": "a",
        "secretKeyId": "s",
        "region": "eu-west-1",
    },
    "azure-key-vault": lambda at: {
        "keyVaultUri": at,
        "authority": at,
        "clientSecret": {"tenantId": "t", "clientId": "c", "clientSecret": "s"},
    },
    "1password": lambda at: {"address": at, "token": "t", "vaultId": "v"},
    "doppler": lambda at: {"address": at, "token": "t", "project": "p", "config": "c"},
    "cyberark": lambda at: {"address": at, "username": "u", "password": "p"},
    "delinea": lambda at: {"address": at, "username": "u", "password": "p"},
    "beyondtrust": lambda at: {"address": at, "apiKey": "k", "runAs": "u", "folderId": "f"},
    "elasticsearch": lambda at: {"address": at, "secret": "x" * 32},
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def wired(kind: str) -> Iterator[Callable[..., SecretsBackend]]:
    opened: list[Any] = []

    def make(content: bytes, *, stays: bool = False, seconds: float = 5.0) -> SecretsBackend:
        wire = Wire(content, stays=stays)
        backend = open_place(kind, **KINDS[kind](wire.address), timeoutSeconds=seconds)
        opened.extend((backend, wire))
        return backend

    yield make
    for each in opened:
        each.close()


def test_a_place_for_each_kind_that_is_reached_over_the_network() -> None:
    remote = {each.TYPE for each in backends().values()} - {"environment", "google-secret-manager", "memory"}
    assert remote == set(KINDS)


def test_one_that_is_down_is_away(kind: str) -> None:
    backend = open_place(kind, **KINDS[kind](f"http://127.0.0.1:{free_port()}"))
    for ask in (lambda: backend.read(HOME, "K"), lambda: backend.entries(HOME)):
        with pytest.raises(BackendAway, match="cannot be reached"):
            ask()
    with pytest.raises(BackendAway) as failed:
        backend.write(HOME, Described("K"), VALUE)
    assert VALUE not in failed.value.message
    backend.close()


def test_one_that_says_nothing_is_away_in_time(wired: Callable[..., SecretsBackend]) -> None:
    with pytest.raises(BackendAway, match=r"did not answer within 0\.2 s"):
        wired(b"", stays=True, seconds=0.2).read(HOME, "K")


def test_one_that_speaks_drop_by_drop_is_away_in_time(wired: Callable[..., SecretsBackend]) -> None:
    half = answer("200 OK", b"{", length=100)
    with pytest.raises(BackendAway, match=r"did not answer within 0\.2 s"):
        wired(half, stays=True, seconds=0.2).read(HOME, "K")


@pytest.mark.parametrize("status", ["500 Oops", "502 Bad Gateway", "503 Service Unavailable", "408 Request Timeout"])
def test_one_that_is_unwell_is_away(wired: Callable[..., SecretsBackend], status: str) -> None:
    with pytest.raises(BackendAway, match=status[:3]):
        wired(answer(status, b'{"message": "internal"}')).read(HOME, "K")


def test_one_that_asks_for_patience_says_for_how_long(wired: Callable[..., SecretsBackend]) -> None:
    with pytest.raises(BackendBusy) as failed:
        wired(answer("429 Too Many", headers="retry-after: 17\r\n")).read(HOME, "K")
    assert failed.value.retry_after == 17.0


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_one_that_does_not_know_us_refuses(wired: Callable[..., SecretsBackend], status: str) -> None:
    with pytest.raises(BackendRefused, match=status[:3]):
        wired(answer(status, b'{"errors": ["permission denied"]}')).read(HOME, "K")


@pytest.mark.parametrize(
    "content",
    [
        answer("200 OK", b'{"half', length=100),
        b"HTTP/1.1 200 OK\r\ncontent-le",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        answer("200 OK", b"<html>sign in</html>"),
        answer("200 OK", b"[" * 50_000),
        answer("302 Found", headers="location: https://elsewhere.test/\r\n"),
        answer("404 Not Found", b"<html>nobody here</html>"),
        answer("200 OK", b""),
        answer("200 OK", b"null"),
        answer("200 OK", b'"text"'),
        answer("200 OK", b"[1, 2]"),
    ],
    ids=[
        "half",
        "half a head",
        "no HTTP",
        "a page",
        "deep",
        "elsewhere",
        "a 404 page",
        "empty",
        "null",
        "text",
        "list",
    ],
)
def test_one_that_is_no_such_place_is_one_of_our_errors(wired: Callable[..., SecretsBackend], content: bytes) -> None:
    backend = wired(content)
    for ask in (lambda: backend.read(HOME, "K"), lambda: backend.write(HOME, Described("K"), VALUE)):
        with pytest.raises(BackendFailed) as failed:
            ask()
        assert VALUE not in failed.value.message


def test_an_address_of_our_own_servers_is_refused(kind: str) -> None:
    settings = settings_of(kind, KINDS[kind]("http://127.0.0.1:5432"), Level.NAMESPACE)
    backend = backends()[kind](settings, Level.NAMESPACE, EgressPolicy())
    with pytest.raises(BackendMisconfigured, match="private address"):
        backend.read(HOME, "K")
    backend.close()
