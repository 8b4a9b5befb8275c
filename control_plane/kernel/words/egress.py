"""The one way out: an HTTP client that decides by the address it really connects to."""

from __future__ import annotations

import functools
import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpcore
import httpx

from control_plane.kernel.words.addresses import (
    FORBIDDEN_NAMES,
    Address,
    Reach,
    is_this_machine,
    parse_address,
    plain,
    reach_of,
)
from control_plane.kernel.words.endpoints import Endpoint as Endpoint
from control_plane.kernel.words.errors import Forbidden, Unavailable

MAX_REDIRECTS = 10
REMEMBERED_SECONDS = 30.0
"""How long the addresses of our own servers count as known."""
# What may follow a redirect to another origin; anything else could be a credential.
_TRAVELLING_HEADERS = frozenset(
    {"accept", "accept-encoding", "accept-language", "content-length", "content-type", "range", "user-agent"}
)
_UNSPEAKABLE = re.compile(r"[\x00-\x20\x7f\\]")

Resolver = Callable[[str, int], Sequence[str]]


class EgressRefused(Forbidden):
    """This address may not be reached from here."""

    code = "egress_refused"


class NameUnknown(Unavailable):
    """The name has no address."""

    code = "name_unknown"


def resolve_name(host: str, port: int) -> list[str]:
    """All addresses the system knows for a name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True)
class EgressPolicy:
    """Where this process may connect to.

    Public addresses are allowed; private ones and this machine with `allow_private`; `own` (our web address) with
    `allow_self`, whatever its address. `refused` (our database and broker) and link-local, metadata, multicast and
    reserved addresses never are.
    """

    allow_private: bool = False
    allow_self: bool = False
    own: tuple[Endpoint, ...] = ()
    refused: tuple[Endpoint, ...] = ()
    resolver: Resolver = field(default=resolve_name, compare=False)

    def resolve(self, host: str, port: int) -> list[str]:
        """The addresses to connect to, resolved once. Raises EgressRefused unless every one of them is allowed."""
        name = host.strip("[]").rstrip(".").lower()
        if name in FORBIDDEN_NAMES:
            raise EgressRefused(f"{host} is a metadata service")
        if any(each.port == port and each.host.strip("[]").lower() == name for each in self.refused):
            raise EgressRefused(f"{host}: port {port} there is a server of this platform")
        try:
            written = parse_address(name)
        except ValueError as error:
            raise EgressRefused(f"{host}: {error}") from None
        addresses = [written] if written else self._look_up(name, port)
        for address in addresses:
            self._authorizer(address, port, host)
        return [str(address) for address in addresses]

    def _look_up(self, name: str, port: int) -> list[Address]:
        try:
            found = self.resolver(name, port)
        except (OSError, UnicodeError):
            found = []
        if not found:
            raise NameUnknown(f"{name} has no address")
        try:
            return [ipaddress.ip_address(text) for text in found]
        except ValueError:
            raise EgressRefused(f"{name} resolves to an address with a zone id") from None

    def _authorizer(self, address: Address, port: int, host: str) -> None:
        reach = reach_of(address)
        if reach is Reach.FORBIDDEN:
            raise EgressRefused(f"{host}: {address} is a link-local, metadata or reserved address")
        if self._is_one_of(self.refused, address, port):
            raise EgressRefused(f"{host}: port {port} there is a server of this platform")
        if self._is_one_of(self.own, address, port):
            if not self.allow_self:
                raise EgressRefused(f"{host}: this is the platform's own address")
        elif reach is Reach.PRIVATE and not self.allow_private:
            raise EgressRefused(f"{host}: {address} is a private address")

    def _is_one_of(self, endpoints: Iterable[Endpoint], address: Address, port: int) -> bool:
        return any(endpoint.port == port and self._leads_to(endpoint.host, address) for endpoint in endpoints)

    def _leads_to(self, host: str, address: Address) -> bool:
        targets = _addresses_of(host, self.resolver, int(time.monotonic() / REMEMBERED_SECONDS))
        if plain(address) in targets:
            return True
        return any(is_this_machine(target) for target in targets) and is_this_machine(address)


@functools.lru_cache(maxsize=64)
def _addresses_of(host: str, resolver: Resolver, period: int) -> frozenset[Address]:
    """Addresses of a host of ours in this period; one that is not known has none, and is asked for in the next."""
    try:
        return frozenset({plain(ipaddress.ip_address(host.strip("[]")))})
    except ValueError:
        pass
    try:
        return frozenset(plain(ipaddress.ip_address(text)) for text in resolver(host, 0))
    except (OSError, ValueError, UnicodeError):
        return frozenset()


def check_url(url: str | httpx.URL) -> httpx.URL:
    """The URL parsed, or EgressRefused when it is no plain http(s) URL with a host."""
    text = str(url)
    if _UNSPEAKABLE.search(text):
        raise EgressRefused("a URL holds no blanks, control characters or backslashes")
    try:
        parsed = httpx.URL(text)
        port = parsed.port
    except (httpx.InvalidURL, ValueError, UnicodeError) as error:
        raise EgressRefused(f"this is no URL: {error}") from None
    if parsed.scheme not in ("http", "https"):
        raise EgressRefused(f"only http and https are spoken here, not `{parsed.scheme}`")
    if not parsed.host:
        raise EgressRefused("the URL names no host")
    if port is not None and not 0 < port < 65536:
        raise EgressRefused("the URL names an impossible port")
    return parsed


class _Ending(httpcore.NetworkStream):
    """A connection whose every wait ends at one moment, however slowly the other end goes on."""

    def __init__(self, stream: httpcore.NetworkStream, ends_at: float) -> None:
        self._stream = stream
        self._ends_at = ends_at

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._ends_at, timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._ends_at, timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(self._ends_at, timeout, httpcore.ConnectTimeout)
        return _Ending(self._stream.start_tls(ssl_context, server_hostname, left), self._ends_at)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(ends_at: float, timeout: float | None, over: type[httpcore.TimeoutException]) -> float:
    left = ends_at - time.monotonic()
    if left <= 0:
        raise over("the time is up")
    return left if timeout is None else min(timeout, left)


class _GuardedBackend(httpcore.SyncBackend):
    """Connects to the address that was judged, so that a second look-up cannot give another one."""

    def __init__(self, policy: EgressPolicy, ends_at: float | None = None) -> None:
        self._policy = policy
        self._ends_at = ends_at

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *args: Any, **kwargs: Any
    ) -> httpcore.NetworkStream:
        addresses = self._policy.resolve(host, port)
        for address in addresses[:-1]:
            try:
                return self._connected(address, port, timeout, *args, **kwargs)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._connected(addresses[-1], port, timeout, *args, **kwargs)

    def _connected(
        self, address: str, port: int, timeout: float | None, *args: Any, **kwargs: Any
    ) -> httpcore.NetworkStream:
        if self._ends_at is None:
            return super().connect_tcp(address, port, timeout, *args, **kwargs)
        left = _left(self._ends_at, timeout, httpcore.ConnectTimeout)
        return _Ending(super().connect_tcp(address, port, left, *args, **kwargs), self._ends_at)

    def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        raise EgressRefused("sockets of this machine are refused")


class _GuardedTransport(httpx.HTTPTransport):
    """httpx's transport over a pool that connects through the guard; the TLS name stays that of the URL."""

    def __init__(self, policy: EgressPolicy, context: ssl.SSLContext, ends_at: float | None = None) -> None:
        super().__init__(verify=context, trust_env=False)
        self._pool.close()
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=64,
            max_keepalive_connections=16,
            keepalive_expiry=15,
            network_backend=_GuardedBackend(policy, ends_at),
        )


