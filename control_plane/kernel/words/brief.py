"""One request to somebody else's server that ends: bounded in time and size, whatever is done at the other end."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from control_plane.kernel.words.egress import EgressClient, EgressPolicy, EgressRefused
from control_plane.kernel.words.errors import ControlPlaneError, Unavailable

# Not compressed: a small answer is then a small one.
_PLAIN = {"Accept": "application/json", "Accept-Encoding": "identity"}


class NoAnswer(Unavailable):
    """Nothing came back that could be read; `is_refused` where the address may not be reached from here at all."""

    code = "no_answer"

    def __init__(self, message: str, *, is_refused: bool = False) -> None:
        super().__init__(message)
        self.is_refused = is_refused


@dataclass(frozen=True, slots=True)
class BriefAnswer:
    """`headers` have names in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def ask_briefly(
    policy: EgressPolicy,
    method: str,
    url: str,
    *,
    seconds: float,
    largest: int,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> BriefAnswer:
    """Ask once, following no redirect. NoAnswer after so many seconds in all, and for more than `largest` bytes."""
    try:
        with (
            EgressClient(policy, timeout=seconds, total=seconds) as client,
            client.stream(method, url, data=form, headers={**_PLAIN, **(headers or {})}) as answer,
        ):
            body = _read(answer, largest)
            return BriefAnswer(answer.status_code, {**answer.headers}, body)
    except EgressRefused as error:
        raise NoAnswer(f"this address may not be reached from here: {error.message}", is_refused=True) from None
    except ControlPlaneError as error:
        raise NoAnswer(error.message) from None
    except httpx.TimeoutException:
        raise NoAnswer(f"{_host(url)} did not answer within {seconds:g} seconds") from None
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError, ValueError) as error:
        raise NoAnswer(f"{_host(url)}: {str(error)[:200] or type(error).__name__}") from None


def _read(answer: httpx.Response, largest: int) -> bytes:
    body = bytearray()
    for chunk in answer.iter_raw():
        body += chunk
        if len(body) > largest:
            raise ValueError(f"its answer is larger than {largest} bytes")
    return bytes(body)


def _host(url: str) -> str:
    try:
        return httpx.URL(url).host or "the address"
    except httpx.InvalidURL:
        return "the address"
