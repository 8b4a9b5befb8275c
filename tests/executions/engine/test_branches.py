"""If and Switch: which way is taken."""

from __future__ import annotations

import pytest

from plugins.contracts import State
from tests.executions.engine.drawing import do, draw, messages, outputs, run, task

FAILED, SUCCESS = State.FAILED, State.SUCCESS


@pytest.mark.parametrize(
    ("condition", "branch"),
    [
        ("{{ true }}", "yes"),
        ("x", "yes"),
        (" false ", "no"),
        ("{{ false }}\n", "no"),
        ("FALSE", "yes"),
        ("00", "yes"),
        ("{{ false }}", "no"),
        ("false", "no"),
        ("0", "no"),
        ("-0", "no"),
        ("{{ null }}", "no"),
        ("", "no"),
    ],
)
def test_if_takes_everything_for_true_but_a_few_words(condition, branch) -> None:
    execution = run(task("i", "If", condition=condition, then=do("yes"), **{"else": do("no")}))
    assert [each.task_id for each in execution.runs] == ["i", branch]
    assert outputs(execution, "i") == {"evaluationResult": branch == "yes"}


def test_if_without_else_succeeds_when_it_does_not_hold() -> None:
    assert draw(run(task("i", "If", condition="0", then=do("yes")))) == "SUCCESS\n  i SUCCESS"


@pytest.mark.parametrize(("value", "branch", "by_default"), [("a", "in_a", False), ("z", "other", True)])
def test_switch_takes_the_case_or_the_default(value, branch, by_default) -> None:
    switch = task("s", "Switch", value="{{ inputs.v }}", cases={"a": do("in_a")}, defaults=do("other"))
    execution = run(switch, inputs={"v": value})
    assert [each.task_id for each in execution.runs] == ["s", branch]
    assert outputs(execution, "s") == {"value": value, "defaults": by_default}


def test_switch_without_a_way_to_go_fails_and_says_so() -> None:
    execution = run(task("s", "Switch", value="{{ true }}", cases={"a": do("in_a")}))
    assert draw(execution) == "FAILED\n  s FAILED"
    place = f"flow 'company.team.drawn', task 's', execution '{execution.id}'"
    assert messages(execution) == [f"No task found on {place}"]
    assert outputs(execution, "s") == {"value": "true", "defaults": True}
