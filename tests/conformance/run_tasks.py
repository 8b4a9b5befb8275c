"""Cases that run one task alone, and the small helpers tasks are made of."""

from __future__ import annotations

import base64
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from control_plane.kernel.words.durations import parse_duration
from control_plane.kernel.words.egress import EgressPolicy
from executions.engine import events as ev
from executions.simulator.fleet import Done, Place, perform
from executions.simulator.services import answers_for
from executions.simulator.simulated import Line
from executions.simulator.stores import MemoryStores, Stores
from executions.simulator.world import Simulator
from flows.model.parse import parse_document, parse_task
from plugins.contracts import LogLevel, State
from plugins.working_directory.files import put_input_files, store_output_files
from tests.conformance.answers import Answers
from tests.conformance.run_flows import content_of
from tests.conformance.stub_server import StubServer
from workers.runtime.services import Way

KINDS = {"task"}
Case = Mapping[str, Any]
RANDOM = "random"
FLOW = {"id": "flow", "namespace": "io.kestra.unittest"}


def run_case(case: Case, folder: Path) -> None:
    """Raises AssertionError with what differs."""
    run = _Run(case, folder)
    try:
        run.check()
    finally:
        run.close()


class _Run:
    def __init__(self, case: Case, folder: Path) -> None:
        self.folder = folder
        self.server: StubServer | None = None
        self.case: Any = self._fill(case)
        self.memory_stores = MemoryStores()
        self.workdir = Path(tempfile.mkdtemp(prefix="conformance-"))
        self.flow = {**FLOW, **(self.case.get("context", {}).get("flow") or {})}
        self.world = Simulator(
            memory_stores=self.memory_stores,
            now=datetime.now(UTC),
            encryption_key=self._key(),
            http_service=Way(EgressPolicy(allow_private=True)) if self.server else None,
        )
        self._lay_out()
        flow = self.world.add(parse_document({**_only_ids(self.flow), "tasks": [_NOTHING]}).flow)
        self.execution = self.world.start(flow.flow.namespace, flow.flow.id)
        self.answers = Answers(
            self.memory_stores, lambda: self.world.clock.now, self._names(), self.world.encryption_key
        )

    def _names(self) -> dict[str, str]:
        return {"$storage_content": self.memory_stores.read("kestra:///file/storage/get.yml").decode()}

    def close(self) -> None:
        shutil.rmtree(self.workdir, ignore_errors=True)
        if self.server is not None:
            self.server.close()

    def _fill(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {self._fill(key): self._fill(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._fill(each) for each in value]
        if not isinstance(value, str):
            return value
        if "$server" in value:
            self.server = self.server or StubServer()
            value = value.replace("$server", self.server.url)
        value = value.replace("$random", RANDOM).replace("$storage_uri", "kestra:///file/storage/get.yml")
        for whole, moment in _MOMENTS.items():
            if whole in value:
                value = value.replace(whole, (datetime.now(UTC) + moment).isoformat())
        return value.replace("$items", "kestra:///items.ion") if value == "$items" else value

    def _key(self) -> bytes | None:
        key = (self.case["needs"].get("config") or {}).get("kestra.encryption.secret-key")
        return base64.b64decode(key) if key else None

    def _lay_out(self) -> None:
        needs = self.case["needs"]
        self.memory_stores.put("/file/storage/get.yml", b"content")
        for file in needs.get("storage_files", ()):
            self.memory_stores.put(file["path"], self._content(file))
        for name, text in (needs.get("working_dir") or {}).items():
            (self.workdir / name).write_text(text)
        for namespace, files in (needs.get("namespace_files") or {}).items():
            self.memory_stores.namespace_files[namespace] = {path: text.encode() for path, text in files.items()}
        for namespace, pairs in (needs.get("kv") or {}).items():
            self.memory_stores.kv.update({(namespace, key): _plain(value) for key, value in pairs.items()})
        if "items_ion" in needs:
            lines = (json.dumps(_plain(item)) for item in needs["items_ion"])
            self.memory_stores.put("/items.ion", "".join(f"{line}\n" for line in lines).encode())

    def _content(self, file: Mapping[str, Any]) -> bytes:
        if "from" in file:
            local = self.case.get("files_local", {}).get(file["from"])
            return (self.folder / local).read_bytes() if local else b"content"
        return content_of(file).encode()

    def check(self) -> None:
        if self.case.get("steps"):
            _check_kill(self.case)
            return
        task = self.case["task"]
        if "helper" in task:
            _HELPERS[task["helper"]](self, task)
            return
        for line in self.case["needs"].get("logs", ()):
            level = LogLevel(line["level"])
            self.execution.logs.append(Line(self.world.clock.now, level, line["message"], self.execution.id))
        done = [self.do(each) for each in task.get("sequence", [task])]
        self._expect(done, self.case["expect"])

    def do(self, document: Mapping[str, Any]) -> Done:
        place = self.place()
        return perform(parse_task(document), place, self.stores(), script=None, workdir=self.workdir)

    def place(self) -> Place:
        scope = {**_plain(self.case.get("context", {})), "execution": {"id": self.execution.id}}
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
        return Stores(
            self.memory_stores,
            "/tasks/t/run",
            self.flow["namespace"],
            answers,
            lambda name: None,
            self.world.http_service,
        )

    def _expect(self, done: list[Done], expect: Mapping[str, Any]) -> None:
        last = done[-1]
        if "error" not in expect and "sequence" not in expect:
            assert last.state is not State.FAILED, last.error
        for name, wanted in expect.items():
            _EXPECTATIONS[name](self, done, wanted)

    def fits(self, answer: Any, wanted: Any, what: str) -> None:
        assert self.answers.fits(answer, _plain(wanted)), f"{what}: {str(answer)[:300]} is not {str(wanted)[:300]}"


_NOTHING = {"id": "nothing", "type": "io.kestra.plugin.core.log.Log", "message": "x"}
_MOMENTS = {
    "{now+PT1M}": timedelta(minutes=1),
    "{now+PT4M}": timedelta(minutes=4),
    "{now+PT6M}": timedelta(minutes=6),
}


def _only_ids(flow: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": flow["id"], "namespace": flow["namespace"].lower()}


def _plain(value: Any) -> Any:
    """Typed values as JSON holds them."""
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)) in ("$instant", "$double", "$float32", "$long"):
            return next(iter(value.values()))
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _outputs(this: _Run, done: list[Done], wanted: Any) -> None:
    outputs = dict(done[-1].outputs)
    if isinstance(wanted, dict):
        for matcher in ("$storage_content_equals",):
            for name, each in wanted.items():
                if isinstance(each, dict) and matcher in each:
                    content = this.memory_stores.read("kestra:///file/storage/get.yml").decode()
                    each["$storage_content"] = "".join(_terms(each.pop(matcher), content))
                    wanted[name] = each
    this.fits(outputs, wanted, "outputs")


def _terms(text: str, content: str) -> list[str]:
    """`content + "\\n"` as a list of texts."""
    return [content if term == "content" else json.loads(term) for term in text.split(" + ")]


def _error(this: _Run, done: list[Done], wanted: Any) -> None:
    last = done[-1]
    assert last.state is State.FAILED, "it succeeded"
    message = last.error or ""
    if "equals" in wanted:
        assert message == wanted["equals"], message
    for part in ("contains", "message_contains"):
        if part in wanted:
            assert wanted[part] in message, message


def _sequence(this: _Run, done: list[Done], wanted: Any) -> None:
    for each, expected in zip(done, wanted, strict=True):
        if "error" in expected:
            assert each.state is State.FAILED
        else:
            assert each.state is not State.FAILED, each.error


def _kv(this: _Run, done: list[Done], wanted: Any) -> None:
    for namespace, pairs in wanted.items():
        own = this.flow["namespace"] if namespace == "$flow.namespace" else namespace
        for key, value in pairs.items():
            found = this.memory_stores.kv.get((own, key))
            assert found == _plain(value), f"{key}: {found!r}"


def _kv_ends(this: _Run, done: list[Done], wanted: Any) -> None:
    for key, bounds in wanted.items():
        (end,) = [end for (_, name), end in this.memory_stores.kv_ends.items() if name == key]
        if bounds is None:
            assert end is None
        else:
            low, high = (datetime.fromisoformat(each) for each in bounds["$between"])
            assert end is not None and low <= end <= high


def _items(this: _Run, done: list[Done], wanted: Any) -> None:
    outputs = done[-1].outputs
    content = this.memory_stores.read(outputs["uri"]).decode()
    found = [json.loads(line) for line in content.splitlines() if line]
    assert found == _plain(wanted), found


def _outputs_sequence(this: _Run, done: list[Done], wanted: Any) -> None:
    for each, expected in zip(done, wanted, strict=True):
        this.fits(dict(each.outputs), expected, "outputs")


def _concatenated(this: _Run, done: list[Done], wanted: Any) -> None:
    joined = b"".join(this.memory_stores.read(uri) for uri in done[-1].outputs["uris"])
    assert joined == this.memory_stores.read("kestra:///file/storage/get.yml")


def _namespace_file_count(this: _Run, done: list[Done], wanted: Any) -> None:
    assert sum(map(len, this.memory_stores.namespace_files.values())) == wanted


_EXPECTATIONS: dict[str, Callable[[_Run, list[Done], Any], None]] = {
    "outputs": _outputs,
    "outputs_sequence": _outputs_sequence,
    "error": _error,
    "sequence": _sequence,
    "kv": _kv,
    "kv_expiration": _kv_ends,
    "items": _items,
    "concatenated_equals_source": _concatenated,
    "namespace_file_count": _namespace_file_count,
    "state": lambda this, done, wanted: this.fits(done[-1].state.value, wanted, "state"),
}


def _context(this: _Run) -> Any:
    from executions.simulator.fleet import _Bench

    return _Bench(this.place(), this.stores(), _everything(), None, this.workdir)


def _everything() -> Any:
    from workers.runtime.scope import Coverage

    return Coverage(["*"])


def _input_files(this: _Run, task: Mapping[str, Any]) -> None:
    with _context(this) as bench:
        put_input_files(bench.context, bench.context.render_any(task["files"]))
    for name, text in this.case["expect"]["working_dir"].items():
        assert (this.workdir / name).read_text() == text


def _output_files(this: _Run, task: Mapping[str, Any]) -> None:
    with _context(this) as bench:
        kept = store_output_files(bench.context, this.workdir, bench.context.render_any(task["patterns"]))
    assert len(kept) == this.case["expect"]["output_count"]


def _logger(this: _Run, task: Mapping[str, Any]) -> None:
    with _context(this) as bench:
        for call in task["calls"]:
            bench.context.log(LogLevel(call["level"]), call["message"])
        lines = bench.journal.take_lines(1 << 20)
    expected = [(each["level"], each["equals"]) for each in this.case["expect"]["logs"]]
    assert [(line.level, line.message) for line in lines] == expected


def _metrics(this: _Run, task: Mapping[str, Any]) -> None:
    with _context(this) as bench:
        for kind, name, value, tags in task["calls"]:
            if kind == "timer":
                bench.context.timer(name, parse_duration(value), tags)
            else:
                bench.context.counter(name, value, tags)
        found = {(each.type, each.name, tuple(each.tags.items())): each.value for each in bench.journal.take_metrics()}
    for kind, name, value, tags in this.case["expect"]["metrics"]:
        wanted = parse_duration(value).total_seconds() if kind == "timer" else value
        assert found[kind, name, tuple(tags.items())] == wanted


_HELPERS: dict[str, Callable[[_Run, Mapping[str, Any]], None]] = {
    "inputFiles": _input_files,
    "outputFiles": _output_files,
    "logger": _logger,
    "metrics": _metrics,
}


def _check_kill(case: Case) -> None:
    """Executions of a long task, some of them killed while it runs."""
    world = Simulator()
    flow = parse_document({**FLOW, "tasks": [case["task"]]}).flow
    world.add(flow)
    named: dict[str, list[Any]] = {}
    for step in case["steps"]:
        if step["op"] == "submit":
            task = {**case["task"], **({"duration": step["duration"]} if "duration" in step else {})}
            known = world.add(parse_document({**FLOW, "tasks": [task]}).flow)
            started = [world.start(FLOW["namespace"], known.flow.id) for _ in range(step.get("count", 1))]
            world.until(lambda started=started: all(each.runs and each.runs[0].attempts for each in started))
            named[step["as"]] = started
        else:
            for each in named[step["of"]]:
                world.send(each, lambda at, seed: ev.KillRequested(at=at, seed=seed))
    world.settle()
    for name, expected in case["expect"].items():
        for each in named[name]:
            run = each.runs[0]
            assert run.state.value == expected["state"], run.state
            assert len(run.history) == expected["taskrun_state_history_len"], run.history


__all__ = ["KINDS", "run_case"]
