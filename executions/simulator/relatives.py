"""What the executions of a simulated world mean for each other: children, parents, slots, tries anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from executions.engine import events as ev
from executions.engine.chosen_outputs import chosen_outputs, wants_to_choose
from executions.engine.compiled import CompiledFlow
from executions.engine.decisions import ChildOrder, ChildRestart, Decisions, TurnOrder
from executions.engine.lineage import DEEPEST, too_deep
from executions.engine.records import Execution
from executions.engine.start import REPEATS, new_execution
from executions.engine.turns import end_of_turn, gives_outputs, new_turn, new_turn_after
from executions.simulator.listeners import flow_triggers
from executions.simulator.memory import MemoryLedger
from executions.simulator.ports import MakeEvent, World
from executions.simulator.simulated import Simulated
from flows.expressions import Environment, ExpressionError
from plugins.contracts import PluginError, State
from plugins.formats.ion import text_of


class Relatives:
    """Carries word from one execution to the others."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.repetitions: dict[str, bool] = {}
        """Executions that are to be tried anew."""

    def running(self, execution: Simulated) -> int:
        return sum(
            1
            for other in self.world.executions.values()
            if other is not execution
            and (other.execution.namespace, other.execution.flow_id)
            == (execution.execution.namespace, execution.execution.flow_id)
            and not other.state.is_terminal
            and other.state not in (State.CREATED, State.QUEUED)
        )

    def start_child(self, parent: Simulated, order: ChildOrder) -> None:
        def start() -> None:
            key = (order.task_run_id, order.iteration, order.attempt)
            if key in parent.children:
                return
            try:
                child = self._child(parent, order)
            except Exception as error:
                reason = f"Unable to start {order.namespace}.{order.flow_id}: {error}"
                self.world.deliver(parent, _child_refused(order, reason))
                return
            parent.children[key] = child.id
            child.child_of = (parent.id, order.task_run_id, order.iteration)
            self._tell_parent(child)

        self.world.clock.after(self.world.faults.delay(), start)

    def _above(self, execution: Simulated) -> list[Simulated]:
        """An execution and those whose tasks have started it, the outermost first."""
        parent_id = execution.child_of[0] if execution.child_of is not None else None
        if execution.execution.loop_run is not None:
            parent_id = execution.execution.parent_id
        return [*self._above(self.world.executions[parent_id]), execution] if parent_id else [execution]

    def kill_descendants(self, execution: Simulated) -> None:
        for other in list(self.world.executions.values()):
            if other is not execution and not other.state.is_terminal and execution in self._above(other):
                self.world.deliver(other, lambda at, seed: ev.KillRequested(at=at, seed=seed, is_from_above=True))

    def _child(self, parent: Simulated, order: ChildOrder) -> Simulated:
        lineage = self._above(parent)
        if any(each.state in (State.KILLING, State.KILLED) for each in lineage):
            raise PluginError("an execution above it is killed")
        above = [
            f"{each.execution.namespace}.{each.execution.flow_id}"
            for each in lineage
            if each.execution.loop_run is None
        ]
        reason = too_deep(above, f"{order.namespace}.{order.flow_id}", DEEPEST)
        if reason is not None:
            raise PluginError(reason)
        if (order.namespace, order.flow_id) not in self.world.flows:
            raise PluginError("there is no such flow")
        if self.world.flows[order.namespace, order.flow_id].flow.disabled:
            raise PluginError("the flow is disabled")
        return self.world.start(
            order.namespace,
            order.flow_id,
            order.inputs,
            order.labels,
            trigger=order.trigger,
            schedule_date=order.schedule_date,
        )

    def restart_child(self, parent: Simulated, restart: ChildRestart) -> None:
        def again() -> None:
            child = self.world.executions[restart.child_id]
            done = self.world.send(child, lambda at, seed: ev.RestartRequested(at=at, seed=seed))
            if done.refused is not None:
                self.world.deliver(parent, _not_restarted(restart))

        self.world.clock.after(self.world.faults.delay(), again)

    def begin_turn(self, parent: Simulated, order: TurnOrder) -> None:
        """Written and begun with what ordered it, as one transaction does."""
        record = new_turn(parent.execution, order, id=self.world.new_id(), at=self.world.clock.now)
        self._adopt_turn(parent, parent.flow.turns[order.task_id], record)

    def _adopt_turn(self, parent: Simulated, flow: CompiledFlow, record: Execution) -> None:
        turn = Simulated(flow, MemoryLedger(record, outer=parent.ledger))
        run = record.loop_run or {}
        parent.ledger.add_turn(record)
        parent.children[run["taskRunId"], run["index"], self.world.next_number()] = turn.id
        self.world.executions[turn.id] = turn
        turn.seen_states += [step.state for step in record.history]
        self._at_once(lambda: self.world.send(turn, lambda at, seed: ev.TurnBegan(at=at, seed=seed)))

    def go_on_with_turns(self, parent: Simulated, task_run_id: str) -> None:
        self.world.deliver(parent, lambda at, seed: ev.TurnsDue(at=at, seed=seed, task_run_id=task_run_id))

    def _tell_loop(self, turn: Simulated) -> None:
        parent = self.world.executions[turn.execution.parent_id or ""]
        record = turn.execution
        if record.frame.get("stored") and gives_outputs(record.state) and record.outputs is not None:
            folder = f"/{record.namespace.replace('.', '/')}/{record.flow_id}/executions/{record.id}"
            content = text_of(record.outputs).encode()
            path = f"{folder}/{self.world.next_number()}.ion"
            record.outputs = {"uri": self.world.memory_stores.put(path, content)}
        parent.ledger.end_turn(turn.execution)
        told = end_of_turn(turn.execution, at=self.world.clock.now, seed=0)
        self._at_once(lambda: self.world.send(parent, lambda at, seed: replace(told, at=at, seed=seed)))

    def _at_once(self, act: Callable[[], object]) -> None:
        """Next, without time passing: however long a chain of consequences is, it nests no calls."""
        self.world.clock.plan(self.world.clock.now, act)

    def kill_children(self, parent: Simulated, task_run_id: str) -> None:
        for (run_id, _iteration, _number), child_id in list(parent.children.items()):
            child = self.world.executions[child_id]
            if run_id != task_run_id:
                continue
            if not child.state.is_terminal:
                self.world.deliver(child, lambda at, seed: ev.KillRequested(at=at, seed=seed, is_from_above=True))
            elif self.repetitions.pop(child.id, None):
                self._tell_gone(child)

    def _tell_gone(self, child: Simulated) -> None:
        """What started an execution waits in vain for its repetition."""
        record = child.execution
        parent_id, task_run_id, iteration = child.child_of or ("", "", None)
        if record.loop_run is not None:
            parent_id, task_run_id = record.parent_id or "", record.loop_run["taskRunId"]
            iteration = record.loop_run["index"]
        self.world.deliver(
            self.world.executions[parent_id],
            lambda at, seed: ev.ChildChanged(
                at=at,
                seed=seed,
                task_run_id=task_run_id,
                child_id=record.id,
                state=State.KILLED,
                iteration=iteration,
                flow_id=record.flow_id,
                namespace=record.namespace,
            ),
        )

    def _tell_parent(self, child: Simulated) -> None:
        assert child.child_of is not None
        parent_id, task_run_id, iteration = child.child_of
        record = child.execution
        state, outputs = record.state, dict(record.outputs or {})
        parent = self.world.executions[parent_id]
        run = parent.ledger.runs.get(task_run_id)
        task = parent.flow.task(run.task_id) if run is not None else None
        if task is not None and state.is_terminal and wants_to_choose(task):
            try:
                chosen = chosen_outputs(task, child.flow, child.ledger, Environment(clock=lambda: self.world.clock.now))
            except ExpressionError as error:
                self.world.deliver(parent, _refused(task_run_id, iteration, error.message))
                return
            outputs = outputs if chosen is None else dict(chosen)
        self.world.deliver(
            parent,
            lambda at, seed: ev.ChildChanged(
                at=at,
                seed=seed,
                task_run_id=task_run_id,
                child_id=record.id,
                state=state,
                outputs=outputs,
                iteration=iteration,
                flow_id=record.flow_id,
                namespace=record.namespace,
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
                for other in self.world.executions.values()
                if (other.execution.namespace, other.execution.flow_id) == own and other.state is State.QUEUED
            ]
            if waiting and self.running(execution) < concurrency.limit:
                self.world.send(waiting[0], lambda at, seed: ev.SlotFreed(at=at, seed=seed))

        self.world.clock.after(self.world.faults.delay(), free)

    def retry(self, execution: Simulated, due: datetime) -> None:
        record = execution.execution

        self.repetitions[execution.id] = True

        def retry() -> None:
            if not self.repetitions.pop(execution.id, None):
                return
            if record.loop_run is not None:
                turn = new_turn_after(record, id=self.world.new_id(), at=self.world.clock.now)
                self._adopt_turn(self.world.executions[record.parent_id or ""], execution.flow, turn)
                return
            again = new_execution(
                execution.flow,
                id=self.world.new_id(),
                tenant=record.tenant,
                at=self.world.clock.now,
                inputs=record.inputs,
                labels={**record.labels, **REPEATS},
                trigger=record.trigger,
                variables=record.variables,
                original_id=record.original_id or record.id,
                parent_id=record.id,
                attempt_number=record.attempt_number + 1,
                original_created_date=record.original_created_date or record.start_date,
            )
            new = self.world.adopt(execution.flow, again)
            new.child_of = execution.child_of
            if new.child_of is not None:
                parent_id, task_run_id, iteration = new.child_of
                key = (task_run_id, iteration, self.world.next_number())
                self.world.executions[parent_id].children[key] = new.id

        self.world.clock.plan(due, retry)

    def tell(self, execution: Simulated, decisions: Decisions) -> None:
        """Parents, flow triggers and queued executions learn of a change."""
        new = [step.state for step in execution.execution.history[len(execution.seen_states) :]]
        execution.seen_states += new
        for state in new:
            flow_triggers(self.world, execution, state)
        if new and execution.child_of is not None:
            self._tell_parent(execution)
        if decisions.has_ended and execution.execution.loop_run is not None:
            self._tell_loop(execution)
        if decisions.has_ended:
            self._free_slot(execution)


def _not_restarted(restart: ChildRestart) -> MakeEvent:
    return lambda at, seed: ev.ChildNotRestarted(
        at=at, seed=seed, task_run_id=restart.task_run_id, iteration=restart.iteration
    )


def _child_refused(order: ChildOrder, reason: str) -> MakeEvent:
    return _refused(order.task_run_id, order.iteration, reason)


def _refused(task_run_id: str, iteration: int | None, reason: str) -> MakeEvent:
    return lambda at, seed: ev.ChildRefused(
        at=at, seed=seed, task_run_id=task_run_id, reason=reason, iteration=iteration
    )
