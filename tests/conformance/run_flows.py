"""Cases that run whole flows, and those that look at an act of a person before its consequences."""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from executions.engine import acts
from executions.engine import events as ev
from executions.engine.records import Execution, TaskRun
from executions.engine.restarting import prepare_mark, prepare_restart
from executions.engine.simulator.memory import MemoryLedger
from executions.engine.simulator.simulated import Simulated
from executions.engine.simulator.stores import Shelves
from executions.engine.simulator.world import Simulator
from executions.engine.work import Work
from flows.expressions import Environment, render
from flows.model.inputs.ports import Upload
from flows.model.parse import ParseOptions, parse_flow
from plugins.contracts import LogLevel, State
from plugins.registry import Registry, registry
from tests.conformance import custom_tasks
from tests.conformance.answers import Answers

KINDS = {"flow", "service", "render"}
Case = Mapping[str, Any]


def run_case(case: Case, folder: Path) -> None:
    """Raises AssertionError with what differs."""
    if case["kind"] == "render":
        _run_render(case)
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
        self.shelves = Shelves()
        self.world = Simulator(shelves=self.shelves, encryption_key=self._key())
        custom_tasks.KEY[0] = self.world.encryption_key
        self._lay_out()
        self.answers = Answers(self.shelves, lambda: self.world.clock.now, {}, self.world.encryption_key)
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
                self.shelves.secrets[name.removeprefix("SECRET_")] = base64.b64decode(value).decode()
        for file in needs.get("storage_files", ()):
            self.shelves.put(file["path"], content_of(file).encode())
        for namespace, files in (needs.get("namespace_files") or {}).items():
            self.shelves.namespace_files[namespace] = {path: text.encode() for path, text in files.items()}
        for namespace, pairs in (needs.get("kv") or {}).items():
            self.shelves.kv.update({(namespace, key): value for key, value in pairs.items()})

    def check(self) -> None:
        if not self.case.get("steps"):
            self.named["root"] = self._start({})
            self.world.settle()
        for step in self.case.get("steps", ()):
            self._step(step)
        self.world.settle()
        root = self.named.get("root") or next(iter(self.named.values()))
        self._expect(root, self.case["expect"])

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
        self._expect(started, step.get("expect") or {})

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
            key: self.shelves.put(f"/resumed/{key}/{value.name}", value.content) if isinstance(value, Upload) else value
            for key, value in inputs.items()
        }
        to_state = State(step.get("to_state", "RUNNING"))
        self.world.send(target, lambda at, seed: ev.ResumeRequested(at=at, seed=seed, inputs=stored, to_state=to_state))
        self.named[step.get("as", step["of"])] = target
        self._expect(target, step.get("expect") or {})

    def mark_as(self, step: Mapping[str, Any]) -> None:
        target = self.named[step["of"]]
        run = _find(target.runs, target.ledger, step)
        state = State(step["state"])
        if step.get("emit", True):
            self.world.send(
                target, lambda at, seed: ev.TaskRunMarked(at=at, seed=seed, task_run_id=run.id, state=state)
            )
            self._expect(target, step.get("expect") or {})
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
        self._expect(before, step.get("expect") or {}, self.named[step["of"]])

    def replay(self, step: Mapping[str, Any]) -> None:
        target = self.named[step["of"]]
        run_id = _find(target.runs, target.ledger, step).id if step.get("task") else None
        execution, runs = acts.replay(
            target.flow, target.ledger, run_id, id="replayed", at=self.world.clock.now, seed=7
        )
        new = Simulated(target.flow, MemoryLedger(execution, runs))
        self._expect(new, step.get("expect") or {}, target)
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

    def _expect(self, target: Simulated, expect: Mapping[str, Any], origin: Simulated | None = None) -> None:
        for name, wanted in expect.items():
            check = _CHECKS.get(name)
            assert check is not None, f"the expectation {name} is unknown"
            check(self, target, wanted, origin)

    def fits(self, answer: Any, wanted: Any, what: str) -> None:
        assert self.answers.fits(answer, wanted), f"{what}: {_short(answer)} is not {_short(wanted)}"


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


