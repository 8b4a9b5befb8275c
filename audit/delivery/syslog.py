"""Messages of RFC 5424 with the whole entry as their text; over TCP they are counted (RFC 6587), so nothing tears.

UDP promises nothing: what is lost on its way is lost. Over TCP an entry counts as sent when the peer acknowledged it.
"""

from __future__ import annotations

import fcntl
import json
import socket
import struct
import termios
import time
from dataclasses import dataclass, field

from audit.delivery.destinations import Batch, DeliveryFailed

SECONDS = 10.0
_AUDIT = 13 * 8
_WARNING, _INFORMATION = 4, 6
_POLL_SECONDS = 0.005


@dataclass
class Syslog:
    host: str
    port: int
    transport: str
    _open: socket.socket | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        return f"syslog+{self.transport}://{self.host}:{self.port}"

    def send(self, batch: Batch) -> None:
        messages = [_message(batch, line) for line in batch.lines]
        try:
            peer = self._peer()
            if self.transport == "udp":
                for message in messages:
                    peer.send(message)
            else:
                peer.sendall(b"".join(b"%d %b" % (len(message), message) for message in messages))
                _wait_until_taken(peer)
        except OSError as error:
            self.close()
            raise DeliveryFailed(f"{self.name}: {error}") from error

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _peer(self) -> socket.socket:
        """The open connection; one that the peer has closed is opened anew."""
        if self._open is not None and self.transport == "tcp" and _is_closed(self._open):
            self.close()
        if self._open is None:
            if self.transport == "tcp":
                self._open = socket.create_connection((self.host, self.port), timeout=SECONDS)
            else:
                family, kind, _, _, address = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_DGRAM)[0]
                self._open = socket.socket(family, kind)
                self._open.connect(address)
        return self._open


def _is_closed(peer: socket.socket) -> bool:
    peer.setblocking(False)
    try:
        return peer.recv(1) == b""
    except BlockingIOError:
        return False
    finally:
        peer.settimeout(SECONDS)


def _wait_until_taken(peer: socket.socket) -> None:
    """Until the other machine has acknowledged every byte: what only waits in our own buffer may still be lost."""
    deadline = time.monotonic() + SECONDS
    while struct.unpack("i", fcntl.ioctl(peer, termios.TIOCOUTQ, b"\0" * 4))[0]:
        if time.monotonic() > deadline:
            raise TimeoutError("the peer acknowledges nothing")
        time.sleep(_POLL_SECONDS)
    if _is_closed(peer):
        raise ConnectionResetError("the peer has closed the connection")


def _message(batch: Batch, line: str) -> bytes:
    entry = json.loads(line).get("entry", {})
    severity = _WARNING if entry.get("is_refused") else _INFORMATION
    at = entry.get("at", "-")
    host = socket.gethostname()[:255] or "-"
    return f"<{_AUDIT + severity}>1 {at} {host} orrery - {batch.kind.upper()} - {line}".encode()
