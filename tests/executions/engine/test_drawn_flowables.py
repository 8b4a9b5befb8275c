"""What each kind of flowable makes of its tasks, drawn."""

from __future__ import annotations

from datetime import timedelta

import pytest

from executions.simulator.fleet import Done
from plugins.contracts import State
from tests.executions.engine.drawing import do, draw, drawing, outcomes, run, task

FAILED, SUCCESS, WARNING, KILLED = State.FAILED, State.SUCCESS, State.WARNING, State.KILLED


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
        "what runs beside a failure may be let end, and nothing begins after it",
        [
            task(
                "p",
                "Parallel",
                onChildFailure="CONTINUE",
                tasks=[task("s", "Sequential", tasks=do("a", "b"), errors=do("e")), *do("c", "d")],
            )
        ],
        {"c": FAILED},
        """
        FAILED
          p FAILED
            s FAILED
              a SUCCESS
            c FAILED
            d SUCCESS
        """,
    ),
    (
        "what runs beside a failure ends with it",
        [task("p", "Parallel", tasks=[task("s", "Sequential", tasks=do("a", "b")), *do("c")], errors=do("e"))],
        {"c": Done(FAILED), "a": Done(SUCCESS, took=timedelta(minutes=1))},
        """
        FAILED
          p FAILED
            s FAILED
              a FAILED
            c FAILED
            e SUCCESS
        """,
    ),
    (
        "what runs beside a failure may be cancelled",
        [task("d", "Dag", onChildFailure="CANCEL", tasks=[{"task": each} for each in do("a", "c")])],
        {"c": Done(FAILED), "a": Done(SUCCESS, took=timedelta(minutes=1))},
        """
        FAILED
          d FAILED
            a CANCELLED
            c FAILED
        """,
    ),
    (
        "a failure that is allowed ends nothing beside it",
        [task("p", "Parallel", tasks=[*do("a"), *do("c", allowFailure=True)])],
        {"c": Done(FAILED), "a": Done(SUCCESS, took=timedelta(minutes=1))},
        """
        WARNING
          p WARNING
            a SUCCESS
            c WARNING
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
        "a finally that fails leaves the state of what it belongs to",
        [task("g", "Sequential", tasks=do("a"), **{"finally": do("f", "h")})],
        {"f": FAILED},
        """
        SUCCESS
          g SUCCESS
            a SUCCESS
            f FAILED
            h SUCCESS
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