def _path(ledger: MemoryLedger, run: TaskRun) -> list[str]:
    values = [] if run.value is None else [run.value]
    while run.parent_id is not None:
        run = ledger.task_run(run.parent_id)
        values += [] if run.value is None else [run.value]
    return values[::-1]


def _find(runs: list[TaskRun], ledger: MemoryLedger, wanted: Mapping[str, Any]) -> TaskRun:
    if "index" in wanted:
        return runs[wanted["index"]]
    task = wanted.get("task") or wanted.get("task_id")
    values = wanted.get("values")
    for run in runs:
        is_meant = run.task_id == task and (values is None or _path(ledger, run) == values)
        if is_meant and wanted.get("value", run.value) == run.value:
            return run
    raise AssertionError(f"there is no task run {task} {values or ''}")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 300 else text[:300] + "..."


def _taskruns(this: _Run, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    for entry in wanted:
        _taskrun(this, target, entry, origin)


def _taskrun(this: _Run, target: Simulated, entry: Mapping[str, Any], origin: Simulated | None) -> None:
    run = _find(target.runs, target.ledger, entry)
    counts = Counter(step.state.value for step in run.history)
    answers = {
        "task_id": run.task_id,
        "task": run.task_id,
        "state": run.state.value,
        "attempts": len(run.attempts) or None,
        "attempt_states": [attempt.state.value for attempt in run.attempts],
        "outputs": run.outputs or {},
        "outputs_exact": run.outputs or {},
        "value": run.value,
        "history_len": len(run.history),
        "history_counts": {name: counts.get(name, 0) for name in entry.get("history_counts", ())},
        "same_id": origin is not None and any(each.id == run.id for each in origin.runs),
    }
    for name, wanted in entry.items():
        if name not in ("index", "values"):
            this.fits(answers[name], wanted, f"{run.task_id}.{name}")


def _relations(this: _Run, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    for relation in wanted:
        left, right = (_side(target, relation[side]) for side in ("left", "right"))
        assert relation.get("prefix", "") + right in left, f"{left} has no {right}"


def _side(target: Simulated, side: Mapping[str, Any]) -> str:
    return str((_find(target.runs, target.ledger, side).outputs or {})[side["path"]])


def _logs(this: _Run, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    for entry in wanted:
        assert any(_line_fits(target, line, entry) for line in target.logs), (
            f"no line {entry} in {[line.message for line in target.logs]}"
        )


def _line_fits(target: Simulated, line: Any, entry: Mapping[str, Any]) -> bool:
    parts = entry.get("contains", [])
    return all(
        (
            "equals" not in entry or line.message == entry["equals"],
            all(part in line.message for part in ([parts] if isinstance(parts, str) else parts)),
            line.message.startswith(entry.get("starts_with", "")),
            line.message.endswith(entry.get("ends_with", "")),
            "level" not in entry or line.level.value == entry["level"],
            "task" not in entry or line.task_id == entry["task"],
            "taskrun_index" not in entry or line.task_run_id == target.runs[entry["taskrun_index"]].id,
        )
    )


def _executions(this: _Run, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    for entry in wanted:
        rest = {key: value for key, value in entry.items() if key not in ("as", "flow_id", "count")}
        if "as" in entry:
            this._expect(this.named[entry["as"]], rest)
            continue
        found = [each for each in this.world.executions.values() if each.execution.flow_id == entry["flow_id"]]
        assert len(found) == entry.get("count", len(found)) and found, f"{len(found)} executions of {entry['flow_id']}"
        ordered = rest.pop("ordered_flow_outputs", {})
        for name, values in ordered.items():
            this.fits([(each.execution.outputs or {}).get(name) for each in found], values, f"outputs {name}")
        for each in found if "count" in entry else found[:1]:
            this._expect(each, rest)


def _labels(this: _Run, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    filled = {}
    for key, value in wanted.items():
        named = re.fullmatch(r"\$taskrun\((.*)\)\.id", value)
        filled[key] = target.runs_of(named[1])[0].id if named else value
    this.fits(target.execution.labels, filled, "labels")


def _storage(this: _Run, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    for name, content in wanted.items():
        value: Any = {"outputs": {run.task_id: run.outputs for run in target.runs}}
        for key in name.removeprefix("$").split("."):
            value = value[key]
        this.fits(this.shelves.read(value).decode(), content, name)


def _tree(target: Simulated) -> dict[str, Any]:
    from executions.engine.scope import build_scope

    found: dict[str, Any] = build_scope(target.flow, target.ledger, None).get("outputs", {})
    return found


def _states(target: Simulated, task_id: str) -> list[str]:
    return [run.state.value for run in target.runs_of(task_id)]


def _history(target: Simulated) -> list[str]:
    return [step.state.value for step in target.execution.history]


def _task_states(this: _Run, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    for task_id, states in wanted.items():
        found = _states(target, task_id)
        assert found[: len(states)] == states, f"{task_id}: {found}"


def _outputs(this: _Run, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    for task_id, outputs in wanted.items():
        this.fits(target.runs_of(task_id)[0].outputs or {}, outputs, f"outputs of {task_id}")


def _attempts(this: _Run, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    for task_id, count in wanted.items():
        this.fits(len(target.runs_of(task_id)[0].attempts), count, f"attempts of {task_id}")


def _trigger(this: _Run, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    this.fits(target.execution.trigger or {}, wanted["variables"], "trigger")


def _ends_of_flow(this: _Run, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    found = [each.state.value for each in this.world.executions.values()]
    assert sorted(found) == sorted(wanted), found


def _log_counts(this: _Run, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    for text, count in wanted.items():
        found = sum(text in line.message for line in target.logs)
        assert found >= 1, f"{found} lines with {text}, not {count}"


def _schedule_date(this: _Run, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    assert target.execution.schedule_date is not None


def _simple(read: Callable[[Simulated], Any], what: str) -> Callable[..., None]:
    def check(this: _Run, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
        this.fits(read(target), wanted, what)

    return check


def _exactly(read: Callable[[Simulated], Any], what: str) -> Callable[..., None]:
    def check(this: _Run, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
        assert read(target) == wanted, f"{what}: {_short(read(target))} is not {_short(wanted)}"

    return check


def _prefix(this: _Run, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    assert _history(target)[: len(wanted)] == wanted, _history(target)


def _absent(this: _Run, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    assert not [task_id for task_id in wanted if target.runs_of(task_id)]


def _same_id(this: _Run, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    assert origin is not None
    assert (target.execution.id == origin.execution.id) is wanted


def _counts(target: Simulated) -> Counter[str]:
    return Counter(run.state.value for run in target.runs)


def _user_labels(execution: Execution) -> dict[str, str]:
    return execution.labels


_CHECKS: dict[str, Callable[..., None]] = {
    "state": _simple(lambda target: target.state.value, "state"),
    "taskrun_count": _simple(lambda target: len(target.runs), "task runs"),
    "failed_taskrun_count": _simple(lambda target: _counts(target)["FAILED"], "failed"),
    "taskrun_state_counts": _simple(_counts, "states"),
    "all_taskruns_state": lambda this, target, wanted, _: this.fits(set(_counts(target)), {wanted}, "states"),
    "task_states": _task_states,
    "absent_tasks": _absent,
    "taskruns": _taskruns,
    "outputs": _outputs,
    "outputs_tree": _simple(_tree, "outputs"),
    "outputs_tree_exact": _exactly(_tree, "outputs"),
    "flow_outputs": _simple(lambda target: target.execution.outputs or {}, "outputs of the flow"),
    "flow_outputs_exact": _exactly(lambda target: target.execution.outputs, "outputs of the flow"),
    "execution_inputs": _simple(lambda target: target.execution.inputs, "inputs"),
    "inputs": _simple(lambda target: target.execution.inputs, "inputs"),
    "labels": _labels,
    "labels_exact": _exactly(lambda target: _user_labels(target.execution), "labels"),
    "state_history": _prefix,
    "state_history_len": _simple(lambda target: len(_history(target)), "history"),
    "same_execution_id": _same_id,
    "parent_id": _simple(lambda target: target.execution.parent_id, "parent"),
    "relations": _relations,
    "logs": _logs,
    "log_count_containing": _log_counts,
    "executions": _executions,
    "executions_of_flow_terminal_states_any_order": _ends_of_flow,
    "attempts": _attempts,
    "trigger": _trigger,
    "storage_content": _storage,
    "schedule_date": _schedule_date,
}

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
