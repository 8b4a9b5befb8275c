"""A whole world in memory: flows, executions, workers and time. Users test their flows in it, and so do we."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from executions.engine import events as ev
from executions.engine.compiled import CompiledFlow, Kind, Surroundings, compile_flow
from executions.engine.decisions import ChildOrder, Decisions, Evaluation, JobOrder
from executions.engine.fold import fold
from executions.engine.jobs import job_child_id
from executions.engine.records import Execution, TaskRun
from executions.engine.rendering import merged
from executions.engine.scope import build_scope, references_of
from executions.engine.simulator.clock import Clock
from executions.engine.simulator.faults import Faults
from executions.engine.simulator.fleet import Done, Place, Script, evaluate, keep_files, lay_out, perform
from executions.engine.simulator.listeners import flow_triggers
from executions.engine.simulator.memory import MemoryLedger
from executions.engine.simulator.services import answers_for
from executions.engine.simulator.stores import Shelves, Stores
from executions.engine.start import new_execution
from flows.expressions import Environment
from flows.expressions.encryption import ENCRYPTED, decrypt, decrypted, encrypt
from flows.model.flow import Flow
from flows.model.inputs.ports import Keepers
from flows.model.inputs.resolve import resolve_inputs
from flows.model.parse import parse_flow
from plugins.contracts import LogLevel, PluginError, State, Task

MakeEvent = Callable[[datetime, int], ev.Event]
LEASE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a log."""

    date: datetime
    level: LogLevel
    message: str
    execution_id: str
    task_id: str | None = None
    task_run_id: str | None = None


