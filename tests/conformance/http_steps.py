"""Steps that speak HTTP. Their addresses may be of an older generation; then they are translated.

Where the contract has changed a status since, what it says now is accepted beside what the case says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import httpx

from tests.conformance.expectations import expect
from tests.conformance.live import Api, holds_soon, message_of
from tests.conformance.looking import short
from tests.conformance.messages import check_message
from tests.conformance.seen import seen_answer
from tests.conformance.served_stage import PATIENCE, parts

if TYPE_CHECKING:
    from tests.conformance.playing import Played

Json = Mapping[str, Any]
ALSO = {422: {404, 409, 422}, 202: {200, 202}, 204: {200, 204}, 201: {200, 201}}
"""What the contract answers today in place of a status: a wrong state is a conflict, and acts return the execution."""
_ACT = re.compile(
    r"/executions/(?P<id>[^/?]+)/(?P<act>restart|replay-with-inputs|replay|kill|pause|resume-from-breakpoint|resume"
    r"|force-run|unqueue|state|labels|change-status|eval)(?=[/?]|$)"
)
_STARTED = re.compile(r"^/executions/trigger/")
_RENAMED = {"count": "totalItems"}
"""Names of an answer that have another one by now, where the case's own is absent."""


def translated(path: str) -> str:
    """An address of any generation as one below the tenant."""
    below = re.sub(r"^/?api/v1(/main(?=/))?", "", path)
    below = below if below.startswith("/") else f"/{below}"
    below = _STARTED.sub("/executions/", below)
    if re.match(r"/executions/(restart|replay|kill|pause|resume|force-run|unqueue|labels|change-status)/by-", below):
        return below
    return _ACT.sub(r"/executions/\g<id>/actions/\g<act>", below)


class HttpSteps:
    """Asks a server what the steps of a case say."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def step(self, played: Played, step: Json) -> None:
        path = translated(str(played.matching.fill(step["path"])))
        answer = self.api.ask(step["method"], path, **self._sent(played, step))
        self._check_status(step, answer)
        for part in _list(step.get("expect_body_contains")):
            wanted = played.matching.fill(part)
            assert wanted in answer.text, f"no {wanted!r} in {answer.text[:300]}"
        for name, wanted in (step.get("expect_headers") or {}).items():
            assert played.matching.fits(answer.headers.get(name), wanted), f"{name}: {answer.headers.get(name)}"
        if "as" in step:
            played.named[step["as"]] = _body(answer)["id"]
        for name in ("expect_body", "expect_json"):
            if name in step:
                self._check_body(played, step, path, answer, step[name])
        if step.get("expect"):
            assert answer.status_code < 300, message_of(answer)
            self._check_execution(played, step, answer)

    def _check_status(self, step: Json, answer: httpx.Response) -> None:
        said = f"{answer.status_code}: {answer.text[:300]}"
        if "expect_status" in step:
            wanted = step["expect_status"]
            assert answer.status_code in ALSO.get(wanted, {wanted}), said
        if "expect_status_error" in step:
            wanted = step["expect_status_error"]
            status = wanted if isinstance(wanted, int) else None
            assert answer.status_code >= 400, said
            assert status is None or answer.status_code in ALSO.get(status, {status}), said
        if "expect_error" in step:
            assert answer.status_code >= 400, said
            check_message(step["expect_error"], message_of(answer))

    def _sent(self, played: Played, step: Json) -> dict[str, Any]:
        sent: dict[str, Any] = {}
        headers = dict(step.get("headers") or {})
        if "multipart" in step:
            sent |= parts({key: played.input(value) for key, value in step["multipart"].items()})
        elif "form" in step:
            sent["data"] = {key: played.input(value) for key, value in step["form"].items()}
        elif "json" in step:
            sent["json"] = played.input(step["json"])
        elif isinstance(step.get("body"), str):
            body = played.matching.fill(step["body"])
            sent["content"] = body
            if body.lstrip().startswith(("id:", "#")):
                headers.setdefault("Content-Type", "application/x-yaml")
        elif step.get("body") is not None:
            sent["json"] = played.input(step["body"])
        if "content_type" in step:
            headers["Content-Type"] = step["content_type"]
        return {**sent, "headers": headers} if headers else sent

    def _check_body(self, played: Played, step: Json, path: str, answer: httpx.Response, wanted: Any) -> None:
        """What is asked for comes in time; other acts have answered once."""
        shown = _body(answer)

        def is_fitting() -> bool:
            nonlocal shown
            if step["method"] == "GET":
                shown = _body(self.api.ask("GET", path, **self._sent(played, step)))
            return played.matching.fits(shown, _renamed(shown, wanted))

        if step["method"] == "GET":
            assert holds_soon(is_fitting, PATIENCE), f"{short(shown)} is not {wanted}"
        else:
            assert is_fitting(), f"{short(shown)} is not {wanted}"

    def _check_execution(self, played: Played, step: Json, answer: httpx.Response) -> None:
        shown = _body(answer)
        assert isinstance(shown, dict) and "state" in shown, f"{short(shown)} is no execution"
        seen = seen_answer(shown)
        origin = next(iter(played.named.values()), None)
        wanted = dict(step["expect"])
        if wanted.get("state") == "CREATED" and seen.history[:1] == ["CREATED"]:
            wanted.pop("state")  # one that was just created has begun already
        expect(played, seen, wanted, played.see(origin) if origin else None)


def _renamed(shown: Any, wanted: Any) -> Any:
    if not isinstance(wanted, Mapping) or not isinstance(shown, Mapping):
        return wanted
    return {_RENAMED[key] if key in _RENAMED and key not in shown else key: value for key, value in wanted.items()}


def _body(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except json.JSONDecodeError:
        return answer.text


def _list(value: Any) -> list[str]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
