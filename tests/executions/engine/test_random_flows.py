"""Whatever the flow, whatever goes wrong: it ends, legally, once, and the same way from the same seed."""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from executions.engine import events as ev
from executions.engine.simulator.faults import Faults
from executions.engine.simulator.simulated import Simulated
from executions.engine.simulator.world import Simulator
from executions.engine.transition_table import EXECUTION_MOVES, TASK_RUN_MOVES, may_move
from flows.model.parse import parse_document
from plugins.contracts import State
from tests.executions.engine.simulator_flows import FlowMaker, script_from

CHILD = {
    "id": "child",
    "namespace": "company.team",
    "tasks": [{"id": "work", "type": "io.kestra.plugin.core.debug.Return", "format": "x"}],
}
A_FEW = 500
MANY = 10_000


def simulate(seed: int) -> Simulator:
    """A random flow in a world where everything may be late, twice or lost, and people interfere."""
    chance = random.Random(seed)
    is_calm = seed % 4 == 0
    faults = Faults(seed) if is_calm else _faults(seed, chance)
    world = Simulator(seed=seed, faults=faults, script=script_from(seed))
    world.add(parse_document(CHILD).flow)
    flow = world.add(FlowMaker(seed).flow())
    execution = world.start(flow.flow.namespace, flow.flow.id)
    if not is_calm and chance.random() < 0.5:
        _interfere(world, execution, chance)
    world.settle()
    return world


def _faults(seed: int, chance: random.Random) -> Faults:
    return Faults(
        seed,
        crashes=chance.choice([0, 0.1, 0.5]),
        drains=chance.choice([0, 0.1]),
        duplicates=chance.choice([0, 0.3]),
        longest_delay=timedelta(seconds=chance.choice([0, 3])),
    )


def _interfere(world: Simulator, execution: Simulated, chance: random.Random) -> None:
    acts: list[Any] = [
        lambda at, seed: ev.KillRequested(at=at, seed=seed),
        lambda at, seed: ev.KillRequested(at=at, seed=seed, is_cascading=False),
        lambda at, seed: ev.RestartRequested(at=at, seed=seed),
        lambda at, seed: ev.LabelsSet(at=at, seed=seed, labels={"a": "b"}),
    ]
    for _ in range(chance.randint(1, 3)):
        act = chance.choice(acts)
        world.clock.after(timedelta(seconds=chance.random() * 30), lambda act=act: world.send(execution, act) and None)
    for _ in range(chance.randint(0, 3)):
        world.clock.after(timedelta(seconds=chance.random() * 60), lambda: _mark(world, execution, chance))
    if chance.random() < 0.5:
        pause = timedelta(seconds=chance.random() * 20)
        world.clock.after(
            pause, lambda: world.send(execution, lambda at, seed: ev.PauseRequested(at=at, seed=seed)) and None
        )
        for later in (30, 60, 90, 200, 400):
            world.clock.after(
                pause + timedelta(seconds=later),
                lambda: world.send(execution, lambda at, seed: ev.RunForced(at=at, seed=seed)) and None,
            )


def _mark(world: Simulator, execution: Simulated, chance: random.Random) -> None:
    """A person gives any task run any end, at any time."""
    if not execution.runs:
        return
    run_id = chance.choice(execution.runs).id
    state = chance.choice([State.SUCCESS, State.FAILED, State.WARNING, State.RUNNING])
    world.send(execution, lambda at, seed: ev.TaskRunMarked(at=at, seed=seed, task_run_id=run_id, state=state))


def check(world: Simulator) -> None:
    for execution in world.executions.values():
        check_execution(execution)


def check_execution(execution: Simulated) -> None:
    record = execution.execution
    assert record.state.is_terminal, (
        f"{record.state}: {[(run.task_id, run.state, run.waits_for) for run in execution.runs]}"
    )
    _legal(EXECUTION_MOVES, record.history)
    ended = record.history[-1].date
    seqs = [run.seq for run in execution.runs]
    assert len(set(seqs)) == len(seqs)
    for run in execution.runs:
        _legal(TASK_RUN_MOVES, run.history)
        assert run.state.is_terminal, (run.task_id, run.state, run.waits_for)
        assert [attempt.number for attempt in run.attempts] == list(range(1, len(run.attempts) + 1))
        assert all(attempt.state.is_terminal for attempt in run.attempts), run.task_id
        if not _is_after(execution, run):
            assert run.history[-1].date <= ended
            assert all(attempt.history[0].date <= ended for attempt in run.attempts)


def _is_after(execution: Simulated, run: Any) -> bool:
    while run.parent_id is not None:
        run = execution.ledger.task_run(run.parent_id)
    return run.branch == "afterExecution"


def _legal(moves: Any, history: Any) -> None:
    for before, after in pairwise(history):
        assert before.state is not after.state
        assert may_move(moves, before.state, after.state), f"{before.state} -> {after.state}"
        assert before.date <= after.date


def shown(world: Simulator) -> list[Any]:
    return [
        (each.id, each.state, [(run.id, run.task_id, run.value, run.history, run.outputs) for run in each.runs])
        for each in world.executions.values()
    ]


@pytest.mark.parametrize("part", range(10))
def test_random_flows_with_faults_end_legally(part: int) -> None:
    for seed in range(part * A_FEW // 10, (part + 1) * A_FEW // 10):
        try:
            check(simulate(seed))
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error


@pytest.mark.nightly
def test_many_random_flows_with_faults_end_legally() -> None:
    for seed in range(A_FEW, A_FEW + MANY):
        try:
            check(simulate(seed))
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error


@pytest.mark.parametrize("seed", [1, 7, 42, 123])
def test_the_same_seed_gives_the_same_run(seed: int) -> None:
    assert shown(simulate(seed)) == shown(simulate(seed))


def test_a_world_without_faults_ends_without_a_lost_attempt() -> None:
    world = simulate(4)
    attempts = [attempt for each in world.executions.values() for run in each.runs for attempt in run.attempts]
    assert all(attempt.state is not State.RESUBMITTED for attempt in attempts)
