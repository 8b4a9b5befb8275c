"""What flowables have in common: tasks that are disabled, errors, and what breaks."""

from __future__ import annotations

from datetime import timedelta

from executions.simulator.fleet import Done
from executions.simulator.world import Simulator
from plugins.contracts import State
from plugins.contracts.plans import Plan
from plugins.flowables.sequential import Sequential
from tests.executions.engine.drawing import do, draw, drawing, flow_of, history, messages, outcomes, run, task

FAILED, SUCCESS = State.FAILED, State.SUCCESS


def test_only_enabled_tasks_count() -> None:
    assert draw(run(task("g", "Sequential", tasks=do("a", disabled=True)), *do("b"))) == drawing(
        """
        SUCCESS
          g SUCCESS
          b SUCCESS
        """
    )


def test_a_task_may_be_disabled_by_an_expression() -> None:
    execution = run(*do("a", disabled="{{ inputs.off }}"), *do("b"), inputs={"off": True})
    assert draw(execution) == drawing(
        """
        SUCCESS
          a SKIPPED
          b SUCCESS
        """
    )


def test_errors_begin_while_siblings_still_run() -> None:
    slow = Done(State.SUCCESS, took=timedelta(minutes=5))
    execution = run(
        task("p", "Parallel", onChildFailure="CONTINUE", tasks=do("a", "slow"), errors=do("e")),
        script=outcomes(a=FAILED, slow=slow),
    )
    handler, sibling = execution.runs_of("e")[0], execution.runs_of("slow")[0]
    assert handler.history[-1].date < sibling.history[-1].date <= execution.execution.history[-1].date


def test_after_execution_runs_after_the_end_and_changes_nothing() -> None:
    execution = run(*do("a"), afterExecution=do("b", "c"), script=outcomes(b=FAILED))
    assert draw(execution) == drawing(
        """
        SUCCESS
          a SUCCESS
          b FAILED
          c SUCCESS
        """
    )
    assert execution.runs_of("b")[0].history[0].date >= execution.execution.history[-1].date
    assert history(execution.execution) == "CREATED RUNNING SUCCESS"


def test_a_flowable_that_breaks_fails_its_task_run_alone() -> None:
    class Broken(Sequential):
        def plan(self, values) -> Plan:
            raise RuntimeError("no plan")

    class Unsettled(Sequential):
        def settle(self, state) -> State:
            raise RuntimeError("no end")

    for plugin, reason in ((Broken, "could not plan: no plan"), (Unsettled, "could not settle: no end")):
        flow = flow_of(task("g", "Sequential", tasks=do("a")))
        own = plugin(type="own", id="g", tasks=flow.tasks[0].tasks)
        world = Simulator(script=outcomes())
        world.add(flow.model_copy(update={"tasks": [own]}))
        execution = world.run("company.team", "drawn")
        assert execution.state is FAILED
        assert messages(execution) == [f"own {reason}"]
