"""A whole world in memory: flows, executions, workers and time. Users test their flows in it, and so do we."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from executions.engine import events as ev
from executions.engine.compiled import CompiledFlow, Surroundings, compile_flow
from executions.engine.decisions import Decisions
from executions.engine.fold import fold
from executions.engine.records import Execution, TaskRun
from executions.engine.sealed import seal_evaluated
from executions.engine.start import new_execution, unknown_inputs
from executions.simulator.clock import Clock
from executions.simulator.faults import Faults
from executions.simulator.fleet import Script
from executions.simulator.memory import MemoryLedger
from executions.simulator.ports import MakeEvent
from executions.simulator.relatives import Relatives
from executions.simulator.simulated import Line, Simulated
from executions.simulator.stores import MemoryStores
from executions.simulator.worker_pool import SEALER, WorkerPool
from flows.expressions import Environment
from flows.expressions.encryption import ENCRYPTED, encrypt
from flows.model.flow import Flow
from flows.model.inputs.forms import asked
from flows.model.inputs.ports import Keepers
from flows.model.inputs.resolve import resolve_inputs
from flows.model.parse import parse_flow
from plugins.contracts import LogLevel

LEASE = timedelta(seconds=30)


class Simulator:
    """Runs flows with the real engine and the real tasks, a clock that jumps, and faults from a seed.

        world = Simulator([yaml])
        execution = world.run("company.team", "my_flow", inputs={"n": 1})
        assert execution.state is State.SUCCESS

    `script` decides what an attempt comes to; tasks it says nothing of run for real. The same seed gives the same run.
    """

    def __init__(
        self,
        flows: Iterable[str | Flow] = (),
        *,
        seed: int = 0,
        now: datetime | None = None,
        faults: Faults | None = None,
        script: Script | None = None,
        memory_stores: MemoryStores | None = None,
        surroundings: Surroundings | None = None,
        tenant: str = "main",
        encryption_key: bytes | None = None,
        http_service: Any = None,
        message_limit: int | None = None,
    ) -> None:
        self.clock = Clock(now or datetime(2024, 1, 1, tzinfo=UTC))
        self.faults = faults or Faults()
        self.script = script
        self.memory_stores = memory_stores or MemoryStores()
        self.surroundings = surroundings or Surroundings()
        self.tenant = tenant
        self.encryption_key = encryption_key
        self.http_service = http_service
        """The `http` service of tasks; without one they reach nothing."""
        self.message_limit = message_limit
        self.toggled: list[dict[str, Any]] = []
        self.flows: dict[tuple[str, str], CompiledFlow] = {}
        self.executions: dict[str, Simulated] = {}
        self.skipped: set[str] = set()
        """Executions nothing is done for."""
        self.windows: dict[tuple[str, str, str, str], set[str]] = {}
        self.brought: dict[tuple[str, str, str, str], dict[tuple[str, str], Mapping[str, Any]]] = {}
        """Outputs of the executions that were met in a window, by namespace and flow."""
        self._chance = random.Random(seed)
        self._timers: dict[tuple[str, str], int] = {}
        self._count = 0
        self.fleet = WorkerPool(self)
        self.relatives = Relatives(self)
        for flow in flows:
            self.add(flow)

    def add(self, flow: str | Flow) -> CompiledFlow:
        """Make a flow known, or a new revision of it."""
        parsed = parse_flow(flow).flow if isinstance(flow, str) else flow
        known = self.flows.get((parsed.namespace, parsed.id))
        revision = (known.flow.revision or 1) + 1 if known is not None else 1
        compiled = compile_flow(
            parsed.model_copy(update={"revision": revision}),
            surroundings=self.surroundings,
            message_limit=self.message_limit,
        )
        self.flows[parsed.namespace, parsed.id] = compiled
        return compiled

    def start(
        self,
        namespace: str,
        flow_id: str,
        inputs: Mapping[str, Any] | None = None,
        labels: Mapping[str, str] | None = None,
        *,
        resolve: bool = True,
        **over: Any,
    ) -> Simulated:
        """Create an execution; nothing of it happens before time goes on. KeyError when the flow is unknown."""
        flow = self.flows[namespace, flow_id]
        execution_id = self.new_id()
        values = self._inputs(flow, inputs or {}, execution_id) if resolve else _filled(flow, inputs or {})
        execution = new_execution(
            flow, id=execution_id, tenant=self.tenant, at=self.clock.now, inputs=values, labels=labels, **over
        )
        begun = self.adopt(flow, execution)
        for warning in unknown_inputs(flow, inputs or {}, values) if resolve else ():
            self.log(begun, LogLevel.WARN, warning, None)
        return begun

    def adopt(self, flow: CompiledFlow, execution: Execution, runs: Sequence[TaskRun] = ()) -> Simulated:
        """Take in an execution that was made elsewhere, and let it begin in time."""
        simulated = Simulated(flow, MemoryLedger(execution, runs))
        self.executions[execution.id] = simulated
        due = execution.schedule_date or self.clock.now
        self.clock.plan(due + self.faults.delay(), lambda: self._create(simulated))
        return simulated

    def _inputs(self, flow: CompiledFlow, given: Mapping[str, Any], execution_id: str) -> dict[str, Any]:
        scope = {"flow": {"id": flow.flow.id, "namespace": flow.flow.namespace}, "execution": {"id": execution_id}}
        environment = Environment(clock=lambda: self.clock.now)
        keepers = self._keepers(flow, execution_id)
        return resolve_inputs(flow.flow.inputs, given, scope=scope, env=environment, keepers=keepers).require()

    def _keepers(self, flow: CompiledFlow, execution_id: str) -> Keepers:
        folder = f"/{flow.flow.namespace.replace('.', '/')}/{flow.flow.id}/executions/{execution_id}/inputs"
        key = self.encryption_key
        return Keepers(
            keep_file=lambda name, upload: self.memory_stores.put(f"{folder}/{name}/{upload.name}", upload.content),
            close_secret=lambda text: {"type": ENCRYPTED, "value": encrypt(key, text)} if key is not None else text,
        )

    def run(self, namespace: str, flow_id: str, inputs: Mapping[str, Any] | None = None, **over: Any) -> Simulated:
        """Start and let everything happen that will."""
        execution = self.start(namespace, flow_id, inputs, **over)
        self.settle()
        return execution

    def settle(self, most: int = 1_000_000) -> None:
        """Let time run until nothing is planned any more."""
        for _ in range(most):
            if not self.clock.step():
                return
        raise RuntimeError("the simulation does not come to rest")

    def until(self, condition: Callable[[], bool], within: timedelta = timedelta(days=365)) -> bool:
        """Let time run until something holds; False when it did not within that time."""
        end = self.clock.now + within
        while not condition():
            due = self.clock.next_due
            if due is None or due > end:
                return False
            self.clock.step()
        return True

    def send(self, execution: Simulated, make: MakeEvent) -> Decisions:
        """Fold an event now, and let its consequences be planned."""
        event = make(self.clock.now, self._chance.getrandbits(48))
        decisions = fold(execution.flow, execution.ledger, event)
        if decisions.refused is not None:
            execution.refused.append(f"{type(event).__name__}: {decisions.refused}")
            return decisions
        execution.ledger.keep(decisions)
        if isinstance(event, ev.Evaluated):
            seal_evaluated(execution.ledger, event, SEALER)
        self._carry_out(execution, decisions)
        return decisions

    def deliver(self, execution: Simulated, make: MakeEvent) -> None:
        """Send with whatever goes wrong on the way."""
        for _ in range(2 if self.faults.duplicates_now() else 1):
            self.clock.after(self.faults.delay(), lambda: self._arrive(execution, make))

    def _arrive(self, execution: Simulated, make: MakeEvent) -> None:
        self.send(execution, make)

    def _create(self, execution: Simulated) -> None:
        if execution.id in self.skipped:
            return
        limit = execution.flow.flow.concurrency
        has_slot = limit is None or self.relatives.running(execution) < limit.limit
        self.send(execution, lambda at, seed: ev.Created(at=at, seed=seed, has_slot=has_slot))

    def _carry_out(self, execution: Simulated, decisions: Decisions) -> None:
        self._write_logs(execution, decisions)
        for task_run_id in (*decisions.kill_jobs, *decisions.deleted):
            self.fleet.kill_job(execution, task_run_id, is_told=task_run_id in decisions.kill_jobs)
        for order in decisions.jobs:
            self.fleet.offer(execution, order)
        for evaluation in decisions.evaluations:
            self.fleet.evaluate(execution, evaluation)
        self._set_timers(execution, decisions)
        for child in decisions.children:
            self.relatives.start_child(execution, child)
        if decisions.kills_descendants:
            self.relatives.kill_descendants(execution)
        for restart in decisions.restarts:
            self.relatives.restart_child(execution, restart)
        for turn in decisions.turns:
            self.relatives.begin_turn(execution, turn)
        for task_run_id in decisions.more_turns_of:
            self.relatives.go_on_with_turns(execution, task_run_id)
        for task_run_id in decisions.kill_children_of:
            self.relatives.kill_children(execution, task_run_id)
        if decisions.retry_execution is not None:
            self.relatives.retry(execution, decisions.retry_execution.due_at)
        self.relatives.tell(execution, decisions)

    def _write_logs(self, execution: Simulated, decisions: Decisions) -> None:
        for line in decisions.logs:
            run = execution.ledger.runs.get(line.task_run_id or "")
            self.log(execution, line.level, line.message, run)

    def log(self, execution: Simulated, level: LogLevel, message: str, run: TaskRun | None) -> None:
        task_id = run.task_id if run is not None else None
        run_id = run.id if run is not None else None
        execution.logs.append(Line(self.clock.now, level, message, execution.id, task_id, run_id))
        if level is LogLevel.ERROR:
            execution.ledger.errors.append(
                {
                    "taskId": task_id,
                    "taskRunId": run_id,
                    "message": message,
                    "level": "ERROR",
                    "timestamp": self.clock.now,
                }
            )

    def _set_timers(self, execution: Simulated, decisions: Decisions) -> None:
        for key in decisions.cancelled_timers:
            self._timers.pop((execution.id, key), None)
        for timer in decisions.timers:
            token = self._timers[execution.id, timer.key] = self.next_number()
            fire = self._fire(execution, timer.key, token)
            self.clock.plan(timer.due_at + self.faults.delay(), fire)

    def _fire(self, execution: Simulated, key: str, token: int) -> Callable[[], None]:
        def fire() -> None:
            if self._timers.get((execution.id, key)) == token:
                self.deliver(execution, lambda at, seed: ev.TimerFired(at=at, seed=seed, key=key))

        return fire

    def later(self, seconds: float) -> datetime:
        return self.clock.now + timedelta(seconds=seconds)

    def next_number(self) -> int:
        self._count += 1
        return self._count

    def new_id(self) -> str:
        number = self.next_number()
        return f"sim{number:019d}"


def _filled(flow: CompiledFlow, given: Mapping[str, Any]) -> dict[str, Any]:
    """Values that are taken as they are, and the plain defaults of inputs that are not among them."""
    defaults = {
        each.id: each.defaults for each in asked(flow.flow.inputs) if isinstance(each.defaults, str | int | float)
    }
    return {**{name: value for name, value in defaults.items() if "{{" not in str(value)}, **given}
