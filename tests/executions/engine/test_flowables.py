"""What each kind of flowable makes of its tasks, drawn."""

from __future__ import annotations

from datetime import timedelta

import pytest

from executions.engine.simulator.fleet import Done
from executions.engine.simulator.world import Simulator
from plugins.contracts import State
from plugins.flowables.sequential import Sequential
from plugins.plans import Plan
from tests.executions.engine.drawing import do, draw, drawing, flow_of, history, messages, outcomes, outputs, run, task

FAILED, WARNING, KILLED = State.FAILED, State.WARNING, State.KILLED

DRAWINGS = [
    (
        "tasks run one after the other",
        [*do("a", "b")],
        {},
        """
        SUCCESS
          a SUCCESS
          b SUCCESS
        """,
    ),
    (
        "nothing runs after a failure",
        [*do("a", "b")],
        {"a": FAILED},
        """
        FAILED
          a FAILED
        """,
    ),
    (
        "a warning stops nothing and is remembered",
        [*do("a", "b")],
        {"a": WARNING},
        """
        WARNING
          a WARNING
          b SUCCESS
        """,
    ),
    (
        "a killed task run stops what follows and counts for more than a failure",
        [task("p", "Parallel", tasks=do("a", "b")), *do("c")],
        {"a": KILLED, "b": FAILED},
        """
        KILLED
          p KILLED
            a KILLED
            b FAILED
        """,
    ),
    (
        "an allowed failure is a warning",
        [*do("a", allowFailure=True), *do("b")],
        {"a": FAILED},
        """
        WARNING
          a WARNING
          b SUCCESS
        """,
    ),
    (
        "an allowed failure that may warn is a success",
        [*do("a", allowFailure=True, allowWarning=True)],
        {"a": FAILED},
        """
        SUCCESS
          a SUCCESS
        """,
    ),
    (
        "a failure inside AllowFailure leaves out the rest of the group alone",
        [task("g", "AllowFailure", tasks=do("a", "b")), *do("c")],
        {"a": FAILED},
        """
        WARNING
          g WARNING
            a FAILED
          c SUCCESS
        """,
    ),
    (
        "siblings in parallel end before the group does",
        [task("p", "Parallel", tasks=[task("s", "Sequential", tasks=do("a", "b")), *do("c")])],
        {"c": FAILED},
        """
        FAILED
          p FAILED
            s SUCCESS
              a SUCCESS
              b SUCCESS
            c FAILED
        """,
    ),
    (
        "after a failure a limited Parallel begins no further task",
        [task("p", "Parallel", concurrent=1, tasks=do("a", "b", "c"))],
        {"b": FAILED},
        """
        FAILED
          p FAILED
            a SUCCESS
            b FAILED
        """,
    ),
    (
        "a loop runs its tasks for each value",
        [task("l", "ForEach", values=["x", "y"], tasks=do("a", "b"))],
        {},
        """
        SUCCESS
          l SUCCESS
            a[x] SUCCESS
            b[x] SUCCESS
            a[y] SUCCESS
            b[y] SUCCESS
        """,
    ),
    (
        "a loop over nothing succeeds",
        [task("l", "ForEach", values=[], tasks=do("a"))],
        {},
        """
        SUCCESS
          l SUCCESS
        """,
    ),
    (
        "a loop stops at the first value that fails",
        [task("l", "ForEach", values=["x", "y"], tasks=do("a", "b"))],
        {"a": FAILED},
        """
        FAILED
          l FAILED
            a[x] FAILED
        """,
    ),
    (
        "values in parallel each go on with their own tasks",
        [task("l", "ForEach", values=["x", "y"], concurrencyLimit=0, tasks=do("a", "b"))],
        {},
        """
        SUCCESS
          l SUCCESS
            a[x] SUCCESS
            a[y] SUCCESS
            b[x] SUCCESS
            b[y] SUCCESS
        """,
    ),
    (
        "EachParallel runs all tasks of all values at once",
        [task("l", "EachParallel", value='["x", "y"]', tasks=do("a", "b"))],
        {},
        """
        SUCCESS
          l SUCCESS
            a[x] SUCCESS
            b[x] SUCCESS
            a[y] SUCCESS
            b[y] SUCCESS
        """,
    ),
    (
        "values are not repeated, and those that are no text are given as JSON",
        [task("l", "EachSequential", value='["x", "x", {"k": 1}, 2, true]', tasks=do("a"))],
        {},
        """
        SUCCESS
          l SUCCESS
            a[x] SUCCESS
            a[{"k":1}] SUCCESS
            a[2] SUCCESS
            a[true] SUCCESS
        """,
    ),
    (
        "a Dag follows its dependencies",
        [
            task(
                "d",
                "Dag",
                tasks=[
                    {"task": task("c"), "dependsOn": ["a", "b"]},
                    {"task": task("a")},
                    {"task": task("b"), "dependsOn": ["a"]},
                ],
            )
        ],
        {},
        """
        SUCCESS
          d SUCCESS
            a SUCCESS
            b SUCCESS
            c SUCCESS
        """,
    ),
    (
        "a disabled task leaves no trace, and a Dag does not wait for it",
        [
            task(
                "d",
                "Dag",
                tasks=[{"task": task("a", disabled=True)}, {"task": task("b"), "dependsOn": ["a"]}],
            ),
            *do("e", disabled=True),
        ],
        {},
        """
        SUCCESS
          d SUCCESS
            b SUCCESS
        """,
    ),
    (
        "runIf skips, and a skipped flowable creates nothing",
        [task("g", "Sequential", runIf="{{ false }}", tasks=do("a")), *do("b", runIf="{{ 1 == 1 }}")],
        {},
        """
        SUCCESS
          g SKIPPED
          b SUCCESS
        """,
    ),
    (
        "runIf that cannot be rendered fails",
        [*do("a", runIf="{{ nothing.at.all }}")],
        {},
        """
        FAILED
          a FAILED
        """,
    ),
    (
        "errors of the nearest flowable run first, those of the flow too",
        [task("g", "Sequential", tasks=do("a", "b"), errors=do("near"))],
        {"a": FAILED},
        """
        FAILED
          g FAILED
            a FAILED
            near SUCCESS
          far SUCCESS
        """,
    ),
    (
        "finally runs after errors, whatever failed",
        [task("g", "Sequential", tasks=do("a"), errors=do("e"), **{"finally": do("f")})],
        {"a": FAILED, "e": FAILED},
        """
        FAILED
          g FAILED
            a FAILED
            e FAILED
            f SUCCESS
          far SUCCESS
        """,
    ),
    (
        "a finally that fails fails what it belongs to",
        [task("g", "Sequential", tasks=do("a"), **{"finally": do("f", "h")})],
        {"f": FAILED},
        """
        FAILED
          g FAILED
            a SUCCESS
            f FAILED
            h SUCCESS
          far SUCCESS
        """,
    ),
]


