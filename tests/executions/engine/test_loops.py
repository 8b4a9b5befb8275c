"""Loops: turns that are executions of their own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from executions.engine import events as ev
from executions.engine.loops import MOST_AT_ONCE
from executions.simulator.fleet import Done
from plugins.contracts import State
from tests.executions.engine.drawing import (
    do,
    draw,
    flow_of,
    history,
    messages,
    outcomes,
    outputs,
    run,
    send,
    start,
    task,
)

FAILED, SUCCESS, WARNING, KILLED = State.FAILED, State.SUCCESS, State.WARNING, State.KILLED
GIVES = [{"id": "o", "type": "STRING", "value": "{{ item.value }}{{ outputs.a.value ?? '' }}"}]


def loop(values, *tasks, task_id="lp", **over):
    return task(task_id, "Loop", values=values, tasks=list(tasks or do("a")), **over)


def turns(world, of="lp"):
    found = [each for each in world.executions.values() if (each.execution.loop_run or {}).get("taskId") == of]
    return sorted(found, key=lambda each: each.execution.loop_run["index"])


def at_value(value, state=FAILED):
    """The task `a` comes to another end in the turn of a value."""

    def script(job):
        hit = (job.scope.get("item") or {}).get("value") == value and job.task.id == "a"
        return Done(state if hit else SUCCESS, {"value": "x"}, "no" if hit else None, took=timedelta(seconds=1))

    return script


class TestTurns:
    def test_each_value_is_an_execution_of_its_own(self) -> None:
        world, execution = start(loop(["x", "y"], outputs=GIVES), *do("z"), script=at_value("-"))
        world.settle()
        assert draw(execution) == "SUCCESS\n  lp SUCCESS\n  z SUCCESS"
        assert outputs(execution, "lp") == {
            "iterationCount": 2,
            "runningIterations": 0,
            "terminatedIterations": {"SUCCESS": 2},
            "outputs": [
                {"item": {"value": "x", "iteration": 0}, "outputs": {"o": "xx"}},
                {"item": {"value": "y", "iteration": 1}, "outputs": {"o": "yx"}},
            ],
        }
        first, second = turns(world)
        assert draw(first) == "SUCCESS\n  a SUCCESS"
        assert first.execution.kind == second.execution.kind == "LOOP"
        assert first.execution.parent_id == execution.id
        assert history(first.execution) == "CREATED RUNNING SUCCESS"
        assert first.execution.labels == execution.execution.labels

    @pytest.mark.parametrize(
        ("values", "told"),
        [
            (["a", "b", "a"], [("a", None), ("b", None)]),
            ({"k": "v", "l": "v"}, [("v", "k"), ("v", "l")]),
            ('[true, 1.5, [1, 2], ""]', [("true", None), ("1.5", None), ("[1,2]", None), ("", None)]),
            ("{{ range(1, 2) }}", [("1", None), ("2", None)]),
            ("{{ {'a': 1} }}", [("1", "a")]),
            ([{"n": "{{ 1 + 1 }}"}], [('{"n":"2"}', None)]),
        ],
    )
    def test_values_are_texts(self, values, told) -> None:
        world, _ = start(loop(values))
        world.settle()
        found = [(each.execution.loop_run["value"], each.execution.loop_run.get("key")) for each in turns(world)]
        assert found == told

    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            ("5", "The `values` must be a list, a map, or an expression that renders to one, but got: '5'."),
            ("{{ null }}", "The `values` must be a list, a map, or an expression that renders to one, but got: ''."),
            (5, "Unknown value type: class java.lang.Integer"),
            ([True], "Unknown value element type: class java.lang.Boolean"),
            ('[null, "a"]', 'Found a null value inside the iteration values="[null, \\"a\\"]"'),
        ],
    )
    def test_other_values_fail_it_before_it_begins(self, values, reason) -> None:
        execution = run(loop(values))
        (lp,) = execution.runs_of("lp")
        assert history(lp) == "CREATED FAILED"
        assert lp.attempts == []
        assert messages(execution) == [f"Failed to process flowable task {lp.id}: {reason}"]

    def test_nothing_to_go_over_is_a_success(self) -> None:
        execution = run(loop([], **{"finally": do("f")}))
        (lp,) = execution.runs_of("lp")
        assert (history(lp), lp.attempts) == ("CREATED SUCCESS", [])
        assert lp.outputs == {"iterationCount": 0, "runningIterations": 0, "terminatedIterations": {}}

    def test_so_many_run_at_once(self) -> None:
        world, execution = start(loop(["1", "2", "3"], concurrencyLimit=2))
        world.until(lambda: len(turns(world)) == 2)
        assert outputs(execution, "lp")["runningIterations"] == 2
        world.settle()
        assert outputs(execution, "lp")["terminatedIterations"] == {"SUCCESS": 3}

    def test_more_than_a_transaction_may_begin_come_in_batches(self) -> None:
        world, execution = start(loop(f"{{{{ range(1, {2 * MOST_AT_ONCE + 1}) }}}}", concurrencyLimit=0))
        world.until(lambda: bool(turns(world)))
        assert len(turns(world)) == MOST_AT_ONCE
        world.settle()
        assert outputs(execution, "lp")["terminatedIterations"] == {"SUCCESS": 2 * MOST_AT_ONCE + 1}

    def test_turns_without_work_nest_no_calls(self) -> None:
        execution = run(loop("{{ range(1, 3000) }}", *do("a", runIf="false")))
        assert outputs(execution, "lp")["terminatedIterations"] == {"SUCCESS": 3000}


class TestWhatATurnKnows:
    def test_it_sees_its_item_and_what_stands_around_it(self) -> None:
        seen = {}

        def script(job):
            if job.task.id == "a":
                seen[job.scope["item"]["index"]] = job.scope
            return Done(SUCCESS, {"value": job.task.id}, took=timedelta(seconds=1))

        text = "{{ item.index }} {{ outputs }} {{ execution.id }} {{ inputs.i }} {{ taskrun.parentId }} {{ tasks }}"
        world, execution = start(
            *do("before"),
            loop({"k": "v", "l": "w"}, *do("a", format=text), outputs=GIVES),
            inputs={"i": "in"},
            script=script,
        )
        world.settle()
        (lp,) = execution.runs_of("lp")
        scope = seen[1]
        assert scope["item"] == {"index": 1, "value": "w", "key": "l"}
        assert scope["execution"]["id"] == scope["execution"]["originalId"] == execution.id
        assert scope["taskrun"]["parentId"] == lp.id
        assert scope["inputs"] == {"i": "in"}
        assert scope["outputs"]["before"] == {"value": "before"}
        assert list(scope["outputs"]) == ["a", "before", "lp"]
        assert scope["outputs"]["lp"]["outputs"] == [
            {"item": {"value": "v", "iteration": 0, "key": "k"}, "outputs": {"o": "va"}}
        ]
        assert scope["tasks"]["before"] == {"state": "SUCCESS"}

    def test_nothing_of_a_turn_is_seen_outside(self) -> None:
        execution = run(loop(["x"]), *do("z", runIf="{{ outputs.a is defined }}"))
        assert draw(execution) == "SUCCESS\n  lp SUCCESS\n  z SKIPPED"

    def test_loops_nest(self) -> None:
        told = []

        def script(job):
            told.append(job.scope["item"])
            return Done(SUCCESS, {"value": "x"}, took=timedelta(seconds=1))

        inner = loop(["x"], *do("a", format="{{ item }}"), task_id="inner")
        world, execution = start(loop(["1", "2"], inner), script=script)
        world.settle()
        assert execution.state is SUCCESS
        assert told[1] == {
            "value": "x",
            "index": 0,
            "parent": {"index": 1, "value": "2"},
            "parents": [{"index": 1, "value": "2"}],
        }
        assert [each.execution.parent_id for each in turns(world, "inner")] == [each.id for each in turns(world)]

    def test_a_subflow_of_a_turn_knows_the_loop(self) -> None:
        sub = task("sub", "Subflow", namespace="company.team", flowId="child")
        world, execution = start(loop(["x"], sub), flows=[flow_of(*do("work"), id="child")])
        world.settle()
        child = next(each for each in world.executions.values() if each.execution.flow_id == "child")
        (lp,) = execution.runs_of("lp")
        assert child.execution.trigger["variables"] | {"taskRunId": ""} == {
            "executionId": execution.id,
            "namespace": "company.team",
            "flowId": "drawn",
            "flowRevision": 1,
            "taskId": "sub",
            "taskRunId": "",
            "loopTaskRunId": lp.id,
            "loopIndex": 0,
        }


class TestFailure:
    def test_it_fails_with_its_first_turn_and_begins_no_other(self) -> None:
        errors, last = {"errors": do("e")}, {"finally": do("f")}
        world, execution = start(loop(["1", "2", "3"], **errors, **last), *do("z"), script=at_value("2"))
        world.settle()
        assert draw(execution) == "FAILED\n  lp FAILED"
        assert outputs(execution, "lp") == {
            "iterationCount": 3,
            "runningIterations": 0,
            "terminatedIterations": {"SUCCESS": 1, "FAILED": 1},
        }
        first, second = turns(world)
        assert draw(first) == "SUCCESS\n  a SUCCESS\n  f SUCCESS"
        assert draw(second) == "FAILED\n  a FAILED\n  e SUCCESS\n  f SUCCESS"
        link = f'[[link execution="{second.id}" flowId="drawn" namespace="company.team"]]'
        reason = f"Loop iteration 1 ended in FAILED in sub-execution {link}, check that execution's logs for details"
        assert messages(execution) == [reason]
        assert execution.runs_of("lp")[0].attempts[-1].error == reason

    def test_running_turns_go_on_and_still_count(self) -> None:
        def script(job):
            value = job.scope["item"]["value"]
            state, took = (FAILED, 1) if value == "1" else (SUCCESS, 5)
            return Done(state, {"value": "x"}, took=timedelta(seconds=took))

        world, execution = start(
            loop(["1", "2", "3"], *do("a", format="{{ item.value }}"), concurrencyLimit=2), script=script
        )
        world.settle()
        assert execution.state is FAILED
        assert len(turns(world)) == 2
        assert outputs(execution, "lp")["terminatedIterations"] == {"FAILED": 1, "SUCCESS": 1}
        assert outputs(execution, "lp")["runningIterations"] == 0

    def test_it_may_keep_failures_to_itself(self) -> None:
        world, execution = start(loop(["1", "2", "3"], transmitFailed=False, outputs=GIVES), script=at_value("2"))
        world.settle()
        assert execution.state is SUCCESS
        told = outputs(execution, "lp")
        assert told["terminatedIterations"] == {"SUCCESS": 2, "FAILED": 1}
        assert [each["item"]["value"] for each in told["outputs"]] == ["1", "3"]

    def test_an_allowed_failure_is_a_warning(self) -> None:
        world, execution = start(loop(["1", "2"], allowFailure=True), *do("z"), script=at_value("1"))
        world.settle()
        assert draw(execution) == "WARNING\n  lp WARNING\n  z SUCCESS"
        assert len(turns(world)) == 1

    def test_a_warning_of_a_turn_stays_in_it(self) -> None:
        world, execution = start(loop(["1", "2"]), script=at_value("1", WARNING))
        world.settle()
        assert execution.state is SUCCESS
        assert outputs(execution, "lp")["terminatedIterations"] == {"WARNING": 1, "SUCCESS": 1}

    def test_retry_is_for_the_tasks_of_a_turn(self) -> None:
        retry = {"type": "constant", "interval": "PT1S", "maxAttempts": 2}
        world, execution = start(loop(["1"], retry=retry), script=at_value("1"))
        world.settle()
        (turn,) = turns(world)
        assert draw(turn) == "FAILED\n  a FAILED x2"
        assert draw(execution) == "FAILED\n  lp FAILED"

    def test_a_turn_that_is_tried_anew_takes_the_place_of_the_first(self) -> None:
        tries = []

        def script(job):
            tries.append(job.execution_id)
            return Done(FAILED if len(tries) == 1 else SUCCESS, took=timedelta(seconds=1))

        retry = {"type": "constant", "interval": "PT1S", "maxAttempts": 3, "behavior": "CREATE_NEW_EXECUTION"}
        world, execution = start(loop(["1", "2"], *do("a", retry=retry)), script=script)
        world.settle()
        assert execution.state is SUCCESS
        assert len(set(tries)) == 3
        assert outputs(execution, "lp")["terminatedIterations"] == {"SUCCESS": 2}


class TestActs:
    def test_a_kill_reaches_the_turns(self) -> None:
        world, execution = start(loop(["1", "2"]))
        world.until(lambda: bool(turns(world)) and bool(turns(world)[0].runs))
        send(world, execution, ev.KillRequested)
        world.settle()
        assert draw(execution) == "KILLED\n  lp KILLED"
        assert [draw(each) for each in turns(world)] == ["KILLED\n  a KILLED"]
        assert history(execution.execution) == "CREATED RUNNING KILLING KILLED"

    def test_a_restart_runs_the_failed_turn_again_and_then_the_rest(self) -> None:
        broken = [True]

        def script(job):
            hit = broken and job.scope["item"]["value"] == "2"
            return Done(FAILED if hit else SUCCESS, {"value": "x"}, took=timedelta(seconds=1))

        values = loop(["1", "2", "3"], *do("a", format="{{ item.value }}"), outputs=GIVES)
        world, execution = start(values, script=script)
        world.settle()
        assert execution.state is FAILED
        broken.clear()
        send(world, execution, ev.RestartRequested)
        world.settle()
        assert draw(execution) == "SUCCESS\n  lp SUCCESS x2"
        told = outputs(execution, "lp")
        assert told["terminatedIterations"] == {"SUCCESS": 3}
        assert [each["item"]["value"] for each in told["outputs"]] == ["1", "2", "3"]
        first, second, third = turns(world)
        assert history(first.execution) == "CREATED RUNNING SUCCESS"
        restarted = "CREATED RUNNING FAILED RESTARTED RUNNING SUCCESS"
        assert history(second.execution) == history(third.execution) == restarted

    def test_a_pause_holds_back_the_next_turn(self) -> None:
        world, execution = start(loop(["1", "2"]))
        world.until(lambda: bool(turns(world)) and bool(turns(world)[0].runs))
        send(world, execution, ev.PauseRequested)
        world.settle()
        assert (execution.state, len(turns(world))) == (State.PAUSED, 1)
        send(world, execution, ev.ResumeRequested)
        world.settle()
        assert (execution.state, len(turns(world))) == (SUCCESS, 2)

    def test_a_pause_in_a_turn_is_resumed_there_in_every_turn(self) -> None:
        world, execution = start(loop(["1", "2"], task("p", "Pause"), *do("a")))
        for place in range(2):
            world.settle()
            turn = turns(world)[place]
            assert turn.state is State.PAUSED
            send(world, turn, ev.ResumeRequested)
        world.settle()
        assert execution.state is SUCCESS

    def test_it_ends_after_the_end_of_a_failed_execution(self) -> None:
        world, execution = start(*do("f"), afterExecution=[loop(["1", "2"])], script=outcomes(f=FAILED))
        world.settle()
        assert draw(execution) == "FAILED\n  f FAILED\n  lp SUCCESS"

    def test_one_that_is_skipped_has_no_turns(self) -> None:
        world, execution = start(loop(["1"], runIf="false"), *do("z"))
        world.settle()
        assert draw(execution) == "SUCCESS\n  lp SKIPPED\n  z SUCCESS"
        assert turns(world) == []
