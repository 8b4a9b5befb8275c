"""Exit ends the execution it stands in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from executions.engine import events as ev
from executions.simulator.fleet import Done
from plugins.contracts import State
from tests.executions.engine.drawing import P, at, do, draw, history, messages, outcomes, run, send, start, task

SUCCESS = State.SUCCESS


def leave(state: str | None = "SUCCESS", **over):
    return {"id": "x", "type": f"{P}execution.Exit", **({"state": state} if state else {}), **over}


@pytest.mark.parametrize("state", ["SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED"])
def test_nothing_begins_after_it_but_what_stands_after_the_end(state) -> None:
    rest = {"errors": do("e"), "finally": do("f"), "afterExecution": do("last")}
    execution = run(*do("a"), leave(state), *do("b"), **rest, outputs=[{"id": "o", "type": "STRING", "value": "x"}])
    assert draw(execution) == f"{state}\n  a SUCCESS\n  x {state}\n  last SUCCESS"
    assert history(execution.execution) == f"CREATED RUNNING {state}"
    assert execution.execution.outputs is None


def test_it_ends_what_is_around_it_with_itself() -> None:
    switch = task("s", "Switch", value="a", cases={"a": [leave("WARNING"), *do("b")]})
    execution = run(task("g", "Sequential", tasks=[switch, *do("c")]), *do("d"))
    assert draw(execution) == "WARNING\n  g WARNING\n    s WARNING\n      x WARNING"


def test_a_pause_comes_too_late_once_it_ends() -> None:
    """Nothing begins any more that could be held; a hold would only keep the end away."""
    slow = outcomes(slow=Done(SUCCESS, took=timedelta(minutes=1)))
    world, execution = start(task("p", "Parallel", tasks=[*do("slow"), leave()]), script=slow)
    at(world, 5)
    assert send(world, execution, ev.PauseRequested) == "the execution is ending"
    world.settle()
    assert history(execution.execution) == "CREATED RUNNING SUCCESS"


def test_what_runs_beside_it_is_let_end() -> None:
    slow = outcomes(slow=Done(SUCCESS, took=timedelta(minutes=1)))
    group = task("q", "Sequential", tasks=[*do("n"), leave(), *do("m")])
    execution = run(task("p", "Parallel", tasks=[*do("slow"), group]), *do("z"), script=slow)
    assert draw(execution) == "SUCCESS\n  p SUCCESS\n    slow SUCCESS\n    q SUCCESS\n      n SUCCESS\n      x SUCCESS"


def test_in_a_turn_of_a_loop_it_ends_the_turn_alone() -> None:
    loop = task("lp", "Loop", values=["1", "2"], tasks=[leave(), *do("a")])
    world, execution = start(loop, *do("z"))
    world.settle()
    assert draw(execution) == "SUCCESS\n  lp SUCCESS\n  z SUCCESS"
    assert (execution.runs_of("lp")[0].outputs or {})["terminatedIterations"] == {"SUCCESS": 2}


def test_a_state_that_is_no_end_fails_it() -> None:
    execution = run(leave("RUNNING"), *do("b"))
    (x,) = execution.runs_of("x")
    assert (draw(execution), history(x)) == ("FAILED\n  x FAILED", "CREATED FAILED")
    assert "is `RUNNING`" in messages(execution)[0]


def test_after_the_end_it_ends_itself_alone() -> None:
    execution = run(*do("a"), afterExecution=[leave("FAILED"), *do("b")])
    assert draw(execution) == "SUCCESS\n  a SUCCESS\n  x FAILED\n  b SUCCESS"
