"""Whatever the flow, whatever goes wrong: it ends, legally, once, and the same way from the same seed."""

from __future__ import annotations

import json
import random
from copy import deepcopy
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from executions.engine import events as ev
from executions.engine.decisions import Decisions
from executions.engine.fold import fold
from executions.engine.transition_table import EXECUTION_MOVES, TASK_RUN_MOVES, may_move
from executions.simulator import world as world_module
from executions.simulator.faults import Faults
from executions.simulator.simulated import Simulated
from executions.simulator.world import Simulator
from flows.model.parse import parse_document
from plugins.contracts import State
from tests.executions.simulator.simulator_flows import FlowMaker, script_from

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
    if chance.random() < 0.1:
        cancel = timedelta(seconds=chance.random() * 60)
        world.clock.after(
            cancel, lambda: world.send(execution, lambda at, seed: ev.CancelRequested(at=at, seed=seed)) and None
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


@pytest.mark.parametrize("seed", [2374, 2982, 4361, 7211, 10053])
def test_what_once_went_wrong_ends_legally(seed: int) -> None:
    """A restart beside errors, outputs of a loop that is gone, a pause of what is ending, a turn tried anew."""
    check(simulate(seed))


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


def told(flow: Any, ledger: Any, event: Any) -> Any:
    """Fold, and hold the engine to what its decisions say: nothing changes untold, nothing at all when refused."""
    runs = {run.id: deepcopy(run) for run in ledger.all_task_runs()}
    execution = deepcopy(ledger.execution)
    decisions = fold(flow, ledger, event)
    created, changed = ({run.id for run in runs} for runs in (decisions.created, decisions.changed))
    assert not created & changed
    assert not created & runs.keys()
    for run in ledger.all_task_runs():
        assert run == runs[run.id] or run.id in changed | set(decisions.deleted), (event, run, runs[run.id])
    assert ledger.execution == execution or decisions.execution_changed, (event, ledger.execution, execution)
    if decisions.refused is not None:
        assert decisions == Decisions(refused=decisions.refused)
    return decisions


@pytest.mark.parametrize("part", range(5))
def test_every_change_is_told(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world_module, "fold", told)
    for seed in range(1000 + part * 25, 1000 + (part + 1) * 25):
        simulate(seed)


def test_frames_and_items_are_json() -> None:
    for seed in range(2000, 2040):
        for each in simulate(seed).executions.values():
            for kept in (each.execution.frame, *((run.frame, run.items, run.outputs) for run in each.runs)):
                assert json.loads(json.dumps(kept)) == (list(kept) if isinstance(kept, tuple) else kept)


def test_frames_do_not_grow_with_the_loop() -> None:
    sizes = []
    for count in (10, 300):
        loop = {
            "id": "each",
            "type": "io.kestra.plugin.core.flow.ForEach",
            "values": [str(number) for number in range(count)],
            "concurrencyLimit": 0,
            "tasks": CHILD["tasks"],
        }
        world = Simulator(script=script_from(1))
        world.add(parse_document({**CHILD, "id": "loop", "tasks": [loop]}).flow)
        execution = world.run("company.team", "loop")
        sizes.append(max(len(json.dumps(run.frame)) for run in execution.runs))
    assert sizes[1] - sizes[0] < 10
