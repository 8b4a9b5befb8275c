"""Reads what Redis says from whatever pieces it arrives in: values and lists of them, as in its older protocol."""

from __future__ import annotations

from typing import Any

import redis

_END = b"\r\n"


class Replies:
    """Keeps what is not whole yet."""

    def __init__(self) -> None:
        self._data = b""

    def take(self, data: bytes) -> list[Any]:
        """The replies that are whole now. Raises redis.RedisError for one that is an error."""
        self._data = self._data + data if self._data else data
        found: list[Any] = []
        place = 0
        while (read := _read(self._data, place)) is not None:
            reply, place = read
            found.append(reply)
        self._data = self._data[place:]
        return found


def _read(data: bytes, place: int) -> tuple[Any, int] | None:
    """One reply and where the next begins; None when it is not whole."""
    end = data.find(_END, place)
    if end < 0:
        return None
    kind, rest, place = data[place : place + 1], data[place + 1 : end], end + 2
    if kind == b"$":
        return _read_text(data, place, int(rest))
    if kind == b"*":
        return _read_list(data, place, int(rest))
    if kind == b":":
        return int(rest), place
    if kind == b"+":
        return rest, place
    raise redis.ResponseError(rest.decode(errors="replace"))


def _read_text(data: bytes, place: int, size: int) -> tuple[bytes | None, int] | None:
    if size < 0:
        return None, place
    end = place + size
    return (data[place:end], end + 2) if len(data) >= end + 2 else None


def _read_list(data: bytes, place: int, count: int) -> tuple[list[Any], int] | None:
    found: list[Any] = []
    for _ in range(count):
        read = _read(data, place)
        if read is None:
            return None
        found.append(read[0])
        place = read[1]
    return found, place
