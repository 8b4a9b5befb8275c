"""Play the steps of a case of flows, and check what is expected, step by step and in the end."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from control_plane.kernel.words.durations import parse_duration
from flows.model.documents.compose import compose
from flows.model.inputs.ports import Upload
from tests.conformance.changed_flows import CHANGE_WORDS, changed_source
from tests.conformance.expectations import expect
from tests.conformance.http_steps import HttpSteps
from tests.conformance.labels import label_map
from tests.conformance.looking import TERMINAL, find, short
from tests.conformance.matchers import Matching, repeated
from tests.conformance.messages import check_message
from tests.conformance.seen import Seen
from tests.conformance.stages import REFUSALS, FlowName, Refused, Runs, Start
from tests.conformance.stored import check_needs

Json = Mapping[str, Any]
ALWAYS = frozenset({"op", "as", "of", "expect", "expect_error", "timeout", "notes", "note", "comment"})
_NAMED = re.compile(
    r"\{(?P<name>\w+)\.(?P<what>id|taskrun\((?P<task>[^)]+)\)\.id|task(?:runs?|RunList)\[(?P<index>\d+)\]\.id)\}"
    r"|\$(?P<bare>\w+)\.id|\$taskrun\((?P<root_task>[^)]+)\)\.id|\$taskrun\[(?P<root_index>\d+)\]\.id"
)
ROOT = "root"


@dataclass
class Played:
    """One case on one stage; the `Stage` that expectations look at."""

    case: Json
    folder: Path
    runs: Runs
    named: dict[str, str] = field(default_factory=dict)
    flow: FlowName | None = None
    last: Seen | None = None
    http: HttpSteps | None = None

    def __post_init__(self) -> None:
        self.matching = Matching(
            read=self.runs.read,
            open_secret=self.runs.open_secret,
            now=self.runs.now,
            fill=self.fill,
            local_file=self.text,
        )

    # What stands there before.

    def prepare(self) -> None:
        needs = self.case.get("needs") or {}
        check_needs(needs)
        self.runs.lay_out(needs, self.text)
        for path in needs.get("flows") or ():
            self.runs.add(path if "\n" in path else self.text(path))
        self.flow = self.runs.add(self.source(self.case))

    def source(self, given: Json, default: str | None = None) -> str:
        for name in ("flow_source", "source"):
            if given.get(name):
                return str(given[name])
        path = given.get("flow_file") or given.get("file") or default
        assert path is not None, "no flow is given"
        return self.text(path)

    def path(self, name: str) -> Path:
        """A file of the corpus by the name the case has for it."""
        local = (self.case.get("files_local") or {}).get(name)
        if local is None:
            local = re.sub(r"^([^/]+)/src/(main|test)/resources/flows/", r"flows/\1/", name)
        found = self.folder / local
        if not found.exists():
            same = sorted(self.folder.rglob(Path(name).name))
            assert same, f"there is no file {name}"
            found = same[0]
        return found

    def text(self, name: str) -> str:
        return self.path(name).read_text()

    # Names of executions.

    def see(self, execution_id: str) -> Seen:
        return self.runs.see(execution_id)

    def all(self) -> Sequence[Seen]:
        return self.runs.all()

    def meant(self, step: Json) -> str:
        name = step.get("of") or next(iter(self.named), None)
        assert name in self.named, f"no execution is called {name}"
        return self.named[name]

    def fill(self, text: str) -> str:
        """Names of executions and task runs stand for their ids."""
        if self.flow is not None:
            text = text.replace("$flow.namespace", self.flow.namespace).replace("$flow.id", self.flow.flow_id)
        return _NAMED.sub(self._id, text)

    def _id(self, found: re.Match[str]) -> str:
        name = found["name"] or found["bare"]
        if name == "execution":
            return next(reversed(self.named.values()), found[0])
        execution_id = self.named.get(name or ROOT) or (None if name else next(iter(self.named.values()), None))
        if name == ROOT:
            execution_id = next(iter(self.named.values()), None)
        if execution_id is None:
            return found[0]
        task, index = found["task"] or found["root_task"], found["index"] or found["root_index"]
        if task is None and index is None:
            return execution_id
        entry = {"task": task} if task is not None else {"index": int(index or 0)}
        return find(self.see(execution_id), entry).id

    # The steps.

    def play(self) -> None:
        steps = self.case.get("steps") or []
        expected = self.case.get("expect") or {}
        if not steps:
            self.step({"op": "run", "as": ROOT, "expect_error": expected["error"]} if "error" in expected else _RUN)
        for step in steps:
            self.step(step)
        if "error" in expected and not steps:
            expected = {key: value for key, value in expected.items() if key != "error"}
        self._expect_in_the_end(expected)

    def _expect_in_the_end(self, expected: Json) -> None:
        wanted = {key: value for key, value in expected.items() if key != "of"}
        if not wanted:
            return
        execution_id = self.named[expected["of"]] if "of" in expected else next(iter(self.named.values()))
        self.runs.settle(execution_id)
        problems: list[AssertionError] = []

        def is_fitting() -> bool:
            try:
                expect(self, self.see(execution_id), wanted)
            except AssertionError as error:
                problems[:] = [error]
                return False
            return True

        if not self.runs.until(is_fitting, None):
            raise problems[0]

    def step(self, step: Json) -> None:
        known = STEPS.get(step["op"])
        assert known is not None, f"the step {step['op']} is unknown"
        unknown = step.keys() - ALWAYS - known.words
        assert not unknown, f"the words {sorted(unknown)} of the step {step['op']} are unknown"
        if step.get("expect_error") and step["op"] != "eval":
            self._refused(known.act, step)
        else:
            known.act(self, step)

    def _refused(self, act: Callable[[Played, Json], None], step: Json) -> None:
        try:
            act(self, {key: value for key, value in step.items() if key != "expect"})
        except REFUSALS as error:
            check_message(step["expect_error"], str(error))
            return
        raise AssertionError(f"the step {step['op']} is not refused")

    def check(self, seen: Seen, step: Json, origin: Seen | None = None) -> None:
        expect(self, seen, step.get("expect") or {}, origin)

    def start(self, step: Json) -> str:
        assert self.flow is not None
        other = step.get("flow", step.get("flow_id"))
        flow = self.flow if other is None else self._other_flow(step, other)
        own = self.case.get("inputs") if other is None else None
        given = step.get("inputs", own)
        is_raw = given is None or "raw" in (self.case.get("inputs_mode"), step.get("inputs_mode"))
        labels = step.get("labels", self.case.get("labels")) or {}
        started = self.runs.start(
            flow,
            Start(
                inputs={key: self.input(value) for key, value in (given or {}).items()},
                is_raw=is_raw and other is None,
                labels=label_map(labels),
                schedule_date=self._date(step),
                revision=step.get("revision"),
            ),
        )
        self.named[step.get("as", ROOT)] = started
        return started

    def _date(self, step: Json) -> Any:
        """A server lets an execution begin at once, unless it has a date."""
        given = step.get("schedule_date")
        if given is None and step.get("until") == "CREATED" and self.http is not None:
            given = "{now+PT1H}"
        return self.matching.fill(given)

    def _other_flow(self, step: Json, other: Any) -> FlowName:
        return FlowName(step["namespace"], str(other)) if "namespace" in step else self.flow_named(other)

    def flow_named(self, given: Any) -> FlowName:
        assert self.flow is not None
        if isinstance(given, Mapping):
            return FlowName(given.get("namespace", self.flow.namespace), given.get("id") or given["flow_id"])
        namespace, _, flow_id = str(given).rpartition("/")
        return FlowName(namespace or self._namespace_of(flow_id), flow_id)

    def _namespace_of(self, flow_id: str) -> str:
        """The flow's own, when it was stored among those the case needs."""
        assert self.flow is not None
        for path in (self.case.get("needs") or {}).get("flows") or ():
            document = compose(path if "\n" in path else self.text(path))
            if document.get("id") == flow_id:
                return str(document["namespace"])
        return self.flow.namespace

    def input(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            if "$repeat" in value:
                return repeated(value["$repeat"])
            return {key: self.input(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.input(each) for each in value]
        if not isinstance(value, str):
            return value
        kind, _, rest = value.partition(":")
        if kind == "$file":
            return Upload(Path(rest).name, self.path(rest).read_bytes())
        if kind == "$storage":
            return f"kestra://{rest}"
        if kind == "$upload":
            return Upload("upload", self._uploaded(rest))
        return self.matching.fill(value)

    def _uploaded(self, rest: str) -> bytes:
        filled = str(self.matching.fill(rest))
        is_path = "/" in filled and filled in (self.case.get("files_local") or {})
        return self.path(filled).read_bytes() if is_path else filled.encode()

    def run(self, step: Json) -> None:
        execution_id = self.start(step)
        until = step.get("until")
        if until is None:
            self.runs.settle(execution_id)
        else:
            self._until(execution_id, until, step.get("timeout"))
        wanted = dict(step.get("expect") or {})
        expect(self, self.see(execution_id), wanted)

    def submit(self, step: Json) -> None:
        for number in range(step.get("count", 1)):
            name = step.get("as", ROOT)
            self.start({**step, "as": name if number == 0 else f"{name}{number}"})

    def _until(self, execution_id: str, states: Any, timeout: Any = None) -> None:
        wanted = {states} if isinstance(states, str) else set(states)
        if "TERMINATED" in wanted:
            wanted |= TERMINAL
        seconds = parse_duration(timeout).total_seconds() if timeout else None
        is_there = self.runs.until(lambda: self.see(execution_id).state in wanted, seconds)
        assert is_there, f"never {states}, but {self.see(execution_id).history}"

    def wait(self, step: Json) -> None:
        if "flow" in step or "flow_id" in step:
            self._wait_for_others(step)
        elif "state" in step or "states" in step:
            self._until(self.meant(step), step.get("state") or step["states"], step.get("timeout"))
        else:
            self.runs.settle(self.meant(step))
        if step.get("expect"):
            self.check(self.see(self.meant(step)), step)

    def _wait_for_others(self, step: Json) -> None:
        """For so many executions of a flow, in a state or ended; the last of them may be given a name."""
        flow_id = str(step.get("flow") or step["flow_id"]).rpartition("/")[2]
        states = {step["state"]} if step.get("state", "TERMINATED") != "TERMINATED" else TERMINAL

        def found() -> list[Seen]:
            return [each for each in self.all() if each.flow_id == flow_id and each.state in states]

        seconds = parse_duration(step["timeout"]).total_seconds() if step.get("timeout") else None
        wanted = step.get("count", 1)
        is_there = self.runs.until(lambda: len(found()) >= wanted, seconds)
        assert is_there, f"{len(found())} executions of {flow_id}, not {wanted}"
        if "as" in step:
            self.named[step["as"]] = found()[-1].id

    def observe(self, step: Json) -> None:
        states = step["states_seen"]
        execution_id = self.meant(step)
        self._until(execution_id, states[-1], step.get("timeout"))
        history = iter(self.see(execution_id).history)
        assert all(state in history for state in states), f"{self.see(execution_id).history} does not go by {states}"
        self.check(self.see(execution_id), step)

    def act(self, step: Json) -> None:
        """A restart, replay, resume, kill and their like: what is told, and under which name it goes on."""
        execution_id = self.meant(step)
        before = self.see(execution_id)
        name = _ACTS.get(step["op"], step["op"])
        told = self.runs.act(name, execution_id, self._asked(name, step, before))
        if told.id != before.id:
            self.named[step.get("as", "replayed")] = told.id
        elif not step.get("emit", True):
            self.named[step.get("as", f"told {step.get('of')}")] = self.runs.aside_name(told)
        elif "as" in step:
            self.named[step["as"]] = execution_id
        self.check(told, step, before)

    def _asked(self, name: str, step: Json, before: Seen) -> Json:
        asked: dict[str, Any] = {key: step[key] for key in ("emit", "revision", "to_state") if key in step}
        if "state" in step:
            asked["state"] = step["state"]
        if step.get("task") or step.get("task_id") or step.get("taskrun_index") is not None:
            asked["run_id"] = find(before, step).id
        if "labels" in step:
            asked["labels"] = label_map(step["labels"])
        if step.get("inputs"):
            asked["inputs"] = {key: self._resumed(key, value) for key, value in step["inputs"].items()}
        return asked

    def _resumed(self, key: str, value: Any) -> Any:
        """Files go with a form where there is one, else by their address."""
        given = self.input(value)
        if not isinstance(given, Upload) or self.http is not None:
            return given
        return self.runs.put_file(f"{key}/{given.name}", given.content)

    def create(self, step: Json) -> None:
        """Store a flow; with a name, begin an execution of it."""
        flow = self.runs.add(self.source(step))
        if "as" in step:
            self.named[step["as"]] = self.runs.start(flow, Start(is_raw=True))

    def update_flow(self, step: Json) -> None:
        """Store a revision: a whole source, or the last one with a task or a text replaced."""
        if any(key in step for key in ("flow_source", "source", "flow_file", "file")):
            self.runs.add(self.source(step))
            return
        self.runs.add(changed_source(self.source(self.case), step))

    def delete(self, step: Json) -> None:
        execution_id = self.meant(step)
        asked = {key: step[key] for key in ("logs", "metrics", "storage") if key in step}
        self.runs.delete(execution_id, asked)
        wanted = dict(step.get("expect") or {})
        is_found = wanted.pop("found", None)
        assert is_found is None or is_found is self.runs.exists(execution_id), f"found is not {is_found}"
        if wanted:
            expect(self, self.see(execution_id), wanted)

    def skip(self, step: Json) -> None:
        self.runs.skip(self.meant(step))

    def clear_cache(self, step: Json) -> None:
        assert self.flow is not None
        other = step.get("flow", step.get("flow_id"))
        self.runs.clear_cache(self.flow if other is None else self._other_flow(step, other))

    def sleep(self, step: Json) -> None:
        given = next((step[name] for name in ("duration", "for", "seconds", "s", "time") if name in step), None)
        for name in ("ms", "millis", "milliseconds"):
            given = step[name] / 1000 if name in step else given
        assert given is not None, "a sleep has no duration"
        self.runs.rest(given if isinstance(given, int | float) else parse_duration(given).total_seconds())

    def eval(self, step: Json) -> None:
        execution_id = self.meant(step)
        run = find(self.see(execution_id), step if _names_a_run(step) else {"index": 0})
        expression = step.get("expression", step.get("template"))
        try:
            answer = self.runs.evaluate(execution_id, run.id, self.matching.fill(expression))
        except Exception as error:
            assert "expect_error" in step, f"{expression} is refused: {error}"
            check_message(step["expect_error"], str(error))
            return
        assert "expect_error" not in step, f"{expression} is not refused, but {answer!r}"
        if "expect_json" in step:
            answer = json.loads(answer) if isinstance(answer, str) else answer
        wanted = step["expect_json"] if "expect_json" in step else step.get("expect")
        assert self.matching.fits(answer, wanted), f"{expression}: {short(answer)} is not {short(wanted)}"

    def over_http(self, step: Json) -> None:
        if self.http is None:
            raise Refused("a step over HTTP needs a server")
        self.http.step(self, step)


def _names_a_run(step: Json) -> bool:
    return any(key in step for key in ("taskrun_index", "task", "task_id", "index"))


@dataclass(frozen=True, slots=True)
class Known:
    """A step: what it does, and the words it has beside those all have."""

    act: Callable[[Played, Json], None]
    words: frozenset[str] = frozenset()


def _known(act: Callable[[Played, Json], None], *words: str) -> Known:
    return Known(act, frozenset(words))


_RUN: Json = {"op": "run", "as": ROOT}
_ACTS = {"kill_execution": "kill", "force-run": "force_run", "change-status": "change_status", "set_labels": "labels"}
_START_WORDS = (
    "flow",
    "flow_id",
    "namespace",
    "inputs",
    "inputs_mode",
    "labels",
    "schedule_date",
    "revision",
    "until",
    "count",
)
_ACT_WORDS = ("emit", "revision", "task", "task_id", "value", "values", "taskrun_index", "state", "to_state", "inputs")
_FLOW_WORDS = ("flow_source", "source", "flow_file", "file")
_HTTP_WORDS = (
    *("method", "path", "body", "json", "form", "multipart", "headers", "content_type", "expect_status"),
    *("expect_status_error", "expect_body", "expect_body_contains", "expect_json", "expect_headers"),
)
_EVAL_WORDS = ("template", "expression", "taskrun_index", "task", "task_id", "value", "values", "index", "expect_json")
STEPS: dict[str, Known] = {
    "run": _known(Played.run, *_START_WORDS),
    "submit": _known(Played.submit, *_START_WORDS, "duration"),
    "wait": _known(Played.wait, "state", "states", "flow", "flow_id", "count"),
    "observe": _known(Played.observe, "states_seen"),
    **dict.fromkeys(
        ("restart", "replay", "mark_as", "resume", "kill", "kill_execution", "pause", "force_run", "force-run"),
        _known(Played.act, *_ACT_WORDS),
    ),
    **dict.fromkeys(("unqueue", "change_status", "change-status"), _known(Played.act, *_ACT_WORDS)),
    "set_labels": _known(Played.act, "labels", "emit"),
    "http": _known(Played.over_http, *_HTTP_WORDS),
    "delete": _known(Played.delete, "logs", "metrics", "storage"),
    "update_flow": _known(Played.update_flow, *_FLOW_WORDS, *CHANGE_WORDS, "flow", "flow_id", "namespace", "revision"),
    "create": _known(Played.create, *_FLOW_WORDS),
    "eval": _known(Played.eval, *_EVAL_WORDS),
    "skip": _known(Played.skip),
    "clear_cache": _known(Played.clear_cache, "flow", "flow_id", "namespace"),
    "sleep": _known(Played.sleep, "duration", "for", "seconds", "s", "time", "ms", "millis", "milliseconds"),
}
