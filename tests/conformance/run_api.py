"""Cases that speak HTTP, against an instance that is started for the first of them and runs until the end.

Their addresses are those of an older generation and are translated. Where the contract has changed a status since, what
it says now is accepted beside what the case says.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from executions.simulator.stores import MemoryStores
from tests.bench.instance import ROOT, TENANT, Instance, running_instance
from tests.conformance.answers import Answers

KINDS = {"api", "kv_api"}
PATIENCE = 15.0
TERMINAL = frozenset({"SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED", "SKIPPED", "RETRIED"})
ALSO = {422: {404, 409, 422}, 202: {200, 202}, 204: {200, 204}}
"""What the contract answers today in place of a status: a wrong state is a conflict, and acts return the execution."""

_ACT = re.compile(r"/executions/(?P<id>[^/?]+)/(?P<act>restart|replay|kill|resume|force-run|unqueue)(?=\?|$)")
_NAMED = re.compile(r"\{(?P<name>\w+)\.(?P<what>id|taskrun\((?P<task>[^)]+)\)\.id)\}|\$(?P<bare>\w+)\.id")
Json = dict[str, Any]


def run_case(case: Mapping[str, Any], folder: Path) -> None:
    """Raises AssertionError with what differs."""
    server = _server()
    if case["kind"] == "kv_api":
        _check_pair(server, case)
        return
    run = _Run(server, case, folder)
    run.prepare()
    for step in case["steps"]:
        _STEPS[step["op"]](run, step)
    run.expect(case["expect"])


class Server:
    """The instance and a way to ask it."""

    def __init__(self, instance: Instance) -> None:
        headers = {"Authorization": f"Bearer {instance.token}"}
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{instance.port}", headers=headers, timeout=PATIENCE)

    def ask(self, method: str, path: str, **sent: Any) -> httpx.Response:
        return self.http.request(method, f"/api/v1/{TENANT}{path}", **sent)

    def execution(self, execution_id: str) -> Json:
        found: Json = self.ask("GET", f"/executions/{execution_id}").json()
        return found


@cache
def _server() -> Server:
    held = ExitStack()
    atexit.register(held.close)
    plugins = Path(held.enter_context(tempfile.TemporaryDirectory()))
    about = plugins / "conformance-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: conformance\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[orrery.plugins]\nencrypted = tests.conformance.custom_tasks:Encrypted\n")
    paths = os.pathsep.join((str(plugins), str(ROOT), os.environ.get("PYTHONPATH", "")))
    return Server(held.enter_context(running_instance(PYTHONPATH=paths)))


def _check_pair(server: Server, case: Mapping[str, Any]) -> None:
    address = f"/namespaces/io.namespace/kv/{case.get('key', 'my-key')}"
    server.ask("DELETE", "/namespaces/io.namespace/kv/my-key")
    if "stored_ion" in case:
        put = server.ask("PUT", address, content=case["stored_ion"], headers={"Content-Type": "text/plain"})
        assert put.status_code == 200, put.text
    expect = case["expect"]
    if "status" in expect:
        method = "GET" if "key" not in case else "PUT"
        answer = server.ask(method, address, content="1", headers={"Content-Type": "text/plain"})
        assert answer.status_code in ALSO.get(expect["status"], {expect["status"]}), answer.text
        _, _, detail = expect["message"].partition(": ")
        assert detail in answer.json()["message"], answer.text
        return
    shown = server.ask("GET", address).json()
    assert shown["type"] == expect["type"], shown
    assert json.dumps(shown["value"], separators=(",", ":")) == expect["value_json"], shown


class _Run:
    def __init__(self, server: Server, case: Mapping[str, Any], folder: Path) -> None:
        self.server, self.case, self.folder = server, case, folder
        self.ids: dict[str, str] = {}
        self.answers = Answers(MemoryStores(), lambda: datetime.now(UTC), {})

    def prepare(self) -> None:
        """An empty tenant with the flows of the case."""
        self.server.ask("DELETE", "/executions/by-query", params={"includeNonTerminated": "true"})
        self.server.ask("DELETE", "/flows/delete/by-query")
        for path in (*self.case["needs"].get("flows", ()), self.case["flow_file"]):
            source = self._file(path).read_bytes()
            made = self.server.ask("POST", "/flows", content=source, headers={"Content-Type": "application/x-yaml"})
            assert made.status_code == 200, made.text

    def _file(self, path: str) -> Path:
        return self.folder / self.case["files_local"][path]

    def _form(self, values: Mapping[str, Any]) -> Json:
        """Parts of a form; files keep their names."""
        parts: Json = {}
        for name, value in values.items():
            if isinstance(value, str) and value.startswith("$file:"):
                file = self._file(value.removeprefix("$file:"))
                parts[name] = (file.name, file.read_bytes())
            else:
                parts[name] = (None, str(value))
        return parts

    def run(self, step: Mapping[str, Any]) -> None:
        query = {}
        if step.get("until") == "CREATED":  # it begins at once here, but for one that has a date
            query["scheduleDate"] = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        sent: Json = {"params": query}
        inputs = step.get("inputs") or (self.case.get("inputs") if "flow" not in step else None)
        if inputs:
            sent["files"] = self._form(inputs)
        flow = f"/executions/{self.case['namespace']}/{step.get('flow', self.case['flow_id'])}"
        started = self.server.ask("POST", flow, **sent)
        assert started.status_code == 200, started.text
        name = step.get("as", "e")
        self.ids[name] = started.json()["id"]
        until = step.get("until", "TERMINATED")
        self._wait(name, until)
        expect = {key: wanted for key, wanted in (step.get("expect") or {}).items() if wanted != "TERMINATED"}
        self._check(self.server.execution(self.ids[name]), expect, None)

    def wait(self, step: Mapping[str, Any]) -> None:
        self._wait(step["of"], step["state"])

    def observe(self, step: Mapping[str, Any]) -> None:
        self._wait(step["of"], step["states_seen"][-1])
        histories = self.server.execution(self.ids[step["of"]])["state"]["histories"]
        seen = [each["state"] for each in histories]
        assert [state for state in seen if state in step["states_seen"]] == step["states_seen"], seen

    def _wait(self, name: str, state: str) -> None:
        def is_there() -> bool:
            current = self.server.execution(self.ids[name])["state"]["current"]
            return current in TERMINAL if state == "TERMINATED" else bool(current == state)

        assert _holds(is_there), f"never {state}: {self.server.execution(self.ids[name])['state']}"

    def http(self, step: Mapping[str, Any]) -> None:
        sent = self._sent(step)
        path = self._path(step["path"])
        answer = self.server.ask(step["method"], path, **sent)
        if "as" in step:
            self.ids[step["as"]] = answer.json()["id"]
        if "expect_status" in step:
            wanted = step["expect_status"]
            assert answer.status_code in ALSO.get(wanted, {wanted}), f"{answer.status_code}: {answer.text[:300]}"
        for part in _list(step.get("expect_body_contains")):
            assert part in answer.text, f"no {part!r} in {answer.text[:300]}"
        if "expect_body" in step:
            self._check_body(step, path, answer)
        if "expect" in step:
            assert answer.status_code == 200, answer.text
            origin = next(iter(self.ids.values()), None)
            self._check(answer.json(), step["expect"], origin)

    def _sent(self, step: Mapping[str, Any]) -> Json:
        if "multipart" in step:
            return {"files": self._form(step["multipart"])}
        if "json" in step:
            return {"json": step["json"]}
        if "body" not in step:
            return {}
        body = step["body"]
        return {"content": body} if isinstance(body, str) else {"json": [self._named(each) for each in body]}

    def _path(self, path: str) -> str:
        path = self._named(path).removeprefix("/api/v1")
        return _ACT.sub(r"/executions/\g<id>/actions/\g<act>", path)

    def _named(self, text: str) -> str:
        def meant(found: re.Match[str]) -> str:
            execution_id = self.ids[found["name"] or found["bare"]]
            if not found["task"]:
                return execution_id
            runs = self.server.execution(execution_id)["taskRunList"]
            return str(next(run["id"] for run in runs if run["taskId"] == found["task"]))

        return _NAMED.sub(meant, text)

    def _check_body(self, step: Mapping[str, Any], path: str, answer: httpx.Response) -> None:
        """What is asked comes in time: acts on many are done after their answer, which counts them under a new name."""
        wanted = dict(step["expect_body"])
        if "count" in wanted:
            wanted["totalItems"] = wanted.pop("count")
        shown = answer.json()

        def fits() -> bool:
            again = self.server.ask("GET", path).json() if step["method"] == "GET" else shown
            return self.answers.fits(again, wanted)

        assert _holds(fits), f"{shown} is not {wanted}"

    def eval(self, step: Mapping[str, Any]) -> None:
        execution = self.server.execution(self.ids[step["of"]])
        runs = execution["taskRunList"]
        run_id = runs[step["taskrun_index"]]["id"]
        answer = self.server.ask(
            "POST",
            f"/executions/{execution['id']}/actions/eval/{run_id}",
            content=step["expression"],
            headers={"Content-Type": "text/plain"},
        ).json()
        if "expect_error" in step:
            assert self.answers.fits(answer.get("error"), {"$contains": step["expect_error"]["contains"]}), answer
        elif "expect_json" in step:
            assert self.answers.fits(json.loads(answer["result"]), step["expect_json"]), answer
        else:
            wanted = step["expect"]
            wanted = runs[0]["id"] if wanted == "$taskrun[0].id" else wanted
            assert self.answers.fits(answer.get("result"), wanted), answer

    def expect(self, expect: Mapping[str, Any]) -> None:
        """What has become of an execution in the end, in time."""
        wanted = {key: each for key, each in expect.items() if key != "of"}
        if not wanted:
            return
        execution_id = self.ids[expect.get("of") or next(iter(self.ids))]
        problem: list[AssertionError] = []

        def fits() -> bool:
            try:
                self._check(self.server.execution(execution_id), wanted, None)
            except AssertionError as error:
                problem[:] = [error]
                return False
            return True

        if not _holds(fits):
            raise problem[0]

    def _check(self, shown: Json, expect: Mapping[str, Any], origin: str | None) -> None:
        runs = shown.get("taskRunList") or []
        labels = [[each["key"], each["value"]] for each in shown.get("labels") or []]
        answers: Json = {
            "id": shown.get("id"),
            "state": _state(shown, expect.get("state")),
            "flow_id": shown["flowId"],
            "parent_id": shown.get("parentId"),
            "inputs": shown.get("inputs"),
            "flow_outputs": shown.get("outputs"),
            "trigger": shown.get("trigger"),
            "taskrun_count": len(runs),
            "state_history_len": len(shown["state"]["histories"]),
            "labels": dict(labels),
            "labels_count": len(labels),
            "labels_prefix": labels[: len(expect.get("labels_prefix", ()))],
            "same_execution_id": shown["id"] == origin,
        }
        for name, wanted in expect.items():
            if name == "taskruns":
                for entry in wanted:
                    self._check_run(runs[entry["index"]], entry)
            elif name == "all_taskruns_state":
                assert {run["state"]["current"] for run in runs} == {wanted}
            else:
                assert self.answers.fits(answers[name], wanted), f"{name}: {answers[name]} is not {wanted}"

    def _check_run(self, run: Json, entry: Mapping[str, Any]) -> None:
        found = {"state": run["state"]["current"], "attempts": len(run.get("attempts") or [])}
        for name, value in found.items():
            assert entry.get(name, value) == value, f"{run['taskId']}.{name}: {value} is not {entry[name]}"


def _state(shown: Json, wanted: Any) -> Any:
    """One that was just created has begun already: its first state shows that it was."""
    state = shown["state"]
    return state["histories"][0]["state"] if wanted == "CREATED" else state["current"]


def _holds(condition: Callable[[], bool]) -> bool:
    """Now or soon."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _list(value: Any) -> list[str]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


_STEPS: dict[str, Callable[[_Run, Mapping[str, Any]], None]] = {
    "run": _Run.run,
    "wait": _Run.wait,
    "observe": _Run.observe,
    "http": _Run.http,
    "eval": _Run.eval,
}
