"""Asking a directory for TLS (RFC 4511, 4.14), on a connection on which nothing else is said before."""

from __future__ import annotations

import socket
from collections.abc import Callable

from iam.sso.refusals import ProviderUnreachable

_OID = b"1.3.6.1.4.1.1466.20037"
# A message (sequence) with the number 1 and an extended request (77) that names what it asks for (80).
_REQUEST = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x16" + _OID
_NUMBER = b"\x02\x01\x01"
_SEQUENCE, _EXTENDED_RESPONSE, _ENUMERATED = 0x30, 0x78, 0x0A
_LARGEST = 16 * 1024


def start_tls(connection: socket.socket, left: Callable[[], float]) -> None:
    """Until the directory has agreed. Not one byte beyond its answer is read: what follows is TLS, or refused by it.

    `left` says how many seconds may be waited.
    """
    try:
        connection.sendall(_REQUEST)
        _check(_message(connection, left))
    except OSError as error:
        raise ProviderUnreachable(f"the directory does not answer: {str(error)[:200]}") from None


def _message(connection: socket.socket, left: Callable[[], float]) -> bytes:
    tag, length = _exactly(connection, 2, left)
    if length & 0x80:
        length = int.from_bytes(_exactly(connection, min(length & 0x7F, 4), left))
    if tag != _SEQUENCE or length > _LARGEST:
        raise ProviderUnreachable("what answers there is no directory")
    return _exactly(connection, length, left)


def _exactly(connection: socket.socket, size: int, left: Callable[[], float]) -> bytes:
    read = b""
    while len(read) < size:
        connection.settimeout(left())
        part = connection.recv(size - len(read))
        if not part:
            raise ProviderUnreachable("the directory ends the connection where TLS should begin")
        read += part
    return read


def _check(message: bytes) -> None:
    if not message.startswith(_NUMBER):
        raise ProviderUnreachable("the directory answers something that was not asked")
    tag, answer = _content(message[len(_NUMBER) :])
    kind, code = _content(answer)
    if tag != _EXTENDED_RESPONSE or kind != _ENUMERATED:
        raise ProviderUnreachable("the directory does not know StartTLS")
    if code != b"\x00":
        raise ProviderUnreachable(f"the directory refuses StartTLS (result {int.from_bytes(code)})")


def _content(data: bytes) -> tuple[int, bytes]:
    """Tag and content of the first element; (0, b"") of what is none."""
    if len(data) < 2:
        return 0, b""
    tag, length, start = data[0], data[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[2:start])
    return tag, data[start : start + length]
