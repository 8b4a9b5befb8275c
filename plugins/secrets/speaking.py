"""Requests to a place that keeps secrets, and what its answers mean whatever place it is."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from control_plane.kernel.words.egress import EgressClient, EgressPolicy, EgressRefused, NameUnknown
from plugins.secrets.port import BackendAway, BackendBusy, BackendFailed, BackendMisconfigured, BackendRefused

T = TypeVar("T")

_LONGEST_REASON = 200
_MOST_BYTES = 16 * 1024 * 1024
_MISSED_BY = 30.0
"""Seconds before its end at which a token counts as ended."""


@dataclass(frozen=True, slots=True)
class Answer:
    status_code: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def ok(self) -> bool:
        return self.status_code < 400

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        return json.loads(self.content)


class Speaker:
    """Speaks with one address. Every failure of network and protocol is a BackendFailed that names the address."""

    def __init__(
        self, address: str, policy: EgressPolicy, *, timeout: float, ca: str | None = None, name: str = ""
    ) -> None:
        self.address = address.rstrip("/")
        self.name = name or self.address
        self._timeout = timeout
        self._client = EgressClient(policy, verify=_context(ca) if ca else True, timeout=timeout)

    def ask(
        self,
        method: str,
        path: str,
        *,
        accepted: Collection[int] = (200,),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Answer:
        """The answer whose status is one of the accepted.

        Others: 401 and 403 are BackendRefused, 429 is BackendBusy, 408 and 5xx are BackendAway, the rest is
        BackendMisconfigured. `path` may be a whole address of the same place, as links to next pages are.
        """
        answer = self.answer(method, path, headers=headers, **more)
        if answer.status_code in accepted:
            return answer
        raise self.refusal(answer)

    def answer(self, method: str, path: str, **more: Any) -> Answer:
        """Whatever it answers, whole and in time."""
        url = path if path.startswith(f"{self.address}/") else f"{self.address}{path}"
        end = time.monotonic() + self._timeout
        try:
            with self._client.stream(method, url, **more) as response:
                return Answer(response.status_code, response.headers, self._content(response, end))
        except httpx.TimeoutException:
            raise self._too_slow() from None
        except httpx.HTTPError as error:
            raise BackendAway(f"{self.name} cannot be reached: {_plain(error)}") from None
        except httpx.InvalidURL as error:
            raise BackendMisconfigured(f"{self.name} is no address: {error}") from None
        except (EgressRefused, NameUnknown) as error:
            raise BackendMisconfigured(f"{self.name} cannot be reached: {error.message}") from None

    def _content(self, response: httpx.Response, end: float) -> bytes:
        """An answer that comes drop by drop, or never ends, takes neither more time nor more room than others."""
        content = bytearray()
        for piece in response.iter_bytes():
            content += piece
            if len(content) > _MOST_BYTES:
                raise BackendMisconfigured(f"{self.name} answered with more than {_MOST_BYTES // 1024 // 1024} MB")
            if time.monotonic() > end:
                raise self._too_slow()
        return bytes(content)

    def _too_slow(self) -> BackendAway:
        return BackendAway(f"{self.name} did not answer within {self._timeout:g} s")

    def refusal(self, answer: Answer) -> BackendFailed:
        """What an answer means that is no success."""
        status = answer.status_code
        told = f"{self.name} answered {status}{_reason(answer)}"
        if status in (401, 403):
            return BackendRefused(told)
        if status == 429:
            return BackendBusy(f"{told}: it asks for patience", retry_after(answer.headers))
        if status == 408 or status >= 500:
            return BackendAway(told)
        return BackendMisconfigured(told)

    def json(self, answer: Answer) -> Any:
        try:
            return answer.json()
        except (ValueError, RecursionError):
            raise BackendMisconfigured(f"{self.name} answered with what is no JSON") from None

    def close(self) -> None:
        self._client.close()


class Token:
    """What a sign-in brought, kept until shortly before its end; one thread signs in for all."""

    def __init__(
        self, sign_in: Callable[[str | None], tuple[str, float | None]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`sign_in` is told the token that is about to end, and gives one with the seconds it lives, if it ends."""
        self._sign_in = sign_in
        self._clock = clock
        self._lock = threading.Lock()
        self._value: str | None = None
        self._until: float | None = None

    def value(self) -> str:
        with self._lock:
            if self._value is None or (self._until is not None and self._clock() >= self._until):
                self._value, lifetime = self._sign_in(self._value)
                self._until = None if lifetime is None else self._clock() + max(lifetime - _MISSED_BY, lifetime / 2)
            return self._value

    def forget(self, used: str) -> None:
        """It was refused: sign in again, unless somebody has."""
        with self._lock:
            if self._value == used:
                self._value = None

    def using(self, act: Callable[[str], T]) -> T:
        """Do it; a token that was taken back meanwhile is replaced once."""
        token = self.value()
        try:
            return act(token)
        except BackendRefused:
            self.forget(token)
        return act(self.value())


def retry_after(headers: Mapping[str, str]) -> float | None:
    """In seconds; dates are not counted with."""
    text = headers.get("retry-after", "")
    return float(text) if text.isdigit() else None


def _reason(answer: Answer) -> str:
    """What it says went wrong, shortened to one line, where it says so in one of the usual shapes."""
    try:
        body = answer.json()
    except (ValueError, RecursionError):
        return ""
    found = _text_of(body)
    return f" ({' '.join(found.split())[:_LONGEST_REASON]})" if found else ""


def _text_of(body: Any) -> str:
    if isinstance(body, str):
        return body
    if isinstance(body, list):
        return _text_of(body[0]) if body else ""
    if isinstance(body, Mapping):
        for name in ("message", "Message", "error_description", "messages", "errors", "error", "reason", "code"):
            if body.get(name):
                return _text_of(body[name])
    return ""


def _plain(error: httpx.HTTPError) -> str:
    text = " ".join(str(error).split())[:_LONGEST_REASON]
    return text or type(error).__name__


def _context(ca: str) -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    try:
        context.load_verify_locations(cadata=ca)
    except (ssl.SSLError, ValueError):
        raise BackendMisconfigured("caCertificate is no certificate in PEM") from None
    return context
