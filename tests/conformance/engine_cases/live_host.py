"""A running instance as a host of measured cases, over HTTP."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from tests.conformance.engine_cases.playing import END, ENDED, Answer, Step
from tests.conformance.live import Api, form, holds_soon, message_of
from tests.conformance.seen import Seen, seen_answer

SETTLE = 0.4
"""Seconds until what follows an end stands in the record."""
OPEN = frozenset({"CREATED", "RUNNING", "SUBMITTED", "RETRYING"})
_YAML = {"Content-Type": "application/x-yaml"}
_ACTIONS = {"kill": "DELETE"}


@dataclass(frozen=True, slots=True)
class LiveHost:
    """One namespace of an instance for one case."""

    api: Api
    namespace: str

    def save(self, source: str) -> Answer:
        return _answer(self.api.ask("POST", "/flows", content=source, headers=_YAML))

    def start(self, flow: str, step: Step) -> Answer:
        query = [("labels", label) for label in step.get("labels", ())]
        query += [tuple(part.split("=", 1)) for part in step.get("query", "").split("&") if part]
        path = f"/executions/{self.namespace}/{flow}"
        return _answer(self.api.ask("POST", path, params=query, **_form(step)))

    def act(self, name: str, execution_id: str, step: Step) -> Answer:
        path = f"/executions/{execution_id}/actions/"
        if name == "replay":
            answer = self.api.ask("POST", f"{path}replay", params=self._from(execution_id, step))
        elif name == "state":
            body = {"taskRunId": self._run_id(execution_id, step), "state": step["to"]}
            answer = self.api.ask("POST", f"{path}state", json=body)
        elif name == "resume-bp":
            answer = self.api.ask("POST", f"{path}resume-from-breakpoint")
        else:
            answer = self.api.ask(_ACTIONS.get(name, "POST"), f"{path}{name}", **_form(step))
        time.sleep(0.3 if name in ("resume", "restart", "pause", "state") else 0)
        return _answer(answer)

    def _from(self, execution_id: str, step: Step) -> dict[str, str]:
        return {"taskRunId": self._run_id(execution_id, step) or "missing"} if step.get("task") else {}

    def _run_id(self, execution_id: str, step: Step) -> str | None:
        for run in self.api.execution(execution_id).get("taskRunList") or ():
            if run["taskId"] == step["task"] and step.get("value") in (None, run.get("value")):
                return str(run["id"])
        return None

    def until(self, execution_id: str, state: str, limit: float) -> str | None:
        def current() -> str:
            return str(self.api.execution(execution_id)["state"]["current"])

        def is_there() -> bool:
            return current() in (ENDED if state == END else ENDED | {state})

        if holds_soon(is_there, limit) and state == END:
            time.sleep(SETTLE)
            holds_soon(lambda: self._is_at_rest(execution_id), limit / 4)
        found = current()
        is_reached = found in ENDED if state == END else found == state
        return None if is_reached else found

    def _is_at_rest(self, execution_id: str) -> bool:
        shown = self.api.execution(execution_id)
        return not any(run["state"]["current"] in OPEN for run in shown.get("taskRunList") or ())

    def rest(self, seconds: float) -> None:
        time.sleep(seconds)

    def see(self, execution_id: str) -> Seen:
        found = self.api.see(execution_id)
        for run in found.runs:
            resumed = run.outputs.get("resumed")
            if isinstance(resumed, dict):
                resumed.pop("by", None)  # the server of the cases knows nobody
        return found

    def _search(self, **more: str) -> list[dict[str, Any]]:
        query = {"size": "100", "sort": "state.startDate:asc", "filters[namespace][EQUALS]": self.namespace, **more}
        answer = self.api.ask("GET", "/executions/search", params=query)
        return list(answer.json().get("results", ())) if answer.status_code == 200 else []

    def of_flow(self, flow: str, count: int | None, limit: float) -> Sequence[str]:
        def found() -> list[dict[str, Any]]:
            return [each for each in self._search() if each["flowId"] == flow]

        def are_there() -> bool:
            here = found()
            has_all = count is None or len(here) >= count
            return has_all and all(each["state"]["current"] in ENDED for each in here)

        holds_soon(are_there, limit)
        return [each["id"] for each in sorted(found(), key=lambda each: str(each["state"]["startDate"]))]

    def loops(self) -> Sequence[Seen]:
        return [seen_answer(each) for each in self._search(**{"filters[kind][EQUALS]": "LOOP"})]

    def pair(self, key: str) -> Answer:
        return _answer(self.api.ask("GET", f"/namespaces/{self.namespace}/kv/{key}"))

    def validate(self, flow: str, step: Step) -> Answer:
        return _answer(self.api.ask("POST", f"/executions/{self.namespace}/{flow}/validate", **_form(step)))


def _form(step: Step) -> dict[str, Any]:
    """A form without parts is a form all the same: the contract asks for one."""
    sent = form(step.get("inputs") or {}, step.get("files"))
    return sent or {"headers": {"Content-Type": "multipart/form-data; boundary=x"}}


def _answer(answer: httpx.Response) -> Answer:
    if answer.status_code >= 300:
        return Answer(answer.status_code, message_of(answer))
    found = answer.json() if answer.content else None
    id = found.get("id") if isinstance(found, dict) else None
    return Answer(answer.status_code, id=id, found=found)
