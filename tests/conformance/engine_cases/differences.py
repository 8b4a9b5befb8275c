"""Where a run differs from what was measured, in two grades: how it behaved, and which words it used."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.conformance.engine_cases.wording import alike

Record = Mapping[str, Any]
WORDS = {"logs", "message", "metrics", "status", "checks", "errors"}
OF_AN_EXECUTION = ("state", "history", "inputs", "variables", "kind", "trigger", "loopRun")
_PATH = re.compile(r"tasks\[[^\]]*\]")


@dataclass(frozen=True, slots=True)
class Difference:
    """`where` is the execution, step or task run; `what` the property that differs."""

    where: str
    what: str
    expected: Any
    actual: Any

    @property
    def is_words(self) -> bool:
        """About texts, figures and codes of answers alone."""
        return self.what in WORDS

    def __str__(self) -> str:
        return f"{self.where} {self.what}\n      2.0.0  {_short(self.expected)}\n      here   {_short(self.actual)}"


def differences(expected: Record, actual: Record) -> list[Difference]:
    return [each for each in _all(expected, actual) if not _is_same(each)]


def _all(expected: Record, actual: Record) -> Iterator[Difference]:
    for number, (wanted, found) in enumerate(zip(expected["save"], actual["save"], strict=False)):
        yield from _answer(f"flow {number}", wanted, found)
    for number, (wanted, found) in enumerate(zip(expected["steps"], actual["steps"], strict=False)):
        yield from _step(f"step {number} {wanted['do']}", wanted, found)
    if len(expected["steps"]) != len(actual["steps"]):
        yield Difference("steps", "done", len(expected["steps"]), len(actual["steps"]))
    names = expected["executions"].keys() | actual["executions"].keys()
    for name in sorted(names):
        wanted, found = (side["executions"].get(name) for side in (expected, actual))
        if wanted is None or found is None:
            yield Difference(name, "is there", wanted and wanted["state"], found and found["state"])
        else:
            yield from _execution(name, wanted, found)


def _answer(where: str, wanted: Record, found: Record) -> Iterator[Difference]:
    yield Difference(where, "taken", wanted["status"] < 300, found["status"] < 300)
    yield Difference(where, "status", wanted["status"], found["status"])
    if wanted["status"] >= 300 or found["status"] >= 300:
        yield Difference(where, "message", wanted.get("message"), found.get("message"))


def _step(where: str, wanted: Record, found: Record) -> Iterator[Difference]:
    if "status" in wanted and "status" in found:
        yield from _answer(where, wanted, found)
    for name in sorted((wanted.keys() | found.keys()) - {"do", "status", "message", "inputs"}):
        yield Difference(where, name, wanted.get(name), found.get(name))
    inputs, others = (_without_texts(side.get("inputs") or ()) for side in (wanted, found))
    yield Difference(where, "inputs", inputs, others)
    errors, other_errors = ([each["errors"] for each in side.get("inputs") or ()] for side in (wanted, found))
    yield Difference(where, "errors", errors, other_errors)


def _without_texts(inputs: Iterable[Record]) -> list[Record]:
    return [{**each, "errors": len(each["errors"])} for each in inputs]


def _execution(name: str, wanted: Record, found: Record) -> Iterator[Difference]:
    for what in OF_AN_EXECUTION:
        yield Difference(name, what, wanted.get(what), found.get(what))
    if wanted.get("outputs") is not None:  # the reference does not tell those of the flow here
        yield Difference(name, "outputs", wanted["outputs"], found.get("outputs"))
    yield Difference(name, "labels", _labels(wanted), _labels(found))
    yield from _task_runs(name, wanted, found)
    lines, others = _lines(wanted), _lines(found)
    for task in sorted(lines.keys() | others.keys()):
        yield Difference(f"{name}/{task}", "logs", lines.get(task, []), others.get(task, []))
    if found.get("metrics") is not None:
        yield Difference(name, "metrics", wanted.get("metrics") or [], found["metrics"])


def _labels(execution: Record) -> list[str]:
    return [label for label in execution.get("labels") or () if not label.startswith("system.from=")]


def _task_runs(name: str, wanted: Record, found: Record) -> Iterator[Difference]:
    runs, others = _by_place(wanted), _by_place(found)
    for place in sorted(runs.keys() | others.keys()):
        ours, theirs = others.get(place, []), runs.get(place, [])
        if len(ours) != len(theirs):
            yield Difference(f"{name}/{place}", "task runs", *([r["history"] for r in side] for side in (theirs, ours)))
        for run, other in zip(theirs, ours, strict=False):
            for what in ("history", "attempts", "outputs"):
                yield Difference(f"{name}/{place}", what, run[what], other[what])
    order, other_order = ([run["task"] for run in side["taskRuns"]] for side in (wanted, found))
    if sorted(order) == sorted(other_order):
        yield Difference(name, "order", order, other_order)


def _by_place(execution: Record) -> dict[str, list[dict[str, Any]]]:
    """SUBMITTED is told by engines that queue alone: it is left out."""
    places: dict[str, list[dict[str, Any]]] = {}
    for run in execution["taskRuns"]:
        inside = "".join(f"[{run[key]}]" for key in ("value", "iteration") if run[key] is not None)
        place = f"{run['parent']}/{run['task']}{inside}" if run["parent"] else f"{run['task']}{inside}"
        history = [state for state in run["history"] if state != "SUBMITTED"]
        places.setdefault(place, []).append({**run, "history": history})
    return places


def _lines(execution: Record) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in execution.get("logs") or ():
        if not re.search(r"\[namespace: d\d", line["message"] or ""):
            place = line["task"] or "-"
            place += f"[{line['value']}]" if line["value"] is not None else ""
            found.setdefault(place, []).append(f"{line['level']} {line['message']}")
    return found


def _is_same(difference: Difference) -> bool:
    expected, actual = difference.expected, difference.actual
    if expected == actual or alike(expected) == alike(actual):
        return True
    if difference.what == "attempts":  # an attempt of what no worker runs is a matter of telling
        return actual == [] and len(expected) == 1
    if difference.what == "message" and expected and actual:
        return _pathless(expected) == _pathless(actual)
    return False


def _pathless(message: str) -> str:
    """What is said, once: bodies tell an error again below the message, and count tasks where it names them."""
    said: list[str] = []
    for part in _PATH.sub("tasks[]", message).split("; "):
        words = re.sub(r"\s+", " ", part).strip()
        if not any(words in each for each in said):
            said.append(words)
    return "; ".join(said)


def _short(value: Any, most: int = 420) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= most else f"{text[:most]}... ({len(text)} characters)"