@functools.lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    """The usual authorities; loading them takes some twenty milliseconds, so once a process."""
    return httpx.create_ssl_context(trust_env=False)


def _untrusting() -> ssl.SSLContext:
    return httpx.create_ssl_context(verify=False, trust_env=False)


class EgressClient(httpx.Client):
    """httpx's client behind a policy. Redirects are followed hop by hop, each judged like the first request;
    credentials stay with the origin they were given for. Proxies of the environment are ignored.
    """

    def __init__(
        self,
        policy: EgressPolicy,
        *,
        verify: bool | ssl.SSLContext = True,
        timeout: httpx.Timeout | float = 30.0,
        total: float | None = None,
    ) -> None:
        """`timeout` bounds each wait; `total` all together, in seconds from now: for one request."""
        context = verify if isinstance(verify, ssl.SSLContext) else _trusted() if verify else _untrusting()
        transport = _GuardedTransport(policy, context, None if total is None else time.monotonic() + total)
        super().__init__(transport=transport, timeout=timeout, trust_env=False)

    def build_request(self, method: str, url: httpx.URL | str, **kwargs: Any) -> httpx.Request:
        return super().build_request(method, check_url(url), **kwargs)

    def send(
        self,
        request: httpx.Request,
        *,
        stream: bool = False,
        auth: Any = httpx.USE_CLIENT_DEFAULT,
        follow_redirects: Any = httpx.USE_CLIENT_DEFAULT,
    ) -> httpx.Response:
        """As httpx sends, save that a redirect is followed only with `follow_redirects=True`."""
        hops = MAX_REDIRECTS if follow_redirects is True else 0
        check_url(request.url)
        response = super().send(request, stream=stream or hops > 0, auth=auth, follow_redirects=False)
        while hops and response.next_request is not None:
            following = self._next_hop(response)
            response.close()
            response = super().send(following, stream=True, auth=None, follow_redirects=False)
            hops -= 1
        if follow_redirects is True and response.next_request is not None:
            response.close()
            raise httpx.TooManyRedirects(f"more than {MAX_REDIRECTS} redirects", request=request)
        if not stream:
            response.read()
        return response

    def _next_hop(self, response: httpx.Response) -> httpx.Request:
        following = response.next_request
        assert following is not None
        target = check_url(following.url)
        if _origin(target) != _origin(response.request.url):
            kept = [
                (name, value) for name, value in following.headers.multi_items() if name.lower() in _TRAVELLING_HEADERS
            ]
            following.headers = httpx.Headers([*kept, ("host", target.netloc.decode("ascii"))])
        return following


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)
