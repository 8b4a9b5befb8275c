"""Cases that run one task alone, and the small helpers tasks are made of."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from control_plane.kernel.words.egress import EgressPolicy
from executions.simulator.fleet import Done, Place, perform
from executions.simulator.services import answers_for
from executions.simulator.simulated import Line
from executions.simulator.stores import Stores
from flows.expressions.encryption import decrypt
from flows.model.parse import parse_document, parse_task
from plugins.contracts import LogLevel, State
from tests.conformance.matchers import Matching
from tests.conformance.messages import check_message
from tests.conformance.moments import StandingClock
from tests.conformance.simulated_stage import SimulatedRuns, key_of, with_custom_tasks
from tests.conformance.stages import FlowName
from tests.conformance.stored import check_needs, file_content, plain_value
from tests.conformance.stub_server import StubServer
from tests.conformance.task_helpers import HELPERS, check_kill
from tests.conformance.words import NOTES, only
from workers.runtime.services import Way

KINDS = {"task"}
Case = Mapping[str, Any]
RANDOM = "random"
FILE = "/file/storage/get.yml"
FILE_URI = f"kestra://{FILE}"
ITEMS = "/items.ion"
FLOW = {"id": "flow", "namespace": "io.kestra.unittest"}
_NOTHING = {"id": "nothing", "type": "io.kestra.plugin.core.log.Log", "message": "x"}


def run_case(case: Case, folder: Path) -> None:
    """Raises AssertionError with what differs."""
    check_needs(case.get("needs") or {})
    run = TaskRun(case, folder)
    try:
        run.check()
    finally:
        run.close()


class TaskRun:
    """A task with a directory, stores and an execution around it."""

    def __init__(self, case: Case, folder: Path) -> None:
        self.folder = folder
        self.server: StubServer | None = None
        self.case: Any = self._fill(case, StandingClock())
        self.needs: Any = self.case.get("needs") or {}
        self.workdir = Path(tempfile.mkdtemp(prefix="conformance-"))
        self.flow = {**FLOW, **((self.case.get("context") or {}).get("flow") or {})}
        self.runs = SimulatedRuns(key_of(self.needs))
        self.world = self.runs.world
        if self.server is not None:
            self.world.http_service = Way(EgressPolicy(allow_private=True))
        self._lay_out()
        flow = self._flow(self.flow["namespace"], self.flow["id"])
        self.execution = self.world.executions[self.world.start(flow.namespace, flow.flow_id).id]
        self.matching = Matching(
            read=self.runs.read,
            open_secret=self._open,
            now=self.runs.now,
            fill=lambda text: text.replace("$storage_content", self._file()).replace(
                "$execution.id", self.execution.id
            ),
            local_file=self.text,
        )

    def _flow(self, namespace: str, flow_id: str) -> FlowName:
        compiled = self.world.add(
            parse_document({"id": flow_id, "namespace": namespace.lower(), "tasks": [_NOTHING]}).flow
        )
        return FlowName(compiled.flow.namespace, compiled.flow.id)

    def _open(self, value: Any) -> Any:
        assert self.world.encryption_key is not None, "there is no key to open a secret with"
        return decrypt(self.world.encryption_key, value["value"] if isinstance(value, Mapping) else value)

    def _file(self) -> str:
        return self.runs.read(FILE_URI).decode()

    def close(self) -> None:
        shutil.rmtree(self.workdir, ignore_errors=True)
        if self.server is not None:
            self.server.close()

    def _fill(self, value: Any, clock: StandingClock) -> Any:
        if isinstance(value, dict):
            return {self._fill(key, clock): self._fill(each, clock) for key, each in value.items()}
        if isinstance(value, list):
            return [self._fill(each, clock) for each in value]
        if not isinstance(value, str):
            return value
        if "$server" in value:
            self.server = self.server or StubServer()
            value = value.replace("$server", self.server.url)
        value = value.replace("$random", RANDOM).replace("$storage_uri", FILE_URI)
        if value.startswith("$storage:"):
            return f"kestra://{value.removeprefix('$storage:')}"
        return f"kestra://{ITEMS}" if value == "$items" else clock.fill(value)

    def text(self, name: str) -> str:
        """A file of the corpus; one that is not there has some content all the same."""
        local = (self.case.get("files_local") or {}).get(name)
        found = self.folder / local if local else next(iter(self.folder.rglob(Path(name).name)), None)
        return found.read_text() if found else "content"

    def _lay_out(self) -> None:
        self.runs.stores.put(FILE, b"content")
        self.runs.lay_out(self.needs, self.text)
        for file in self.needs.get("execution_storage_files") or ():
            self.runs.stores.put(file["path"], file_content(file, self.text))
        for name, given in (self.needs.get("working_dir") or {}).items():
            place = self.workdir / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file_content(given, self.text) if isinstance(given, Mapping) else str(given).encode())
        if "items_ion" in self.needs:
            lines = (json.dumps(plain_value(item)) for item in self.needs["items_ion"])
            self.runs.stores.put(ITEMS, "".join(f"{line}\n" for line in lines).encode())
        for row in self.needs.get("executions") or ():
            self._insert(row)

    def _insert(self, row: Mapping[str, Any]) -> None:
        namespace = row.get("namespace", self.flow["namespace"])
        flow = self._flow(namespace, row.get("flow_id") or row.get("flowId") or self.flow["id"])
        now = datetime.now(UTC)
        dates = (row.get("start_date") or row.get("startDate"), row.get("end_date") or row.get("endDate"))
        start, end = (datetime.fromisoformat(each.replace("Z", "+00:00")) if each else now for each in dates)
        for _ in range(row.get("count", 1)):
            self.runs.insert(flow, row.get("state", "SUCCESS"), start, end)

    def check(self) -> None:
        if self.case.get("steps"):
            check_kill(self.case)
            return
        task = self.case["task"]
        if "helper" in task:
            helper = HELPERS.get(task["helper"])
            assert helper is not None, f"the helper {task['helper']} is unknown"
            helper(self, task)
            return
        for line in self.needs.get("logs") or ():
            level = LogLevel(line.get("level", "INFO"))
            self.execution.logs.append(Line(self.world.clock.now, level, line.get("message", ""), self.execution.id))
        only(self.case["expect"], EXPECTATIONS, "a task")
        done = [self.do(each) for each in task.get("sequence", [task])]
        self._expect(done, self.case["expect"])

    def do(self, document: Mapping[str, Any]) -> Done:
        task = parse_task(document, with_custom_tasks())
        return perform(task, self.place(), self.stores(), script=None, workdir=self.workdir)

    def place(self) -> Place:
        context = plain_value(self.case.get("context") or {})
        scope = {**context, "execution": {"id": self.execution.id, **(context.get("execution") or {})}}
        return Place(
            tenant="main",
            namespace=self.flow["namespace"],
            flow_id=self.flow["id"],
            execution_id=self.execution.id,
            task_run_id="run",
            attempt=1,
            value=None,
            scope={**scope, "flow": self.flow},
        )

    def stores(self) -> Stores:
        answers = answers_for(self.world, self.execution, None)
        folder, way = "/tasks/t/run", self.world.http_service
        return Stores(self.runs.stores, folder, self.flow["namespace"], answers, lambda name: None, way)

    def _expect(self, done: list[Done], expect: Mapping[str, Any]) -> None:
        last = done[-1]
        may_fail = any(name in expect for name in ("error", "sequence", "state"))
        assert may_fail or last.state is not State.FAILED, last.error
        for name, wanted in expect.items():
            if name not in NOTES:
                EXPECTATIONS[name](self, done, wanted)

    def fits(self, answer: Any, wanted: Any, what: str, *, exact: bool = False) -> None:
        is_fitting = self.matching.fits(answer, wanted, exact=exact)
        assert is_fitting, f"{what}: {str(answer)[:300]} is not {str(wanted)[:300]}"


def _outputs(this: TaskRun, done: list[Done], wanted: Any) -> None:
    this.fits(dict(done[-1].outputs), _with_contents(wanted, this.runs.read(FILE_URI).decode()), "outputs")


def _outputs_exact(this: TaskRun, done: list[Done], wanted: Any) -> None:
    this.fits(dict(done[-1].outputs), _with_contents(wanted, this.runs.read(FILE_URI).decode()), "outputs", exact=True)


def _with_contents(wanted: Any, content: str) -> Any:
    """`content + "\\n"` means the file that every case has."""
    if isinstance(wanted, list):
        return [_with_contents(each, content) for each in wanted]
    if not isinstance(wanted, dict):
        return wanted
    name = "$storage_content_equals"
    filled = {key: _with_contents(each, content) for key, each in wanted.items()}
    terms = filled.get(name)
    if isinstance(terms, str) and all(term == "content" or term.startswith('"') for term in terms.split(" + ")):
        filled[name] = "".join(content if term == "content" else json.loads(term) for term in terms.split(" + "))
    return filled


def _error(this: TaskRun, done: list[Done], wanted: Any) -> None:
    last = done[-1]
    assert last.state is State.FAILED, "it succeeded"
    check_message(wanted, last.error or "")


def _sequence(this: TaskRun, done: list[Done], wanted: Any) -> None:
    for each, expected in zip(done, wanted, strict=True):
        if "error" in expected:
            _error(this, [each], expected["error"] or True)
        else:
            assert each.state is not State.FAILED, each.error
            this.fits(dict(each.outputs), expected.get("outputs") or {}, "outputs")


def _outputs_sequence(this: TaskRun, done: list[Done], wanted: Any) -> None:
    for each, expected in zip(done, wanted, strict=True):
        this.fits(dict(each.outputs), expected, "outputs")


def _kv(this: TaskRun, done: list[Done], wanted: Any) -> None:
    for namespace, pairs in wanted.items():
        own = this.flow["namespace"] if namespace == "$flow.namespace" else namespace
        for key, value in pairs.items():
            this.fits(this.runs.stores.kv.get((own, key)), value, key)


def _kv_ends(this: TaskRun, done: list[Done], wanted: Any) -> None:
    for key, bounds in wanted.items():
        ends = [end for (_, name), end in this.runs.stores.kv_ends.items() if name == key]
        assert len(ends) == 1, f"{key} is kept {len(ends)} times"
        this.fits(ends[0] and ends[0].isoformat(), bounds, f"end of {key}")


def _items(this: TaskRun, done: list[Done], wanted: Any) -> None:
    content = this.runs.read(done[-1].outputs["uri"]).decode()
    found = [json.loads(line) for line in content.splitlines() if line]
    this.fits(found, plain_value(wanted), "items")


def _concatenated(this: TaskRun, done: list[Done], wanted: Any) -> None:
    joined = b"".join(this.runs.read(uri) for uri in done[-1].outputs["uris"])
    assert (joined == this.runs.read(FILE_URI)) is wanted, "the parts are not the whole"


def _namespace_file_count(this: TaskRun, done: list[Done], wanted: Any) -> None:
    this.fits(sum(map(len, this.runs.stores.namespace_files.values())), wanted, "files of the namespace")


def _namespace_files(this: TaskRun, done: list[Done], wanted: Any) -> None:
    for namespace, files in wanted.items():
        own = this.flow["namespace"] if namespace == "$flow.namespace" else namespace
        there = {path: content.decode() for path, content in this.runs.stores.namespace_files.get(own, {}).items()}
        this.fits(sorted(there) if isinstance(files, list) else there, files, f"files of {own}")


def _working_dir(this: TaskRun, done: list[Done], wanted: Any) -> None:
    for name, text in wanted.items():
        place = this.workdir / name
        this.fits(place.read_text() if place.exists() else None, text, name)


def _logs(this: TaskRun, done: list[Done], wanted: Any) -> None:
    lines = [(level.value, message) for each in done for level, message in each.logs]
    for entry in wanted:
        checks = {name: text for name, text in entry.items() if name != "level"}
        found = [message for level, message in lines if entry.get("level", level) == level]
        assert any(_says(message, checks) for message in found), f"no line {entry} in {lines}"


def _says(message: str, checks: Mapping[str, Any]) -> bool:
    try:
        check_message(checks, message)
    except AssertionError as error:
        if "unknown" in str(error):
            raise
        return False
    return True


def _metrics(this: TaskRun, done: list[Done], wanted: Any) -> None:
    found = [
        {"type": each.type, "name": each.name, "value": each.value, "tags": each.tags} for each in done[-1].metrics
    ]
    for entry in wanted:
        shaped = dict(zip(("type", "name", "value", "tags"), entry, strict=False)) if isinstance(entry, list) else entry
        assert any(this.matching.fits(each, shaped) for each in found), f"no metric {entry} in {found}"


def _storage(this: TaskRun, done: list[Done], wanted: Any) -> None:
    for name, content in wanted.items():
        value: Any = {"outputs": dict(done[-1].outputs)}
        if name.startswith("$"):
            for key in name.removeprefix("$").split("."):
                value = value[key]
        else:
            value = name if name.startswith("kestra://") else f"kestra://{name}"
        this.fits(value, {"$storage_content": content}, name)


EXPECTATIONS: dict[str, Callable[[TaskRun, list[Done], Any], None]] = {
    "outputs": _outputs,
    "outputs_exact": _outputs_exact,
    "outputs_sequence": _outputs_sequence,
    "error": _error,
    "sequence": _sequence,
    "state": lambda this, done, wanted: this.fits(done[-1].state.value, wanted, "state"),
    "labels": lambda this, done, wanted: this.fits(dict(done[-1].labels), wanted, "labels"),
    "kv": _kv,
    "kv_expiration": _kv_ends,
    "items": _items,
    "concatenated_equals_source": _concatenated,
    "namespace_file_count": _namespace_file_count,
    "namespace_files": _namespace_files,
    "working_dir": _working_dir,
    "output_count": lambda this, done, wanted: this.fits(len(done[-1].outputs), wanted, "outputs"),
    "logs": _logs,
    "metrics": _metrics,
    "storage_content": _storage,
    "duration_seconds": lambda this, done, wanted: this.fits(done[-1].took.total_seconds(), wanted, "duration"),
}
