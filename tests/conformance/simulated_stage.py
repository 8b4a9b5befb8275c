"""The simulator as the place where cases run."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from control_plane.kernel.words.moments import parse_moment
from executions.engine import acts
from executions.engine import events as ev
from executions.engine.compiled import CompiledFlow
from executions.engine.fold import fold
from executions.engine.records import Execution, Step, TaskRun
from executions.engine.restarting import prepare_mark, prepare_restart
from executions.engine.scope import build_scope
from executions.engine.work import Work
from executions.simulator.memory import MemoryLedger
from executions.simulator.simulated import Simulated
from executions.simulator.stores import MemoryStores
from executions.simulator.world import Simulator
from flows.expressions import Environment, render
from flows.expressions.encryption import decrypt
from flows.model.inputs.ports import Upload
from flows.model.parse import ParseOptions, parse_flow
from plugins.catalog.registry import Registry, registry
from plugins.contracts import State
from tests.conformance import custom_tasks
from tests.conformance.seen import Seen, seen, seen_records
from tests.conformance.stages import FlowName, Json, Refused, Start
from tests.conformance.stored import file_content, namespace_files, secrets_of, stored_pairs

Make = Callable[[datetime, int], ev.Event]


def with_custom_tasks() -> ParseOptions:
    """Types that only corpora use are known too."""
    known = registry()
    plugins = Registry(types=dict(known.types), aliases=dict(known.aliases))
    for plugin in custom_tasks.CUSTOM:
        plugins.add(plugin)
    return ParseOptions(plugins=plugins)


@dataclass
class SimulatedRuns:
    """One world for one case; its time jumps."""

    encryption_key: bytes | None = None
    message_limit: int | None = None
    stores: MemoryStores = field(default_factory=MemoryStores)
    aside: dict[str, Simulated] = field(default_factory=dict)
    """Executions that were only told, by a name of their own."""
    revisions: dict[tuple[str, str], list[CompiledFlow]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world = Simulator(
            memory_stores=self.stores,
            encryption_key=self.encryption_key,
            now=datetime.now(UTC),
            message_limit=self.message_limit,
        )
        custom_tasks.KEY[0] = self.encryption_key

    def lay_out(self, needs: Json, text: Callable[[str], str]) -> None:
        self.stores.secrets |= secrets_of(needs)
        for file in needs.get("storage_files") or ():
            self.stores.put(file["path"], file_content(file, text))
        for namespace, files in namespace_files(needs, text).items():
            self.stores.namespace_files.setdefault(namespace, {}).update(files)
        self.stores.kv |= stored_pairs(needs)

    def add(self, source: str) -> FlowName:
        compiled = self.world.add(parse_flow(source, options=with_custom_tasks()).flow)
        name = (compiled.flow.namespace, compiled.flow.id)
        self.revisions.setdefault(name, []).append(compiled)
        return FlowName(*name)

    def start(self, flow: FlowName, start: Start) -> str:
        over: dict[str, Any] = {}
        if start.schedule_date is not None:
            over["schedule_date"] = parse_moment(str(start.schedule_date))
        is_typed = not start.is_raw
        started = self.world.start(
            flow.namespace, flow.flow_id, start.inputs, labels=start.labels, resolve=is_typed, **over
        )
        return started.id

    def until(self, condition: Callable[[], bool], seconds: float | None) -> bool:
        within = timedelta(days=365) if seconds is None else timedelta(seconds=seconds)
        return self.world.until(condition, within)

    def settle(self, execution_id: str | None) -> None:
        self.world.settle()

    def rest(self, seconds: float) -> None:
        end = self.world.clock.now + timedelta(seconds=seconds)
        self.world.clock.plan(end, lambda: None)
        self.world.until(lambda: self.world.clock.now >= end)

    def _found(self, execution_id: str) -> Simulated:
        found = self.aside.get(execution_id) or self.world.executions.get(execution_id)
        if found is None:
            raise Refused(f"there is no execution {execution_id}")
        return found

    def see(self, execution_id: str) -> Seen:
        return seen(self._found(execution_id))

    def all(self) -> Sequence[Seen]:
        return [seen(each) for each in self.world.executions.values()]

    def exists(self, execution_id: str) -> bool:
        return execution_id in self.world.executions

    def delete(self, execution_id: str, asked: Json) -> None:
        gone = self.world.executions.pop(execution_id)
        if asked.get("logs", True):
            gone.logs.clear()
        self.aside[execution_id] = gone

    def skip(self, execution_id: str) -> None:
        self.world.skipped.add(execution_id)

    def clear_cache(self, flow: FlowName) -> None:
        folder = f"/{flow.namespace.replace('.', '/')}/{flow.flow_id}/_caches/"
        for path in [path for path in self.stores.files if path.startswith(folder)]:
            del self.stores.files[path]

    def evaluate(self, execution_id: str, run_id: str, expression: str) -> Any:
        target = self._found(execution_id)
        scope = build_scope(target.flow, target.ledger, target.ledger.task_run(run_id))
        return render(expression, scope, Environment(clock=lambda: self.world.clock.now, random=random.Random(0)))

    def put_file(self, name: str, content: bytes) -> str:
        return self.stores.put(f"/resumed/{name}", content)

    def read(self, uri: str) -> bytes:
        return self.stores.read(uri)

    def open_secret(self, value: Any) -> Any:
        if self.encryption_key is None:
            raise Refused("there is no key to open a secret with")
        return decrypt(self.encryption_key, value["value"] if isinstance(value, Mapping) else value)

    def now(self) -> datetime:
        return self.world.clock.now

    def act(self, name: str, execution_id: str, asked: Json) -> Seen:
        target = self._found(execution_id)
        if name == "replay":
            return self._replay(target, asked)
        if name == "restart":
            return self._restart(target, asked)
        make = _event(name, asked)
        if name == "mark_as" and not asked.get("emit", True):
            return self._prepared(
                target, lambda work: prepare_mark(work, work.run(asked["run_id"]), State(asked["state"]))
            )
        if asked.get("emit", True):
            decisions = self.world.send(target, make)
            if decisions.refused is not None:
                raise Refused(decisions.refused)
            return seen(target)
        return self._told(target, make)

    def _told(self, target: Simulated, make: Make) -> Seen:
        """How the execution would stand, on a copy that stays aside."""
        copied = _copy(target)
        decisions = fold(copied.flow, copied.ledger, make(self.world.clock.now, 1))
        if decisions.refused is not None:
            raise Refused(decisions.refused)
        copied.ledger.keep(decisions)
        return self._kept_aside(copied)

    def _prepared(self, target: Simulated, prepare: Callable[[Work], str | None]) -> Seen:
        copied = _copy(target)
        work = Work(copied.flow, copied.ledger, ev.RestartRequested(at=self.world.clock.now, seed=1))
        reason = prepare(work)
        if reason is not None:
            raise Refused(reason)
        copied.ledger.keep(work.finish())
        return self._kept_aside(copied)

    def _kept_aside(self, copied: Simulated) -> Seen:
        self.aside[f"aside-{len(self.aside)}"] = copied
        return seen(copied)

    def aside_name(self, shown: Seen) -> str:
        """What to call an execution that was only told."""
        return next(reversed(self.aside)) if self.aside else shown.id

    def _restart(self, target: Simulated, asked: Json) -> Seen:
        revision = asked.get("revision")
        if revision is not None and revision != target.execution.flow_revision:
            flow = self._revision(target, revision)
            return self._adopted(flow, asked, lambda **how: acts.restart_in(flow, target.ledger, **how))
        told = self._prepared(target, prepare_restart)
        if asked.get("emit", True):
            self.world.send(target, lambda at, seed: ev.RestartRequested(at=at, seed=seed))
        return told

    def _replay(self, target: Simulated, asked: Json) -> Seen:
        flow = self._revision(target, asked["revision"]) if asked.get("revision") else target.flow
        run_id = asked.get("run_id")
        return self._adopted(flow, asked, lambda **how: acts.replay(flow, target.ledger, run_id, **how))

    def _revision(self, target: Simulated, revision: int) -> CompiledFlow:
        record = target.execution
        for each in self.revisions[record.namespace, record.flow_id]:
            if each.flow.revision == revision:
                return each
        raise Refused(f"there is no revision {revision}")

    def _adopted(
        self, flow: CompiledFlow, asked: Json, make: Callable[..., tuple[Execution, Sequence[TaskRun]]]
    ) -> Seen:
        try:
            execution, runs = make(id=self.world.new_id(), at=self.world.clock.now, seed=7)
        except acts.ActRefused as refused:
            raise Refused(str(refused)) from None
        told = seen_records(execution, runs)
        if asked.get("emit", True):
            self.world.adopt(flow, execution, runs)
        else:
            self.aside[execution.id] = Simulated(flow, MemoryLedger(execution, runs))
        return told

    def insert(self, flow: FlowName, state: str, start: datetime, end: datetime | None = None) -> str:
        """A row that stands there already."""
        compiled = self.world.flows[flow.namespace, flow.flow_id]
        history = [Step(State.CREATED, start), Step(State(state), end or start)]
        record = Execution(
            id=self.world.new_id(),
            tenant=self.world.tenant,
            namespace=flow.namespace,
            flow_id=flow.flow_id,
            flow_revision=compiled.flow.revision or 1,
            state=history[-1].state,
            history=history[: 1 if state == "CREATED" else 2],
        )
        self.world.executions[record.id] = Simulated(compiled, MemoryLedger(record))
        return record.id


def key_of(needs: Json) -> bytes | None:
    key = (needs.get("config") or {}).get("kestra.encryption.secret-key")
    return base64.b64decode(key) if key else None


def limit_of(needs: Json) -> int | None:
    told = (needs.get("config") or {}).get("kestra.jdbc.queues.message-protection") or {}
    return int(told["limit"]) if told.get("enabled") else None


def _copy(target: Simulated) -> Simulated:
    runs = deepcopy(target.runs)
    return replace(target, ledger=MemoryLedger(deepcopy(target.execution), runs))


def _event(name: str, asked: Json) -> Make:
    make = _EVENTS.get(name)
    if make is None:
        raise AssertionError(f"the act {name} is unknown")
    return make(asked)


def _resumed(asked: Json) -> Make:
    inputs = {key: value for key, value in (asked.get("inputs") or {}).items() if not isinstance(value, Upload)}
    to_state = State(asked.get("to_state", "RUNNING"))
    return lambda at, seed: ev.ResumeRequested(at=at, seed=seed, inputs=inputs, to_state=to_state)


def _plainly(event: type[ev.Event]) -> Callable[[Json], Make]:
    return lambda asked: lambda at, seed: event(at=at, seed=seed)


_EVENTS: dict[str, Callable[[Json], Make]] = {
    "resume": _resumed,
    "mark_as": lambda asked: (
        lambda at, seed: ev.TaskRunMarked(at=at, seed=seed, task_run_id=asked["run_id"], state=State(asked["state"]))
    ),
    "change_status": lambda asked: lambda at, seed: ev.StatusForced(at=at, seed=seed, state=State(asked["state"])),
    "labels": lambda asked: lambda at, seed: ev.LabelsSet(at=at, seed=seed, labels=asked["labels"]),
    "kill": _plainly(ev.KillRequested),
    "pause": _plainly(ev.PauseRequested),
    "force_run": _plainly(ev.RunForced),
    "unqueue": _plainly(ev.Unqueued),
}
