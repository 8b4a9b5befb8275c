"""A replay is another execution, from the start or from a task run on."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime

import pytest

from executions.engine import acts
from executions.simulator.memory import MemoryLedger
from executions.simulator.simulated import Simulated
from plugins.contracts import State
from tests.executions.engine.drawing import do, draw, outcomes, run, start, task

FAILED, SUCCESS = State.FAILED, State.SUCCESS
LATER = datetime(2024, 2, 1, tzinfo=UTC)


class TestReplay:
    def replayed(self, execution: Simulated, task_id: str, **over) -> Simulated:
        run_id = execution.runs_of(task_id)[0].id
        record, runs = acts.replay(execution.flow, execution.ledger, run_id, id="replayed", at=LATER, seed=3, **over)
        return Simulated(execution.flow, MemoryLedger(record, runs))

    def test_from_the_start_it_is_a_fresh_execution(self) -> None:
        execution = run(*do("a"), script=outcomes(a=FAILED))
        record, runs = acts.replay(execution.flow, execution.ledger, id="new", at=LATER, seed=1)
        assert (record.state, runs, record.parent_id, record.original_id) == (
            State.CREATED,
            [],
            execution.id,
            execution.id,
        )

    def test_the_first_of_a_chain_stays_the_original(self) -> None:
        execution = run(*do("a"))
        first, _ = acts.replay(execution.flow, execution.ledger, id="new", at=LATER, seed=1)
        second, _ = acts.replay(execution.flow, MemoryLedger(first), id="newer", at=LATER, seed=1)
        assert (second.parent_id, second.original_id) == ("new", execution.id)

    def test_from_a_task_earlier_results_stay_and_later_ones_go(self) -> None:
        execution = run(*do("a", "b", "c"), errors=do("e"))
        copy = self.replayed(execution, "b")
        assert draw(copy) == "RESTARTED\n  a SUCCESS\n  b RESTARTED"
        assert draw(execution) == "SUCCESS\n  a SUCCESS\n  b SUCCESS\n  c SUCCESS"
        assert not {each.id for each in copy.runs} & {each.id for each in execution.runs}

    def test_it_runs_to_the_end(self) -> None:
        world, execution = start(*do("a", "b", "c"))
        world.settle()
        copy = self.replayed(execution, "b")
        again = world.adopt(execution.flow, copy.execution, copy.runs)
        world.settle()
        assert draw(again) == "SUCCESS\n  a SUCCESS\n  b SUCCESS x2\n  c SUCCESS"

    def test_from_a_task_in_a_working_directory_the_directory_runs_again(self) -> None:
        inner = task("d", "WorkingDirectory", tasks=do("b", "c"))
        world, execution = start(task("each", "ForEach", values=["x"], tasks=[inner]), *do("last"))
        world.settle()
        copy = self.replayed(execution, "c")
        assert draw(copy) == "RESTARTED\n  each RUNNING\n    d[x] RESTARTED"
        again = world.adopt(execution.flow, copy.execution, copy.runs)
        world.settle()
        drawn = "SUCCESS\n  each SUCCESS\n    d[x] SUCCESS x2\n      b SUCCESS\n      c SUCCESS\n  last SUCCESS"
        assert draw(again) == drawn

    def test_beside_it_in_a_parallel_results_stay(self) -> None:
        world, execution = start(task("p", "Parallel", tasks=do("a", "b")), *do("c"))
        world.settle()
        copy = self.replayed(execution, "b")
        assert draw(copy) == "RESTARTED\n  p RUNNING\n    a SUCCESS\n    b RESTARTED"

    def test_in_a_dag_only_what_depends_on_it_goes(self) -> None:
        dag = task(
            "d",
            "Dag",
            tasks=[
                {"task": task("a")},
                {"task": task("b"), "dependsOn": ["a"]},
                {"task": task("c"), "dependsOn": ["b"]},
                {"task": task("x")},
            ],
        )
        world, execution = start(dag)
        world.settle()
        copy = self.replayed(execution, "a")
        assert sorted(each.task_id for each in copy.runs) == ["a", "d", "x"]
        again = world.adopt(execution.flow, copy.execution, copy.runs)
        world.settle()
        assert again.state is SUCCESS
        assert len(again.runs) == 5

    def test_a_flowable_begins_anew_without_its_old_children(self) -> None:
        world, execution = start(*do("a"), task("l", "ForEach", values=["x", "y"], tasks=do("b")))
        world.settle()
        copy = self.replayed(execution, "l")
        assert draw(copy) == "RESTARTED\n  a SUCCESS\n  l RUNNING"
        again = world.adopt(execution.flow, copy.execution, copy.runs)
        world.settle()
        assert draw(again) == draw(execution)

    @pytest.mark.parametrize(
        ("limit", "task_id", "value", "left"),
        [
            (1, "b", "y", "b[x] c[x] b[y]"),
            (1, "c", "y", "b[x] c[x] b[y] c[y]"),
            (1, "c", "z", "b[x] c[x] b[y] c[y] b[z] c[z]"),
            (0, "b", "y", "b[x] c[x] b[y] b[z] c[z]"),
            (2, "c", "y", "b[x] c[x] b[y] c[y] b[z] c[z]"),
        ],
    )
    def test_in_a_loop_what_stands_before_it_and_beside_it_stays(self, limit, task_id, value, left) -> None:
        loop = task("l", "ForEach", values=["x", "y", "z"], concurrencyLimit=limit, tasks=do("b", "c"))
        world, execution = start(*do("a"), loop, *do("d"))
        world.settle()
        (run_id,) = (each.id for each in execution.runs_of(task_id) if each.value == value)
        record, runs = acts.replay(execution.flow, execution.ledger, run_id, id="replayed", at=LATER, seed=3)
        inside = sorted((each for each in runs if each.value is not None), key=lambda each: (each.value, each.task_id))
        assert " ".join(f"{each.task_id}[{each.value}]" for each in inside) == left
        assert not [each for each in runs if each.task_id == "d"]
        again = world.adopt(execution.flow, record, runs)
        world.settle()
        assert draw(again).replace(" x2", "").splitlines()[0] == "SUCCESS"
        assert sorted(f"{each.task_id}[{each.value}]" for each in again.runs) == sorted(
            f"{each.task_id}[{each.value}]" for each in execution.runs
        )
        assert len([each for each in again.runs if len(each.attempts) > 1]) == 1

    def test_what_cannot_be_replayed_is_refused(self) -> None:
        execution = run(*do("a"), errors=do("e"), script=outcomes(a=FAILED))
        for run_id in ("nobody", execution.runs_of("e")[0].id):
            with pytest.raises(acts.ActRefused):
                acts.replay(execution.flow, execution.ledger, run_id, id="n", at=LATER, seed=1)

    def test_the_replayed_execution_is_not_touched(self) -> None:
        execution = run(task("l", "ForEach", values=["x", "y"], tasks=do("a", "b")), *do("c"))
        before = deepcopy(execution.runs)
        self.replayed(execution, "b")
        assert execution.runs == before
