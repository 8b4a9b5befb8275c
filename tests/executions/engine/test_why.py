"""Why an execution does not go on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from executions.engine import events as ev
from executions.engine.compiled import compile_flow
from executions.engine.start import new_execution
from executions.engine.why import why, why_not_begun
from executions.simulator.fleet import Done
from executions.simulator.memory import MemoryLedger
from plugins.contracts import State
from tests.executions.engine.drawing import do, flow_of, outcomes, send, start, task, until_state

FAILED, SUCCESS = State.FAILED, State.SUCCESS
SLOW = Done(SUCCESS, took=timedelta(minutes=1))
AT = datetime(2024, 1, 1, tzinfo=UTC)


class TestWhy:
    def test_an_execution_says_what_it_waits_for(self) -> None:
        world, execution = start(*do("a"), concurrency={"limit": 1})
        assert why(execution.flow, execution.ledger) == "waits to be taken up"
        send(world, execution, ev.Created, has_slot=False)
        assert why(execution.flow, execution.ledger) == "queued behind the executions of the flow"
        assert why(execution.flow, execution.ledger, queued_behind=3) == "queued behind 3 executions of the flow"
        send(world, execution, ev.SlotFreed)
        assert why(execution.flow, execution.ledger) == "waits for `a` to end"
        world.settle()
        assert why(execution.flow, execution.ledger) == "is SUCCESS"

    def test_one_with_a_date_says_when(self) -> None:
        flow = compile_flow(flow_of(*do("a")))
        execution = new_execution(flow, id="x", tenant="main", at=AT, schedule_date=AT)
        assert why(flow, MemoryLedger(execution)) == "begins at 2024-01-01T00:00:00+00:00"

    def test_task_runs_say_what_they_wait_for(self) -> None:
        retry = {"type": "constant", "interval": "PT10S", "maxAttempts": 2}
        parallel = task("p", "Parallel", tasks=[*do("a", workerGroup={"key": "gpu"}), *do("b")])
        world, execution = start(parallel, *do("c", retry=retry), script=outcomes(c=FAILED, b=SLOW))
        send(world, execution, ev.Created)
        said = {each.task_id: why(execution.flow, execution.ledger, each) for each in execution.runs}
        assert said == {
            "p": "waits for `a` and `b` to end",
            "a": "waits for a worker of group `gpu`",
            "b": "waits for a worker",
        }
        world.until(lambda: execution.runs_of("b")[0].state is State.RUNNING)
        assert why(execution.flow, execution.ledger, execution.runs_of("b")[0]) == "is running"
        until_state(world, execution, State.RETRYING)
        waiting = execution.runs_of("c")[0]
        assert why(execution.flow, execution.ledger, waiting) == "waits for its retry at 2024-01-01T00:01:11+00:00"
        world.settle()
        assert why(execution.flow, execution.ledger, waiting) == "has failed"

    def test_pauses_breakpoints_rounds_and_children(self) -> None:
        world, execution = start(task("p", "Pause"))
        world.settle()
        assert why(execution.flow, execution.ledger, execution.runs[0]) == "waits until the execution is resumed"
        loop = task("l", "LoopUntil", condition="{{ false }}", tasks=do("a"))
        world, execution = start(loop)
        world.until(lambda: (execution.runs[0].waits_for or "").startswith("round") if execution.runs else False)
        assert why(execution.flow, execution.ledger, execution.runs[0]).startswith("waits for its next round at 2024")
        child = flow_of(*do("slow"), id="child")
        world, execution = start(task("s", "Subflow", namespace="company.team", flowId="child"), flows=[child])
        send(world, execution, ev.Created)
        assert why(execution.flow, execution.ledger, execution.runs[0]) == "waits for the execution it started"

    @pytest.mark.parametrize(
        ("task_id", "said"),
        [
            ("b", "waits for `a` to end"),
            ("in_g", "waits for `g` to begin"),
            ("y", "waits for `x` to end"),
            ("e", "runs only when something fails"),
            ("f", "runs when everything before it has ended"),
            ("z", "runs when the execution has ended"),
            ("a", "waits to be taken up"),
        ],
    )
    def test_tasks_that_have_not_begun(self, task_id, said) -> None:
        dag = task("d", "Dag", tasks=[{"task": task("x")}, {"task": task("y"), "dependsOn": ["x"]}])
        group = task("g", "Sequential", tasks=do("in_g"))
        flow = flow_of(*do("a", "b"), group, dag, errors=do("e"), **{"finally": do("f")}, afterExecution=do("z"))
        compiled = compile_flow(flow)
        ledger = MemoryLedger(new_execution(compiled, id="x", tenant="main", at=AT))
        assert why_not_begun(compiled, ledger, task_id) == said
