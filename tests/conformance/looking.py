"""One execution under the eyes of a case, and the task run that an entry means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from tests.conformance.matchers import Matching
from tests.conformance.seen import Seen, SeenRun

Json = Mapping[str, Any]


NOTES = frozenset({"notes", "note", "comment"})


TERMINAL = frozenset({"SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED", "SKIPPED", "RETRIED"})


class Stage(Protocol):
    """Where a case was played."""

    matching: Matching
    named: dict[str, str]

    def see(self, execution_id: str) -> Seen: ...

    def all(self) -> Sequence[Seen]: ...


class Look:
    """One execution under the eyes of a case."""

    def __init__(self, stage: Stage, seen: Seen, origin: Seen | None, check: Callable[..., None]) -> None:
        self.stage = stage
        self.seen = seen
        self.origin = origin
        self._check = check

    def expect(self, other: Seen, wanted: Json) -> None:
        """The same of another execution that this one has brought about."""
        self._check(self.stage, other, wanted, self.seen)

    def fits(self, answer: Any, wanted: Any, what: str, *, exact: bool = False) -> None:
        if wanted is None and answer in ({}, []):
            return  # nothing at all
        is_fitting = self.stage.matching.fits(answer, wanted, exact=exact)
        assert is_fitting, f"{what}: {short(answer)} is not {short(wanted)}"

    def runs_of(self, task: str) -> list[SeenRun]:
        return [run for run in self.seen.runs if run.task == task]

    def first(self, task: str) -> SeenRun:
        runs = self.runs_of(task)
        assert runs, f"there is no task run {task}"
        return runs[0]


def short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 300 else text[:300] + "..."


def find(seen: Seen, wanted: Json) -> SeenRun:
    """The task run that an entry means: by its place, or by its task and the values around it."""
    index = wanted.get("index", wanted.get("taskrun_index"))
    if index is not None:
        assert -len(seen.runs) <= index < len(seen.runs), f"there are {len(seen.runs)} task runs, none at {index}"
        return seen.runs[index]
    task = wanted.get("task") or wanted.get("task_id")
    values = wanted.get("values")
    for run in seen.runs:
        is_meant = run.task == task and (values is None or seen.path(run) == values)
        if is_meant and ("value" not in wanted or _is_value(run, wanted["value"])):
            return run
    raise AssertionError(f"there is no task run {task} {values or wanted.get('value', '')}")


def _is_value(run: SeenRun, wanted: Any) -> bool:
    return run.value == wanted or (wanted is not None and run.value == str(wanted))


def tree(seen: Seen) -> dict[str, Any]:
    """The outputs of all task runs, nested by the values of the loops around them; equal places are merged."""
    found: dict[str, Any] = {}
    for run in seen.runs:
        if run.outputs:
            place = found.setdefault(run.task, {})
            for value in seen.path(run):
                place = place.setdefault(value, {})
            place.update(run.outputs)
    return found
