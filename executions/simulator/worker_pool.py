"""The workers of a simulated world: they claim what is ordered, do it, and report; or die on the way."""

from __future__ import annotations

import shutil
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from executions.engine import events as ev
from executions.engine.compiled import Kind
from executions.engine.control import needs_of
from executions.engine.decisions import Evaluation, JobOrder
from executions.engine.jobs import job_child_id
from executions.engine.records import TaskRun
from executions.engine.rendering import merged
from executions.engine.scope import build_scope, follow, references_of
from executions.engine.sealed import Mask, Sealer, evaluated, opened_scope
from executions.simulator.fleet import Done, Place, evaluate, job_directory, keep_files, lay_out, perform
from executions.simulator.ports import MakeEvent, World
from executions.simulator.services import answers_for
from executions.simulator.simulated import Simulated
from executions.simulator.stores import Stores
from flows.expressions.encryption import decrypt, decrypted
from plugins.contracts import PluginError, State, Task
from plugins.contracts.truth import is_true
from plugins.storage.port import task_folder
from workers.runtime import protocol
from workers.runtime.masking import Masker

LEASE = timedelta(seconds=30)


class WorkerPool:
    """Every worker there is. A job is known by a token; the negative token is one that was told to stop."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.jobs: dict[tuple[str, str], int] = {}
        self.workdirs: dict[str, Path] = {}

    def offer(self, execution: Simulated, order: JobOrder) -> None:
        token = self.jobs[execution.id, order.task_run_id] = self.world.next_number()

        def claim() -> None:
            if self.jobs.get((execution.id, order.task_run_id)) == token:
                self._claim(execution, order, token)

        self.world.clock.plan(order.due_at + self.world.faults.delay(), claim)

    def _claim(self, execution: Simulated, order: JobOrder, token: int) -> None:
        started = self.world.send(
            execution,
            lambda at, seed: ev.JobStarted(
                at=at, seed=seed, task_run_id=order.task_run_id, attempt=order.attempt, worker_id="simulated"
            ),
        )
        if started.refused is not None:
            return
        run = execution.ledger.task_run(order.task_run_id)
        if self.world.faults.crashes_now():
            self._lose(execution, run, token, is_drained=False)
        elif self.world.faults.drains_now():
            self._lose(execution, run, token, is_drained=True)
        elif execution.flow.nodes[order.task_id].kind is Kind.DIRECTORY:
            self._run_directory(execution, run, token, 0)
        else:
            self._report(execution, run, token, self._do(execution, run))

    def _lose(self, execution: Simulated, run: TaskRun, token: int, is_drained: bool) -> None:
        attempt = len(run.attempts)

        def lose() -> None:
            if self.jobs.pop((execution.id, run.id), None) in (token, -token):
                self.world.deliver(
                    execution,
                    lambda at, seed: ev.JobLost(
                        at=at, seed=seed, task_run_id=run.id, attempt=attempt, is_drained=is_drained
                    ),
                )

        self.world.clock.after(timedelta(seconds=1) if is_drained else LEASE, lose)

    def _do(self, execution: Simulated, run: TaskRun, workdir: Path | None = None) -> Done:
        task = execution.flow.task(run.task_id)
        place = self._place(execution, run, self._scope(execution, run))
        done = perform(task, place, self._stores(execution, run), script=self.world.script, workdir=workdir)
        for level, message in done.logs:
            self.world.log(execution, level, message, run)
        execution.metrics += [_metric(metric, run) for metric in done.metrics]
        return done

    def _scope(self, execution: Simulated, run: TaskRun) -> Opened:
        needs = references_of(execution.flow, execution.flow.task(run.task_id))
        return self._opened(build_scope(execution.flow, execution.ledger, run, needs))

    def _opened(self, scope: dict[str, Any]) -> Opened:
        """Encrypted values in clear, as the control plane hands them to the job that is entitled to them."""
        key = self.world.encryption_key
        opened: dict[str, Any] = decrypted(scope, lambda text: text if key is None else decrypt(key, text))
        return opened_scope(opened, SEALER)

    def _place(self, execution: Simulated, run: TaskRun | None, opened: Opened) -> Place:
        scope, secrets = opened
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
            secrets=tuple(secrets),
        )

    def _stores(self, execution: Simulated, run: TaskRun | None) -> Stores:
        record = execution.execution
        task_id = task_folder(_owner_of_files(execution, run))
        folder = (
            f"/{record.namespace.replace('.', '/')}/{record.flow_id}/executions/{record.id}"
            f"/tasks/{task_id}/{run.id if run is not None else ''}"
        )

        def find(name: str) -> Any:
            value: Any = build_scope(execution.flow, execution.ledger, run)
            for key in name.split("."):
                value = value.get(key) if isinstance(value, Mapping) else None
            return value

        answers = answers_for(self.world, execution, run)
        return Stores(self.world.memory_stores, folder, record.namespace, answers, find, self.world.http_service)

    def _report(self, execution: Simulated, run: TaskRun, token: int, done: Done) -> None:
        attempt = len(run.attempts)

        def end() -> None:
            state = self.jobs.pop((execution.id, run.id), None)
            if state == token:
                self.world.deliver(execution, _ended(run.id, attempt, done))
            elif state == -token:
                self.world.deliver(execution, _ended(run.id, attempt, Done(State.KILLED)))

        self.world.clock.after(done.took, end)

    def kill_job(self, execution: Simulated, task_run_id: str, is_told: bool) -> None:
        """A waiting job is withdrawn; a running one ends KILLED when its time has come."""
        key = (execution.id, task_run_id)
        run = execution.ledger.runs.get(task_run_id)
        if key in self.jobs and run is not None and is_told and run.state is State.RUNNING:
            self.jobs[key] = -abs(self.jobs[key])
        else:
            self.jobs.pop(key, None)

    def _run_directory(self, execution: Simulated, run: TaskRun, token: int, position: int) -> None:
        """The worker's side of a WorkingDirectory: its tasks one after the other, in one directory."""
        if self.jobs.get((execution.id, run.id)) not in (token, -token):
            return
        tasks = execution.flow.nodes[run.task_id].branches["tasks"]
        if self.jobs[execution.id, run.id] == -token:
            self._close_directory(execution, run, token, Done(State.KILLED))
            return
        if position == 0:
            self.workdirs[run.id] = job_directory()
            (self.workdirs[run.id] / "shared").mkdir(mode=0o700)
        workdir = self.workdirs[run.id] / "shared"
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
        child = execution.ledger.runs.get(child_id)
        if child is not None and not self._is_to_run(execution, child):
            self._end_in_directory(execution, directory, token, position, child_id, Done(State.SKIPPED))
            return
        started = self.world.send(
            execution,
            lambda at, seed: ev.JobStarted(at=at, seed=seed, task_run_id=child_id, attempt=1, worker_id="simulated"),
        )
        if started.refused is not None:
            self._close_directory(execution, directory, token, Done(State.KILLED))
            return
        done = self._do(execution, execution.ledger.task_run(child_id), workdir)
        self._end_in_directory(execution, directory, token, position, child_id, done)

    def _end_in_directory(
        self, execution: Simulated, directory: TaskRun, token: int, position: int, child_id: str, done: Done
    ) -> None:
        def end() -> None:
            self.world.send(execution, _ended(child_id, 1, done))
            ended = execution.ledger.runs.get(child_id)
            if ended is None or ended.state in (State.FAILED, State.KILLED):
                self._close_directory(execution, directory, token, Done(State.FAILED))
            else:
                self._run_directory(execution, directory, token, position + 1)

        self.world.clock.after(done.took, end)

    def _is_to_run(self, execution: Simulated, child: TaskRun) -> bool:
        """Whether the `runIf` of a task in a directory holds, which its worker asks."""
        condition = execution.flow.task(child.task_id).run_if
        if condition is None:
            return True
        needs = follow(execution.flow, needs_of(condition))
        scope = self._opened(build_scope(execution.flow, execution.ledger, child, needs))
        place, stores = self._place(execution, child, scope), self._stores(execution, child)
        values, _ = evaluate({"runIf": condition}, place, stores)
        return is_true(values["runIf"])

    def _close_directory(self, execution: Simulated, run: TaskRun, token: int, done: Done) -> None:
        shutil.rmtree(self.workdirs.pop(run.id, Path("/nonexistent")), ignore_errors=True)
        self._report(execution, run, token, done)

    def evaluate(self, execution: Simulated, evaluation: Evaluation) -> None:
        def answer() -> None:
            run = execution.ledger.runs.get(evaluation.task_run_id or "")
            scope = self._opened(merged(build_scope(execution.flow, execution.ledger, run), evaluation.extra))
            place = self._place(execution, run, scope)
            try:
                values, secrets = evaluate(evaluation.expressions, place, self._stores(execution, run))
            except PluginError as error:
                self.world.deliver(execution, _evaluated(evaluation.key, {}, [], str(error)))
            else:
                self.world.deliver(execution, _evaluated(evaluation.key, values, secrets, None))

        self.world.clock.plan(evaluation.due_at + self.world.faults.delay(), answer)


