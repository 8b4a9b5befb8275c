"""The end of an execution."""

from __future__ import annotations

from plugins.contracts import State
from tests.executions.engine.drawing import do, draw, outcomes, run

SUCCESS, WARNING = State.SUCCESS, State.WARNING


def test_a_warning_in_finally_is_no_warning_of_the_whole() -> None:
    execution = run(*do("a"), **{"finally": do("f")}, script=outcomes(f=State.WARNING))
    assert draw(execution) == "SUCCESS\n  a SUCCESS\n  f WARNING"
