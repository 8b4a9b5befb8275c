"""Cases that run whole flows, and those that look at an act of a person before its consequences."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from executions.engine import acts
from executions.engine import events as ev
from executions.engine.restarting import prepare_mark, prepare_restart
from executions.engine.work import Work
from executions.simulator.memory import MemoryLedger
from executions.simulator.simulated import Simulated
from executions.simulator.stores import MemoryStores
from executions.simulator.world import Simulator
from flows.expressions import Environment, render
from flows.model.inputs.ports import Upload
from flows.model.parse import ParseOptions, parse_flow
from plugins.catalog.registry import Registry, registry
from plugins.contracts import LogLevel, State
from tests.conformance import custom_tasks
from tests.conformance.answers import Answers
from tests.conformance.expectations import CHECKS, find, short
from tests.conformance.polling import run_polling

KINDS = {"flow", "service", "render"}
Case = Mapping[str, Any]


def run_case(case: Case, folder: Path) -> None:
    """Raises AssertionError with what differs."""
    if case["kind"] == "render":
        _run_render(case)
    elif "triggered_at_least" in case["expect"]:
        run_polling(case, (folder / case["files_local"][case["flow_file"]]).read_text())
    else:
        _Run(case, folder).check()


def _options() -> ParseOptions:
    known = registry()
    plugins = Registry(types=dict(known.types), aliases=dict(known.aliases))
    for plugin in custom_tasks.CUSTOM:
        plugins.add(plugin)
    return ParseOptions(plugins=plugins)


def _run_render(case: Case) -> None:
    labels = {entry["key"]: entry["value"] for entry in case["labels"] if entry["key"] and entry["value"]}
    scope = {"inputs": case.get("inputs") or {"test": "test"}, "labels": labels}
    assert render(case["template"], scope, Environment()) == case["expect"]["rendered"]


class _Run:
    def __init__(self, case: Case, folder: Path) -> None:
        self.case = case
        self.folder = folder
        self.named: dict[str, Simulated] = {}
        self.memory_stores = MemoryStores()
        self.world = Simulator(memory_stores=self.memory_stores, encryption_key=self._key())
        custom_tasks.KEY[0] = self.world.encryption_key
        self._lay_out()
        self.answers = Answers(self.memory_stores, lambda: self.world.clock.now, {}, self.world.encryption_key)
        for path in case["needs"].get("flows", ()):
            self._add(self._text(path))
        self.flow = self._add(self._source())

    def _key(self) -> bytes | None:
        key = (self.case["needs"].get("config") or {}).get("kestra.encryption.secret-key")
        return base64.b64decode(key) if key else None

    def _text(self, path: str) -> str:
        local = self.case.get("files_local", {}).get(path) or re.sub(
            r"^([^/]+)/src/test/resources/flows/", r"flows/\1/", path
        )
        return (self.folder / local).read_text()

    def _source(self) -> str:
        return self.case["flow_source"] if self.case.get("flow_source") else self._text(self.case["flow_file"])

    def _add(self, source: str) -> Any:
        return self.world.add(parse_flow(source, options=_options()).flow)

    def _lay_out(self) -> None:
        needs = self.case["needs"]
        for name, value in (needs.get("env") or {}).items():
            if name.startswith("SECRET_"):
                self.memory_stores.secrets[name.removeprefix("SECRET_")] = base64.b64decode(value).decode()
        for file in needs.get("storage_files", ()):
            self.memory_stores.put(file["path"], content_of(file).encode())
        for namespace, files in (needs.get("namespace_files") or {}).items():
            self.memory_stores.namespace_files[namespace] = {path: text.encode() for path, text in files.items()}
        for namespace, pairs in (needs.get("kv") or {}).items():
            self.memory_stores.kv.update({(namespace, key): value for key, value in pairs.items()})

    def check(self) -> None:
        if not self.case.get("steps"):
            self.named["root"] = self._start({})
            self.world.settle()
        for step in self.case.get("steps", ()):
            self._step(step)
        self.world.settle()
        root = self.named.get("root") or next(iter(self.named.values()))
        self.expect(root, self.case["expect"])

    def _start(self, step: Mapping[str, Any]) -> Simulated:
        flow = self.flow
        if "flow" in step:
            flow = next(each for (_, name), each in self.world.flows.items() if name == step["flow"])
        given = step.get("inputs", {} if "flow" in step else self.case.get("inputs"))
        is_raw = given is None or self.case.get("inputs_mode") == "raw"
        inputs = {key: self._input(value) for key, value in (given or {}).items()}
        over: dict[str, Any] = {}
        if "schedule_date" in step:
            over["schedule_date"] = self.world.clock.now + timedelta(seconds=1)
        labels = {entry["key"]: entry["value"] for entry in self.case.get("labels") or ()}
        started = self.world.start(flow.flow.namespace, flow.flow.id, inputs, labels=labels, resolve=not is_raw, **over)
        self.answers.names = {**self.answers.names, "$execution.id": started.id}
        self.answers.names.setdefault("$root.id", started.id)
        return started

    def _input(self, value: Any) -> Any:
        if isinstance(value, Mapping) and "$repeat" in value:
            text, times = value["$repeat"]
            return text * times
        if not isinstance(value, str):
            return value
        kind, _, rest = value.partition(":")
        if kind == "$file":
            return Upload(Path(rest).name, self._text(rest).encode())
        if kind == "$storage":
            return f"kestra://{rest}"
        if kind == "$upload":
            return Upload("upload", str(self.answers.fill(rest)).encode())
        if value.startswith("$") and value.endswith(".id"):
            return self.named[value[1:-3]].id
        return value

    def _step(self, step: Mapping[str, Any]) -> None:
        _STEPS[step["op"]](self, step)

    def run(self, step: Mapping[str, Any]) -> None:
        started = self.named[step.get("as", "root")] = self._start(step)
        if "until" in step:
            state = State(step["until"])
            assert self.world.until(lambda: started.state is state), f"never {state}, but {started.state}"
        else:
            self.world.settle()
        self.expect(started, step.get("expect") or {})

    def wait(self, step: Mapping[str, Any]) -> None:
        target = self.named[step["of"]]

        def is_there() -> bool:
            return target.state.is_terminal if step["state"] == "TERMINATED" else target.state.value == step["state"]

        assert self.world.until(is_there), f"never {step['state']}, but {target.state}"

    def resume(self, step: Mapping[str, Any]) -> None:
        target = self.named[step["of"]]
        if "expect_error" in step:
            assert target.state is not State.PAUSED
            return
        inputs = {key: self._input(value) for key, value in (step.get("inputs") or {}).items()}
        stored = {
            key: self.memory_stores.put(f"/resumed/{key}/{value.name}", value.content)
            if isinstance(value, Upload)
            else value
            for key, value in inputs.items()
        }
        to_state = State(step.get("to_state", "RUNNING"))
        self.world.send(target, lambda at, seed: ev.ResumeRequested(at=at, seed=seed, inputs=stored, to_state=to_state))
        self.named[step.get("as", step["of"])] = target
        self.expect(target, step.get("expect") or {})

    def mark_as(self, step: Mapping[str, Any]) -> None:
        target = self.named[step["of"]]
        run = find(target.runs, target.ledger, step)
        state = State(step["state"])
        if step.get("emit", True):
            self.world.send(
                target, lambda at, seed: ev.TaskRunMarked(at=at, seed=seed, task_run_id=run.id, state=state)
            )
            self.expect(target, step.get("expect") or {})
            return
        before = _aside(target)
        work = Work(target.flow, before.ledger, ev.RestartRequested(at=self.world.clock.now, seed=1))
        assert prepare_mark(work, work.run(run.id), state) is None
        self._expect_aside(before, work, step)

    def restart(self, step: Mapping[str, Any]) -> None:
        target = self.named[step["of"]]
        before = _aside(target)
        work = Work(target.flow, before.ledger, ev.RestartRequested(at=self.world.clock.now, seed=1))
        assert prepare_restart(work) is None
        self._expect_aside(before, work, step)
        if step.get("emit", True):
            self.world.send(target, lambda at, seed: ev.RestartRequested(at=at, seed=seed))

    def _expect_aside(self, before: Simulated, work: Work, step: Mapping[str, Any]) -> None:
        before.ledger.keep(work.finish())
        before.execution.id = self.named[step["of"]].id
        self.expect(before, step.get("expect") or {}, self.named[step["of"]])

    def replay(self, step: Mapping[str, Any]) -> None:
        target = self.named[step["of"]]
        run_id = find(target.runs, target.ledger, step).id if step.get("task") else None
        execution, runs = acts.replay(
            target.flow, target.ledger, run_id, id="replayed", at=self.world.clock.now, seed=7
        )
        new = Simulated(target.flow, MemoryLedger(execution, runs))
        self.expect(new, step.get("expect") or {}, target)
        if step.get("emit", True):
            self.named[step.get("as", "replayed")] = self.world.adopt(target.flow, execution, runs)

    def create(self, step: Mapping[str, Any]) -> None:
        flow = self._add(step["flow_source"])
        self.named[step["as"]] = self.world.start(flow.flow.namespace, flow.flow.id, {}, resolve=False)

    def skip(self, step: Mapping[str, Any]) -> None:
        self.world.skipped.add(self.named[step["of"]].id)

    def delete(self, step: Mapping[str, Any]) -> None:
        target = self.named[step["of"]]
        kept = [] if step["logs"] else list(target.logs)
        self.world.executions.pop(target.id)
        expect = step["expect"]
        assert expect["found"] is (target.id in self.world.executions)
        for level, count in expect["log_count_min_level"].items():
            found = sum(line.level.rank >= LogLevel(level).rank for line in kept)
            assert found == count, f"{found} lines, not {count}"

    def expect(self, target: Simulated, expect: Mapping[str, Any], origin: Simulated | None = None) -> None:
        for name, wanted in expect.items():
            check = CHECKS.get(name)
            assert check is not None, f"the expectation {name} is unknown"
            check(self, target, wanted, origin)

    def fits(self, answer: Any, wanted: Any, what: str) -> None:
        assert self.answers.fits(answer, wanted), f"{what}: {short(answer)} is not {short(wanted)}"


def content_of(file: Mapping[str, Any]) -> str:
    if "content" in file:
        return str(file["content"])
    found = re.fullmatch(r"(\d+) lines: str\(i\)\.rjust\((\d+)\) for i in range\((\d+)\)", file["lines"])
    assert found is not None, file["lines"]
    return "".join(str(index).rjust(int(found[2])) + "\n" for index in range(int(found[3])))


def _aside(target: Simulated) -> Simulated:
    """A copy to try something on."""
    runs = deepcopy(target.runs)
    return replace(target, ledger=MemoryLedger(deepcopy(target.execution), runs))


_STEPS: dict[str, Callable[[_Run, Mapping[str, Any]], None]] = {
    "run": _Run.run,
    "wait": _Run.wait,
    "resume": _Run.resume,
    "mark_as": _Run.mark_as,
    "restart": _Run.restart,
    "replay": _Run.replay,
    "create": _Run.create,
    "skip": _Run.skip,
    "delete": _Run.delete,
}
