"""A running instance that cases are played on: LIVE=1, with its address, token and tenant in the environment."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx

from tests.conformance.seen import Seen, seen_answer

PAUSE = 0.1
SECONDS = 60.0
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Api:
    """One tenant of an instance."""

    http: httpx.Client
    tenant: str

    def ask(self, method: str, path: str, **sent: Any) -> httpx.Response:
        """`path` stands below the tenant, or is whole when it begins with `/api/`."""
        whole = path if path.startswith("/api/") else f"/api/v1/{self.tenant}{path}"
        return self.http.request(method, whole, **sent)

    def execution(self, execution_id: str) -> Json:
        found: Json = self.ask("GET", f"/executions/{execution_id}").json()
        return found

    def see(self, execution_id: str) -> Seen:
        """An execution with what is told apart from it: outputs of task runs, log lines, metrics."""
        shown = self.execution(execution_id)
        for run in shown.get("taskRunList") or ():
            if run.get("outputs") is None:
                found = self.ask("GET", f"/outputs/{execution_id}/{run['id']}")
                run["outputs"] = found.json() if found.status_code == 200 and found.content else {}
        logs = _listed(self.ask("GET", f"/logs/{execution_id}"))
        metrics = _listed(self.ask("GET", f"/metrics/{execution_id}", params={"size": "200"}))
        return seen_answer(shown, logs, metrics)


def _listed(answer: httpx.Response) -> list[Json]:
    found = answer.json() if answer.status_code == 200 else []
    return list(found.get("results", ()) if isinstance(found, dict) else found)


def is_live() -> bool:
    return os.environ.get("LIVE") == "1"


@cache
def live_api() -> Api:
    """The instance of CONFORMANCE_URL; a token, or user and password of CONFORMANCE_USER as `name:word`."""
    base = os.environ.get("CONFORMANCE_URL", "http://127.0.0.1:8090")
    token, user = os.environ.get("CONFORMANCE_TOKEN"), os.environ.get("CONFORMANCE_USER")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    name, _, word = (user or "").partition(":")
    http = httpx.Client(base_url=base, headers=headers, auth=(name, word) if user else None, timeout=SECONDS)
    return Api(http, os.environ.get("CONFORMANCE_TENANT", "main"))


def holds_soon(condition: Callable[[], bool], seconds: float) -> bool:
    """Ask again and again; another process moves on meanwhile, so there is nothing to wait for but time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE)
    return True


def message_of(answer: httpx.Response) -> str:
    """What is wrong, with the single errors that a body of the contract carries below it."""
    try:
        body = answer.json()
    except ValueError:
        return answer.text[:600]
    if not isinstance(body, dict):
        return str(body)[:600]
    inner = sorted(str(each.get("message")) for each in (body.get("_embedded") or {}).get("errors") or ())
    texts = dict.fromkeys(text for text in (body.get("message") or "", *inner) if text)
    return "; ".join(texts) or json.dumps(body)[:300]


def form(fields: Mapping[str, Any], files: Mapping[str, Any] | None = None) -> Json:
    """Parts of a multipart form as the client sends them; `{}` when there are none."""
    parts: Json = {}
    for name, value in fields.items():
        parts[name] = (None, value if isinstance(value, str) else json.dumps(value))
    for name, file in (files or {}).items():
        file_name, content = file if isinstance(file, list) else ("up.txt", file)
        parts[name] = (file_name, content.encode() if isinstance(content, str) else content)
    return {"files": parts} if parts else {}
