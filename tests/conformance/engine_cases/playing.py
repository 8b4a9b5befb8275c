"""Play one measured case on a host, the simulator or a running instance, and write down what it did."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.conformance.engine_cases.recording import Record, record
from tests.conformance.engine_cases.wording import Wording
from tests.conformance.seen import Seen

END = "END"
LIMIT = 25.0
RESUME_LIMIT = 8.0
_ID = re.compile(r"^id: *(\S+)", re.MULTILINE)
Step = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host said: a status of HTTP, a message when it refused, and what it made or found."""

    status: int = 200
    message: str = ""
    id: str | None = None
    found: Any = None

    @property
    def is_refused(self) -> bool:
        return self.status >= 300


class Host(Protocol):
    """Runs flows. Limits and waits are seconds of the host's own time."""

    def save(self, source: str) -> Answer: ...

    def start(self, flow: str, step: Step) -> Answer: ...

    def act(self, name: str, execution_id: str, step: Step) -> Answer: ...

    def until(self, execution_id: str, state: str, limit: float) -> str | None:
        """Wait for a state, or for END; the state it has instead when it was not reached in time or never will be."""

    def rest(self, seconds: float) -> None: ...

    def see(self, execution_id: str) -> Seen: ...

    def of_flow(self, flow: str, count: int | None, limit: float) -> Sequence[str]:
        """The executions of a flow, oldest first, when there are that many and all have ended, or in the end."""

    def loops(self) -> Sequence[Seen]: ...

    def pair(self, key: str) -> Answer: ...

    def validate(self, flow: str, step: Step) -> Answer:
        """`found` holds the inputs and checks as the API shows them."""


@dataclass(slots=True)
class Play:
    """One case on one host."""

    host: Host
    wording: Wording
    flows: list[str] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    said: list[Record] = field(default_factory=list)

    def run(self, case: Mapping[str, Any]) -> Record:
        saved = [self._save(self.wording.source(source)) for source in case["flows"]]
        is_saved = all(each["status"] < 300 for each in saved)
        for step in _steps(case, is_saved):
            if is_saved or step.get("even"):
                self._step(step)
        executions = {name: record(self.host.see(found), self.wording) for name, found in self.ids.items()}
        return {"save": saved, "steps": self.said, "executions": executions}

    def _save(self, source: str) -> Record:
        found = _ID.search(source)
        self.flows.append(found[1].strip("\"'") if found else "")
        answer = self.host.save(source)
        said: Record = {"status": answer.status}
        if answer.is_refused:
            said["message"] = self.wording.text(answer.message)
        return said

    def _step(self, step: Step) -> None:
        said: Record = {"do": step["do"]}
        act = STEPS.get(step["do"])
        if act is None:
            raise AssertionError(f"the step {step['do']} is unknown")
        act(self, step, said)
        self.said.append(said)

    def start(self, step: Step, said: Record) -> None:
        answer = self.host.start(step.get("flow") or self.flows[-1], step)
        self._tell(answer, said)
        if answer.id is not None:
            self.ids[step.get("as", "e")] = answer.id
            self._until(answer.id, step, said)

    def wait(self, step: Step, said: Record) -> None:
        self._until(self._meant(step), step, said)

    def sleep(self, step: Step, said: Record) -> None:
        self.host.rest(step["s"])

    def act(self, step: Step, said: Record) -> None:
        execution_id = self._meant(step)
        self._tell(self.host.act(step["do"], execution_id, step), said)
        if step.get("until", END) and not (step["do"] == "resume-bp" and "limit" in step):
            limit = RESUME_LIMIT if step["do"] == "resume-bp" else LIMIT
            self._until(execution_id, {"limit": limit, **step}, said)

    def replay(self, step: Step, said: Record) -> None:
        answer = self.host.act("replay", self._meant(step), step)
        self._tell(answer, said)
        if answer.id is not None:
            self.ids[step.get("to", step.get("as", "e") + "_replay")] = answer.id
            self._until(answer.id, step, said)

    def all(self, step: Step, said: Record) -> None:
        found = self.host.of_flow(step["flow"], step.get("count"), step.get("limit", 15))
        self._name_all(step, said, found)

    def loops(self, step: Step, said: Record) -> None:
        said["status"] = 200
        self._name_all(step, said, [each.id for each in sorted(self.host.loops(), key=_turn)])

    def kv(self, step: Step, said: Record) -> None:
        answer = self.host.pair(step["key"])
        said["status"] = answer.status
        said["value"] = self.wording.value(answer.message if answer.is_refused else answer.found)

    def validate(self, step: Step, said: Record) -> None:
        answer = self.host.validate(step.get("flow") or self.flows[-1], step)
        self._tell(answer, said)
        if not answer.is_refused:
            said["inputs"] = [_checked_input(each) for each in answer.found.get("inputs", ())]
            shown = ("message", "style", "behavior")
            said["checks"] = [{key: each.get(key) for key in shown} for each in answer.found.get("checks") or ()]

    def _name_all(self, step: Step, said: Record, found: Sequence[str]) -> None:
        said["count"] = len(found)
        self.ids |= {f"{step.get('as', 'e')}{number}": each for number, each in enumerate(found)}

    def _meant(self, step: Step) -> str:
        return self.ids[step.get("as", "e")]

    def _tell(self, answer: Answer, said: Record) -> None:
        said["status"] = answer.status
        if answer.is_refused:
            said["message"] = self.wording.text(answer.message)

    def _until(self, execution_id: str, step: Step, said: Record) -> None:
        wanted = step.get("until") or END
        state = self.host.until(execution_id, wanted, step.get("limit") or LIMIT)
        if state is not None:
            said["late" if state not in ENDED else "early"] = state


ENDED = frozenset({"SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED", "SKIPPED", "RETRIED"})
STEPS: dict[str, Callable[[Play, Step, Record], None]] = {
    "start": Play.start,
    "wait": Play.wait,
    "sleep": Play.sleep,
    **dict.fromkeys(("resume", "restart", "pause", "force-run", "unqueue", "kill", "state", "resume-bp"), Play.act),
    "replay": Play.replay,
    "all": Play.all,
    "loops": Play.loops,
    "kv": Play.kv,
    "validate": Play.validate,
}


def _steps(case: Mapping[str, Any], is_saved: bool) -> Sequence[Step]:
    """A case without steps starts its last flow; the public ones say so in words."""
    steps = case.get("steps")
    if isinstance(steps, list):
        return steps
    return [{"do": "start"}] if is_saved else []


def _checked_input(shown: Mapping[str, Any]) -> Record:
    return {
        "id": (shown.get("input") or {}).get("id"),
        "value": shown.get("value"),
        "enabled": shown.get("enabled"),
        "isDefault": shown.get("isDefault"),
        "errors": [each.get("message") for each in shown.get("errors") or ()],
    }


def _turn(seen: Seen) -> tuple[int, list[str]]:
    """Turns by their loop and number, those of inner loops after those of outer ones."""
    place: list[str] = []
    loop_run: Mapping[str, Any] | None = seen.loop_run
    while loop_run:
        place = [str(loop_run.get("taskId")).zfill(6), str(loop_run.get("index") or 0).zfill(6), *place]
        loop_run = (loop_run.get("parent") or {}).get("loopRun")
    return len(place), place
