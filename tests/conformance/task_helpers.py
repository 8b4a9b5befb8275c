"""The helpers that tasks are made of, called by their names; and the killing of a task that runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from control_plane.kernel.words.durations import parse_duration
from executions.engine import events as ev
from executions.simulator.fleet import _Bench
from executions.simulator.world import Simulator
from flows.model.parse import parse_document
from plugins.contracts import LogLevel
from plugins.working_directory.files import put_input_files, store_output_files
from tests.conformance.words import only
from workers.runtime.scope import Coverage

if TYPE_CHECKING:
    from tests.conformance.run_tasks import TaskRun

FLOW = {"id": "flow", "namespace": "io.kestra.unittest"}


def _bench(this: TaskRun) -> _Bench:
    return _Bench(this.place(), this.stores(), Coverage(["*"]), None, this.workdir)


def _input_files(this: TaskRun, task: Mapping[str, Any]) -> None:
    only(this.case["expect"], ("working_dir",), "input files")
    with _bench(this) as bench:
        put_input_files(bench.context, bench.context.render_any(task["files"]))
    for name, text in this.case["expect"]["working_dir"].items():
        this.fits((this.workdir / name).read_text(), text, name)


def _output_files(this: TaskRun, task: Mapping[str, Any]) -> None:
    only(this.case["expect"], ("output_count", "outputs"), "output files")
    with _bench(this) as bench:
        kept = store_output_files(bench.context, this.workdir, bench.context.render_any(task["patterns"]))
    expect = this.case["expect"]
    this.fits(len(kept), expect.get("output_count", len(kept)), "output files")
    this.fits(dict(kept), expect.get("outputs") or {}, "output files")


def _logger(this: TaskRun, task: Mapping[str, Any]) -> None:
    only(this.case["expect"], ("logs",), "a logger")
    with _bench(this) as bench:
        for call in task["calls"]:
            bench.context.log(LogLevel(call["level"]), call["message"])
        lines = bench.journal.take_lines(1 << 20)
    expected = [(each["level"], each["equals"]) for each in this.case["expect"]["logs"]]
    assert [(line.level, line.message) for line in lines] == expected, lines


def _metrics(this: TaskRun, task: Mapping[str, Any]) -> None:
    only(this.case["expect"], ("metrics",), "metrics")
    with _bench(this) as bench:
        for kind, name, value, tags in task["calls"]:
            if kind == "timer":
                bench.context.timer(name, parse_duration(value), tags)
            else:
                bench.context.counter(name, value, tags)
        found = {(each.type, each.name, tuple(each.tags.items())): each.value for each in bench.journal.take_metrics()}
    for kind, name, value, tags in this.case["expect"]["metrics"]:
        wanted = parse_duration(value).total_seconds() if kind == "timer" else value
        assert found[kind, name, tuple(tags.items())] == wanted, found


HELPERS: dict[str, Callable[[TaskRun, Mapping[str, Any]], None]] = {
    "inputFiles": _input_files,
    "outputFiles": _output_files,
    "logger": _logger,
    "metrics": _metrics,
}


def check_kill(case: Mapping[str, Any]) -> None:
    """Executions of a long task, some of them killed while it runs."""
    world = Simulator()
    named: dict[str, list[Any]] = {}
    for step in case["steps"]:
        if step["op"] == "submit":
            task = {**case["task"], **({"duration": step["duration"]} if "duration" in step else {})}
            known = world.add(parse_document({**FLOW, "tasks": [task]}).flow)
            started = [world.start(FLOW["namespace"], known.flow.id) for _ in range(step.get("count", 1))]
            world.until(lambda started=started: all(each.runs and each.runs[0].attempts for each in started))
            named[step["as"]] = started
        elif step["op"] in ("kill", "kill_execution"):
            for each in named[step["of"]]:
                world.send(each, lambda at, seed: ev.KillRequested(at=at, seed=seed))
        else:
            raise AssertionError(f"the step {step['op']} of a task is unknown")
    world.settle()
    for name, expected in case["expect"].items():
        only(expected, ("state", "taskrun_state_history_len", "count"), "a killed task")
        assert len(named[name]) == expected.get("count", len(named[name])), named[name]
        for each in named[name]:
            run = each.runs[0]
            assert run.state.value == expected["state"], run.state
            length = len(run.history)
            assert length == expected.get("taskrun_state_history_len", length), run.history