@dataclass(slots=True)
class Simulated:
    """One execution of a simulation."""

    flow: CompiledFlow
    ledger: MemoryLedger
    logs: list[Line] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    children: dict[tuple[str, int | None, int], str] = field(default_factory=dict)
    child_of: tuple[str, str, int | None] | None = None
    seen_states: list[State] = field(default_factory=list)

    @property
    def execution(self) -> Execution:
        return self.ledger.execution

    @property
    def id(self) -> str:
        return self.ledger.execution.id

    @property
    def state(self) -> State:
        return self.ledger.execution.state

    @property
    def runs(self) -> list[TaskRun]:
        return list(self.ledger.all_task_runs())

    def runs_of(self, task_id: str) -> list[TaskRun]:
        return [run for run in self.runs if run.task_id == task_id]

    @property
    def is_done(self) -> bool:
        """Ended, with nothing left to run after it."""
        return self.state.is_terminal and all(run.state.is_terminal for run in self.ledger.runs.values())


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
        shelves: Shelves | None = None,
        surroundings: Surroundings | None = None,
        tenant: str = "main",
        encryption_key: bytes | None = None,
        way_out: Any = None,
    ) -> None:
        self.clock = Clock(now or datetime(2024, 1, 1, tzinfo=UTC))
        self.faults = faults or Faults()
        self.script = script
        self.shelves = shelves or Shelves()
        self.surroundings = surroundings or Surroundings()
        self.tenant = tenant
        self.encryption_key = encryption_key
        self.way_out = way_out
        """The `http` service of tasks; without one they reach nothing."""
        self.toggled: list[dict[str, Any]] = []
        self.flows: dict[tuple[str, str], CompiledFlow] = {}
        self.executions: dict[str, Simulated] = {}
        self.workdirs: dict[str, Path] = {}
        self.skipped: set[str] = set()
        """Executions nothing is done for."""
        self.windows: dict[tuple[str, str, str, str], set[str]] = {}
        self._chance = random.Random(seed)
        self._timers: dict[tuple[str, str], int] = {}
        self._jobs: dict[tuple[str, str], int] = {}
        self._count = 0
        for flow in flows:
            self.add(flow)

    def add(self, flow: str | Flow) -> CompiledFlow:
        """Make a flow known, or a new revision of it."""
        parsed = parse_flow(flow).flow if isinstance(flow, str) else flow
        known = self.flows.get((parsed.namespace, parsed.id))
        revision = (known.flow.revision or 1) + 1 if known is not None else 1
        compiled = compile_flow(parsed.model_copy(update={"revision": revision}), surroundings=self.surroundings)
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
        execution_id = self._new_id()
        values = self._inputs(flow, inputs or {}, execution_id) if resolve else dict(inputs or {})
        execution = new_execution(
            flow, id=execution_id, tenant=self.tenant, at=self.clock.now, inputs=values, labels=labels, **over
        )
        return self.adopt(flow, execution)

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
            keep_file=lambda name, upload: self.shelves.put(f"{folder}/{name}/{upload.name}", upload.content),
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
        self._carry_out(execution, decisions)
        return decisions

    def _deliver(self, execution: Simulated, make: MakeEvent) -> None:
        """Send with whatever goes wrong on the way."""
        for _ in range(2 if self.faults.duplicates_now() else 1):
            self.clock.after(self.faults.delay(), lambda: self._arrive(execution, make))

    def _arrive(self, execution: Simulated, make: MakeEvent) -> None:
        self.send(execution, make)

    def _create(self, execution: Simulated) -> None:
        if execution.id in self.skipped:
            return
        limit = execution.flow.flow.concurrency
        has_slot = limit is None or self._running(execution) < limit.limit
        self.send(execution, lambda at, seed: ev.Created(at=at, seed=seed, has_slot=has_slot))

    def _running(self, execution: Simulated) -> int:
        return sum(
            1
            for other in self.executions.values()
            if other is not execution
            and (other.execution.namespace, other.execution.flow_id)
            == (execution.execution.namespace, execution.execution.flow_id)
            and not other.state.is_terminal
            and other.state not in (State.CREATED, State.QUEUED)
        )

    def _carry_out(self, execution: Simulated, decisions: Decisions) -> None:
        self._write_logs(execution, decisions)
        for task_run_id in (*decisions.kill_jobs, *decisions.deleted):
            self._kill_job(execution, task_run_id, is_told=task_run_id in decisions.kill_jobs)
        for order in decisions.jobs:
            self._offer(execution, order)
        for evaluation in decisions.evaluations:
            self._evaluate(execution, evaluation)
        self._set_timers(execution, decisions)
        for child in decisions.children:
            self._start_child(execution, child)
        for task_run_id in decisions.kill_children_of:
            self._kill_children(execution, task_run_id)
        if decisions.retry_execution is not None:
            self._retry_execution(execution, decisions.retry_execution.due_at)
        self._tell_others(execution, decisions)

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
            token = self._timers[execution.id, timer.key] = self._next()
            fire = self._fire(execution, timer.key, token)
            self.clock.plan(timer.due_at + self.faults.delay(), fire)

    def _fire(self, execution: Simulated, key: str, token: int) -> Callable[[], None]:
        def fire() -> None:
            if self._timers.get((execution.id, key)) == token:
                self._deliver(execution, lambda at, seed: ev.TimerFired(at=at, seed=seed, key=key))

        return fire

    def _offer(self, execution: Simulated, order: JobOrder) -> None:
        token = self._jobs[execution.id, order.task_run_id] = self._next()

        def claim() -> None:
            if self._jobs.get((execution.id, order.task_run_id)) == token:
                self._claim(execution, order, token)

        self.clock.plan(order.due_at + self.faults.delay(), claim)

    def _claim(self, execution: Simulated, order: JobOrder, token: int) -> None:
        started = self.send(
            execution,
            lambda at, seed: ev.JobStarted(
                at=at, seed=seed, task_run_id=order.task_run_id, attempt=order.attempt, worker_id="simulated"
            ),
        )
        if started.refused is not None:
            return
        run = execution.ledger.task_run(order.task_run_id)
        if self.faults.crashes_now():
            self._lose(execution, run, token, is_drained=False)
        elif self.faults.drains_now():
            self._lose(execution, run, token, is_drained=True)
        elif execution.flow.nodes[order.task_id].kind is Kind.DIRECTORY:
            self._run_directory(execution, run, token, 0)
        else:
            self._report(execution, run, token, self._do(execution, run))

    def _lose(self, execution: Simulated, run: TaskRun, token: int, is_drained: bool) -> None:
        attempt = len(run.attempts)

        def lose() -> None:
            if self._jobs.pop((execution.id, run.id), None) in (token, -token):
                self._deliver(
                    execution,
                    lambda at, seed: ev.JobLost(
                        at=at, seed=seed, task_run_id=run.id, attempt=attempt, is_drained=is_drained
                    ),
                )

        self.clock.after(timedelta(seconds=1) if is_drained else LEASE, lose)

    def _do(self, execution: Simulated, run: TaskRun, workdir: Path | None = None) -> Done:
        task = execution.flow.task(run.task_id)
        place = self._place(execution, run, self._scope(execution, run))
        done = perform(task, place, self._stores(execution, run), script=self.script, workdir=workdir)
        for level, message in done.logs:
            self.log(execution, level, message, run)
        return done

    def _scope(self, execution: Simulated, run: TaskRun) -> dict[str, Any]:
        needs = references_of(execution.flow, execution.flow.task(run.task_id))
        return self._opened(build_scope(execution.flow, execution.ledger, run, needs))

    def _opened(self, scope: dict[str, Any]) -> dict[str, Any]:
        """Encrypted values in clear, as the control plane hands them to the job that is entitled to them."""
        key = self.encryption_key
        opened: dict[str, Any] = decrypted(scope, lambda text: text if key is None else decrypt(key, text))
        return opened

    def _place(self, execution: Simulated, run: TaskRun | None, scope: Mapping[str, Any]) -> Place:
        record = execution.execution
        return Place(
            tenant=record.tenant,
            namespace=record.namespace,
            flow_id=record.flow_id,
            execution_id=record.id,
            task_run_id=run.id if run is not None else "",
            attempt=len(run.attempts) if run is not None else 1,
            value=run.value if run is not None else None,
            scope=scope,
        )

    def _stores(self, execution: Simulated, run: TaskRun | None) -> Stores:
        record = execution.execution
        task_id = run.task_id.replace("_", "-") if run is not None else "none"
        folder = (
            f"/{record.namespace.replace('.', '/')}/{record.flow_id}/executions/{record.id}"
            f"/tasks/{task_id.lower()}/{run.id if run is not None else ''}"
        )

        def find(name: str) -> Any:
            value: Any = build_scope(execution.flow, execution.ledger, run)
            for key in name.split("."):
                value = value.get(key) if isinstance(value, Mapping) else None
            return value

        answers = answers_for(self, execution, run)
        return Stores(self.shelves, folder, record.namespace, answers, find, self.way_out)

    def _report(self, execution: Simulated, run: TaskRun, token: int, done: Done) -> None:
        attempt = len(run.attempts)

        def end() -> None:
            state = self._jobs.pop((execution.id, run.id), None)
            if state == token:
                self._deliver(execution, _ended(run.id, attempt, done))
            elif state == -token:
                self._deliver(execution, _ended(run.id, attempt, Done(State.KILLED)))

        self.clock.after(done.took, end)

    def _kill_job(self, execution: Simulated, task_run_id: str, is_told: bool) -> None:
        """A waiting job is withdrawn; a running one ends KILLED when its time has come."""
        key = (execution.id, task_run_id)
        run = execution.ledger.runs.get(task_run_id)
        if key in self._jobs and run is not None and is_told and run.state is State.RUNNING:
            self._jobs[key] = -abs(self._jobs[key])
        else:
            self._jobs.pop(key, None)

    def _run_directory(self, execution: Simulated, run: TaskRun, token: int, position: int) -> None:
        """The worker's side of a WorkingDirectory: its tasks one after the other, in one directory."""
        if self._jobs.get((execution.id, run.id)) not in (token, -token):
            return
        tasks = execution.flow.nodes[run.task_id].branches["tasks"]
        if self._jobs[execution.id, run.id] == -token:
            self._close_directory(execution, run, token, Done(State.KILLED))
            return
        if position == 0:
            self.workdirs[run.id] = Path(tempfile.mkdtemp(prefix="simulated-"))
        workdir = self.workdirs[run.id]
        laid_out = self._in_directory(execution, run, workdir, lay_out) if position == 0 else None
        if laid_out is not None and laid_out.state is State.FAILED:
            self._close_directory(execution, run, token, laid_out)
        elif position >= len(tasks):
            self._close_directory(execution, run, token, self._in_directory(execution, run, workdir, keep_files))
        else:
            self._run_in_directory(execution, run, token, position, workdir)

    def _in_directory(
        self, execution: Simulated, run: TaskRun, workdir: Path, act: Callable[[Task, Place, Any, Path], Done]
    ) -> Done:
        task = execution.flow.task(run.task_id)
        return act(
            task, self._place(execution, run, self._scope(execution, run)), self._stores(execution, run), workdir
        )

    def _run_in_directory(
        self, execution: Simulated, directory: TaskRun, token: int, position: int, workdir: Path
    ) -> None:
        child_id = job_child_id(directory.id, len(directory.attempts), position)
        started = self.send(
            execution,
            lambda at, seed: ev.JobStarted(at=at, seed=seed, task_run_id=child_id, attempt=1, worker_id="simulated"),
        )
        if started.refused is not None:
            self._close_directory(execution, directory, token, Done(State.KILLED))
            return
        child = execution.ledger.task_run(child_id)
        done = self._do(execution, child, workdir)

        def end() -> None:
            self.send(execution, _ended(child_id, 1, done))
            ended = execution.ledger.runs.get(child_id)
            if ended is None or ended.state in (State.FAILED, State.KILLED):
                self._close_directory(execution, directory, token, Done(State.FAILED))
            else:
                self._run_directory(execution, directory, token, position + 1)

        self.clock.after(done.took, end)

    def _close_directory(self, execution: Simulated, run: TaskRun, token: int, done: Done) -> None:
        shutil.rmtree(self.workdirs.pop(run.id, Path("/nonexistent")), ignore_errors=True)
        self._report(execution, run, token, done)

    def _evaluate(self, execution: Simulated, evaluation: Evaluation) -> None:
        def answer() -> None:
            run = execution.ledger.runs.get(evaluation.task_run_id or "")
            scope = self._opened(merged(build_scope(execution.flow, execution.ledger, run), evaluation.extra))
            place = self._place(execution, run, scope)
            try:
                values = evaluate(evaluation.expressions, place, self._stores(execution, run))
            except PluginError as error:
                self._deliver(execution, _evaluated(evaluation.key, {}, str(error)))
            else:
                self._deliver(execution, _evaluated(evaluation.key, values, None))

        self.clock.plan(evaluation.due_at + self.faults.delay(), answer)

    def _start_child(self, parent: Simulated, order: ChildOrder) -> None:
        def start() -> None:
            key = (order.task_run_id, order.iteration, order.attempt)
            if key in parent.children:
                return
            try:
                child = self._child(parent, order)
            except Exception as error:
                reason = f"Unable to start {order.namespace}.{order.flow_id}: {error}"
                self._deliver(parent, _child_refused(order, reason))
                return
            parent.children[key] = child.id
            child.child_of = (parent.id, order.task_run_id, order.iteration)
            self._tell_parent(child)

        self.clock.after(self.faults.delay(), start)

    def _child(self, parent: Simulated, order: ChildOrder) -> Simulated:
        if (order.namespace, order.flow_id) not in self.flows:
            raise PluginError("there is no such flow")
        if self.flows[order.namespace, order.flow_id].flow.disabled:
            raise PluginError("the flow is disabled")
        record = parent.execution
        trigger = {
            "executionId": record.id,
            "namespace": record.namespace,
            "flowId": record.flow_id,
            "flowRevision": record.flow_revision,
        }
        return self.start(
            order.namespace,
            order.flow_id,
            order.inputs,
            order.labels,
            trigger=trigger,
            schedule_date=order.schedule_date,
        )

    def _kill_children(self, parent: Simulated, task_run_id: str) -> None:
        attempt = len(parent.ledger.task_run(task_run_id).attempts)
        for (run_id, _iteration, number), child_id in list(parent.children.items()):
            if run_id == task_run_id and number == attempt:
                self._deliver(self.executions[child_id], lambda at, seed: ev.KillRequested(at=at, seed=seed))

    def _tell_others(self, execution: Simulated, decisions: Decisions) -> None:
        """Parents, flow triggers and queued executions learn of a change."""
        new = [step.state for step in execution.execution.history[len(execution.seen_states) :]]
        execution.seen_states += new
        for state in new:
            flow_triggers(self, execution, state)
        if new and execution.child_of is not None:
            self._tell_parent(execution)
        if decisions.has_ended:
            self._free_slot(execution)

    def _tell_parent(self, child: Simulated) -> None:
        assert child.child_of is not None
        parent_id, task_run_id, iteration = child.child_of
        record = child.execution
        state, outputs = record.state, dict(record.outputs or {})
        parent = self.executions[parent_id]
        self._deliver(
            parent,
            lambda at, seed: ev.ChildChanged(
                at=at,
                seed=seed,
                task_run_id=task_run_id,
                child_id=record.id,
                state=state,
                outputs=outputs,
                iteration=iteration,
            ),
        )

    def _free_slot(self, execution: Simulated) -> None:
        concurrency = execution.flow.flow.concurrency
        if concurrency is None:
            return
        own = (execution.execution.namespace, execution.execution.flow_id)

        def free() -> None:
            waiting = [
                other
                for other in self.executions.values()
                if (other.execution.namespace, other.execution.flow_id) == own and other.state is State.QUEUED
            ]
            if waiting and self._running(execution) < concurrency.limit:
                self.send(waiting[0], lambda at, seed: ev.SlotFreed(at=at, seed=seed))

        self.clock.after(self.faults.delay(), free)

    def _retry_execution(self, execution: Simulated, due: datetime) -> None:
        record = execution.execution

        def retry() -> None:
            again = new_execution(
                execution.flow,
                id=self._new_id(),
                tenant=record.tenant,
                at=self.clock.now,
                inputs=record.inputs,
                labels=record.labels,
                trigger=record.trigger,
                variables=record.variables,
                original_id=record.original_id or record.id,
                parent_id=record.id,
                attempt_number=record.attempt_number + 1,
                original_created_date=record.original_created_date or record.start_date,
            )
            new = self.adopt(execution.flow, again)
            new.child_of = execution.child_of

        self.clock.plan(due, retry)

    def later(self, seconds: float) -> datetime:
        return self.clock.now + timedelta(seconds=seconds)

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _new_id(self) -> str:
        number = self._next()
        return f"sim{number:019d}"


def _ended(task_run_id: str, attempt: int, done: Done) -> MakeEvent:
    return lambda at, seed: ev.JobEnded(
        at=at,
        seed=seed,
        task_run_id=task_run_id,
        attempt=attempt,
        state=done.state,
        outputs=done.outputs,
        error=done.error,
        is_retryable=done.is_retryable,
        labels=done.labels,
    )


def _evaluated(key: str, values: Mapping[str, Any], error: str | None) -> MakeEvent:
    return lambda at, seed: ev.Evaluated(at=at, seed=seed, key=key, values=values, error=error)


def _child_refused(order: ChildOrder, reason: str) -> MakeEvent:
    return lambda at, seed: ev.ChildRefused(
        at=at, seed=seed, task_run_id=order.task_run_id, reason=reason, iteration=order.iteration
    )
