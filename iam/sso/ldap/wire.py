"""The way to a directory: a judged address, TLS that is checked as everywhere, and a bound on time and bytes.

The C library gets one end of a pair of sockets and knows of no network: it resolves no name, follows nobody, and reads
no settings of the machine. Whatever it says is carried by one thread, which ends with the time that was given.
"""

from __future__ import annotations

import select
import selectors
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache

import httpx

from control_plane.kernel.words.egress import EgressPolicy, EgressRefused, NameUnknown
from iam.directories.ldap import LdapSettings
from iam.sso.ldap.starttls import start_tls
from iam.sso.refusals import ProviderUnreachable

_CONNECT_SECONDS = 3.0
_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Limits:
    """What one visit to a directory may take, all its connections together."""

    seconds: float
    size: int
    ends_at: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ends_at", time.monotonic() + self.seconds)

    @property
    def left(self) -> float:
        """Seconds. ProviderUnreachable where there are none."""
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise ProviderUnreachable("the directory takes too long")
        return left


class Wire:
    """A connection. `end` is what the library speaks to; it belongs to the library, which closes it."""

    def __init__(self, outer: socket.socket, limits: Limits) -> None:
        self._outer = outer
        self._limits = limits
        self._taken = 0
        self._near, self.end = socket.socketpair()
        self.problem = ""
        """Why it was cut off, where it was."""
        self._thread = threading.Thread(target=self._carry, name="ldap", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Whatever is still on the way is lost."""
        with suppress(OSError):  # the thread may have closed it already
            self._near.shutdown(socket.SHUT_RDWR)
        self._thread.join(2)

    def _carry(self) -> None:
        with self._outer, self._near, selectors.DefaultSelector() as waiting:
            try:
                self._outer.setblocking(False)
                waiting.register(self._outer, selectors.EVENT_READ)
                waiting.register(self._near, selectors.EVENT_READ)
                while self._step(waiting):
                    continue
            except ProviderUnreachable as error:
                self.problem = error.message
            except (OSError, ValueError) as error:
                self.problem = f"the connection broke: {str(error)[:200] or type(error).__name__}"

    def _step(self, waiting: selectors.BaseSelector) -> bool:
        """Wait for either side and carry what came; False when one of them has ended."""
        has_more = isinstance(self._outer, ssl.SSLSocket) and self._outer.pending() > 0
        ready = {key.fileobj for key, _ in waiting.select(0 if has_more else self._limits.left)}
        if (has_more or self._outer in ready) and not self._inwards():
            return False
        return self._near not in ready or self._outwards()

    def _inwards(self) -> bool:
        try:
            data = self._outer.recv(_CHUNK)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
            return True
        self._taken += len(data)
        if self._taken > self._limits.size:
            raise ProviderUnreachable("the directory tells more than is taken in at once")
        self._near.settimeout(self._limits.left)
        self._near.sendall(data)
        return bool(data)

    def _outwards(self) -> bool:
        data = memoryview(self._near.recv(_CHUNK))
        is_open = bool(data)
        while data:
            try:
                data = data[self._outer.send(data) :]
            except (ssl.SSLWantWriteError, BlockingIOError):
                self._wait(select.POLLOUT)
            except ssl.SSLWantReadError:
                self._wait(select.POLLIN)
        return is_open

    def _wait(self, event: int) -> None:
        poll = select.poll()
        poll.register(self._outer, event)
        poll.poll(self._limits.left * 1000)


def open_wire(settings: LdapSettings, policy: EgressPolicy, limits: Limits) -> Wire:
    """ProviderUnreachable, saying what is wrong, where there is no such way."""
    plain = _connected(settings.host, settings.port, policy, limits)
    try:
        if settings.start_tls and not settings.is_tls:
            plain.settimeout(min(_CONNECT_SECONDS, limits.left))
            start_tls(plain, lambda: min(_CONNECT_SECONDS, limits.left))
        outer = _encrypted(plain, settings, limits) if settings.is_tls or settings.start_tls else plain
    except BaseException:
        plain.close()
        raise
    return Wire(outer, limits)


def _connected(host: str, port: int, policy: EgressPolicy, limits: Limits) -> socket.socket:
    try:
        addresses = policy.resolve(host, port)
    except EgressRefused as error:
        raise ProviderUnreachable(f"this address may not be reached from here: {error.message}") from None
    except NameUnknown as error:
        raise ProviderUnreachable(error.message) from None
    problem = ""
    for address in addresses[:4]:
        try:
            return socket.create_connection((address, port), timeout=min(_CONNECT_SECONDS, limits.left))
        except OSError as error:
            problem = "does not answer" if isinstance(error, TimeoutError) else (error.strerror or str(error))
    raise ProviderUnreachable(f"{host}, port {port}: {problem}")


def _encrypted(plain: socket.socket, settings: LdapSettings, limits: Limits) -> ssl.SSLSocket:
    plain.settimeout(min(_CONNECT_SECONDS, limits.left))
    try:
        return tls_context(settings.authorities).wrap_socket(plain, server_hostname=settings.host)
    except ssl.SSLCertVerificationError as error:
        raise ProviderUnreachable(f"the certificate of {settings.host} is refused: {error.verify_message}") from None
    except (OSError, ValueError) as error:
        raise ProviderUnreachable(f"no TLS with {settings.host}: {str(error)[:200]}") from None


@lru_cache(maxsize=64)
def tls_context(authorities: str) -> ssl.SSLContext:
    """Whose certificates are accepted: those that these have signed, else the usual ones have. Reading these takes
    longer than all else of a sign-in, so once a process."""
    if not authorities:
        return httpx.create_ssl_context(trust_env=False)
    context = ssl.create_default_context(cadata=authorities + "\n")
    # Authorities that companies have made for themselves lack extensions which the strict check of 3.13 asks for.
    context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", ssl.VerifyFlags(0))
    return context