@pytest.mark.parametrize(
    ("tasks", "script", "expected"), [row[1:] for row in DRAWINGS], ids=[row[0] for row in DRAWINGS]
)
def test_drawn(tasks, script, expected) -> None:
    has_handler = "far" in expected
    execution = run(*tasks, script=outcomes(**script), **({"errors": do("far")} if has_handler else {}))
    assert draw(execution) == drawing(expected)


@pytest.mark.parametrize(
    ("condition", "branch"),
    [
        ("{{ true }}", "yes"),
        ("x", "yes"),
        (" false ", "yes"),
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
    assert messages(execution) == ["No case of `s` matches `true`, and it has no defaults"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ('[1, null, {"a": "b"}]', "Found '1' null values on Each, with values=[1, null, {a=b}]"),
        ("{{ 1 }}", "The values must be a list, not int"),
        ("not json", "The values are no JSON list: Expecting value: line 1 column 1 (char 0)"),
        ("[" * 100_000, "The values are nested too deep"),
    ],
)
def test_a_loop_over_no_list_fails_and_says_so(values, message) -> None:
    execution = run(task("l", "ForEach", values=values, tasks=do("a")))
    assert draw(execution) == "FAILED\n  l FAILED"
    assert messages(execution) == [message]


def test_a_limit_is_kept_in_every_shape() -> None:
    shapes = [
        task("p", "Parallel", concurrent=2, tasks=do("a", "b", "c")),
        task("l", "ForEach", values=[1, 2, 3], concurrencyLimit=2, tasks=do("d")),
        task("e", "EachParallel", value=[1, 2, 3], concurrent=2, tasks=do("f")),
        task("g", "Dag", concurrent=2, tasks=[{"task": each} for each in do("h", "i", "j")]),
    ]
    for shape in shapes:
        assert _most_at_once(run(shape)) == 2


def _most_at_once(execution) -> int:
    leaves = [each for each in execution.runs if each.attempts]
    starts = sorted((attempt.history[0].date, 1) for each in leaves for attempt in each.attempts)
    ends = sorted((attempt.history[-1].date, -1) for each in leaves for attempt in each.attempts)
    most = now = 0
    for _, change in sorted([*starts, *ends]):
        now += change
        most = max(most, now)
    return most


def test_a_limit_may_be_an_expression_and_a_wrong_one_fails() -> None:
    assert _most_at_once(run(task("p", "Parallel", concurrent="{{ 1 }}", tasks=do("a", "b")))) == 1
    broken = run(task("p", "Parallel", concurrent="{{ 'many' }}", tasks=do("a", "b")))
    assert messages(broken) == ["`many` is no whole number"]


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
    execution = run(task("p", "Parallel", tasks=do("a", "slow"), errors=do("e")), script=outcomes(a=FAILED, slow=slow))
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