Opened = tuple[dict[str, Any], list[str]]
"""The variables of a job, and the secrets in them."""


def _mask_of(secrets: list[str]) -> Mask:
    masker = Masker()
    masker.add(secrets)
    return masker.mask


SEALER = Sealer(_mask_of, lambda content: b64encode(content).decode(), lambda text: b64decode(text, validate=True))
"""Closes nothing from whoever looks into a simulation, but stands in outputs as on a server."""


def _owner_of_files(execution: Simulated, run: TaskRun | None) -> str:
    """The task in whose folder files are kept: of a task in a WorkingDirectory, the directory, whose job it is."""
    if run is None:
        return "none"
    node = execution.flow.nodes[run.task_id]
    return node.parent if node.is_inside_job and node.parent is not None else run.task_id


def _metric(metric: protocol.Metric, run: TaskRun) -> dict[str, Any]:
    return {
        "taskRunId": run.id,
        "taskId": run.task_id,
        "name": metric.name,
        "type": metric.type,
        "value": metric.value,
        "tags": dict(metric.tags),
    }


def _ended(task_run_id: str, attempt: int, done: Done) -> MakeEvent:
    return lambda at, seed: ev.JobEnded(
        at=at,
        seed=seed,
        task_run_id=task_run_id,
        attempt=attempt,
        state=done.state,
        outputs=SEALER.sealed(done.outputs, done.secrets),
        error=done.error,
        is_retryable=done.is_retryable,
        labels=done.labels,
        variables=done.variables,
        task_runs=done.task_runs,
    )


def _evaluated(key: str, values: Mapping[str, Any], secrets: list[str], error: str | None) -> MakeEvent:
    kept = evaluated(key, values, secrets, SEALER)
    return lambda at, seed: ev.Evaluated(at=at, seed=seed, key=key, values=kept, error=error, secrets=secrets)
