"""Subflows, batches of a ForEachItem, and loops that run until something holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from executions.engine import children
from executions.engine import events as ev
from executions.simulator.fleet import Done
from executions.simulator.stores import MemoryStores
from executions.simulator.world import Simulator
from plugins.contracts import State
from tests.executions.engine.drawing import (
    do,
    draw,
    drawing,
    flow_of,
    history,
    messages,
    outcomes,
    outputs,
    run,
    send,
    start,
    task,
    until_state,
)

FAILED, SUCCESS, WARNING, KILLED = State.FAILED, State.SUCCESS, State.WARNING, State.KILLED
SLOW = Done(SUCCESS, took=timedelta(minutes=1))


def child(*tasks, **over):
    return flow_of(*(tasks or do("work")), id="child", **over)


def subflow(task_id="sub", **over):
    return task(task_id, "Subflow", namespace="company.team", flowId="child", **over)


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2024-02-01T00:00:00+00:00", datetime(2024, 2, 1, tzinfo=UTC)),
        (datetime(2024, 2, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC)),
        ("", None),
        (None, None),
    ],
)
def test_a_date_to_start_at_is_a_text_or_a_moment(given, moment) -> None:
    assert children._moment(given) == moment


class TestSubflow:
    def test_a_task_waits_for_the_flow_it_starts_and_gets_its_outputs(self) -> None:
        flow = child(outputs=[{"id": "n", "type": "INT", "value": "{{ 1 + 1 }}"}])
        world, parent = start(subflow(), *do("b"), flows=[flow])
        world.settle()
        assert draw(parent) == "SUCCESS\n  sub SUCCESS\n  b SUCCESS"
        kid = next(each for each in world.executions.values() if each is not parent)
        assert outputs(parent, "sub") == {"executionId": kid.id, "state": "SUCCESS", "outputs": {"n": 2}}
        assert kid.execution.trigger == {
            "id": "sub",
            "type": "io.kestra.plugin.core.flow.Subflow",
            "variables": {
                "executionId": parent.id,
                "namespace": "company.team",
                "flowId": "drawn",
                "flowRevision": 1,
                "taskId": "sub",
                "taskRunId": parent.runs_of("sub")[0].id,
            },
        }

    def test_a_task_may_choose_outputs_of_a_flow_that_declares_none(self) -> None:
        chosen = {"made": "{{ outputs.work.value }}", "of": "{{ flow.id }}", "n": 1}
        script = outcomes(work=Done(SUCCESS, outputs={"value": "a"}))
        parent = run(subflow(outputs=chosen), flows=[child()], script=script)
        assert outputs(parent, "sub")["outputs"] == {"made": "a", "of": "child", "n": 1}

    def test_what_a_flow_declares_counts_more_than_what_a_task_chooses(self) -> None:
        declared = child(outputs=[{"id": "n", "type": "INT", "value": "{{ 1 + 1 }}"}])
        parent = run(subflow(outputs={"other": "x"}), flows=[declared])
        assert outputs(parent, "sub")["outputs"] == {"n": 2}

    @pytest.mark.parametrize(("allowed", "ends"), [({}, FAILED), ({"allowFailure": True}, WARNING)])
    def test_a_choice_that_cannot_be_rendered_fails_the_task(self, allowed, ends) -> None:
        parent = run(subflow(outputs={"made": "{{ nothing.at.all }}"}, **allowed), flows=[child()])
        assert parent.state is ends
        assert "Unable to find `nothing`" in messages(parent)[-1]

    @pytest.mark.parametrize(
        ("ends", "transmits", "becomes"),
        [
            (FAILED, True, FAILED),
            (KILLED, True, KILLED),
            (WARNING, True, WARNING),
            (SUCCESS, True, SUCCESS),
            (FAILED, False, SUCCESS),
            (KILLED, False, SUCCESS),
        ],
    )
    def test_how_the_child_ends_is_transmitted_or_not(self, ends, transmits, becomes) -> None:
        parent = run(subflow(transmitFailed=transmits), flows=[child()], script=outcomes(work=ends))
        assert parent.state is becomes

    def test_without_waiting_it_succeeds_once_the_child_is_there(self) -> None:
        world, parent = start(subflow(wait=False), flows=[child(*do("slow"))], script=outcomes(slow=SLOW))
        until_state(world, parent, SUCCESS)
        kid = next(each for each in world.executions.values() if each is not parent)
        assert not kid.state.is_terminal
        assert outputs(parent, "sub")["executionId"] == kid.id

    @pytest.mark.parametrize("ends", [FAILED, State.KILLED, State.RETRIED, SUCCESS])
    def test_without_waiting_it_succeeds_however_soon_the_child_has_ended(self, ends) -> None:
        world, parent = start(subflow(wait=False), flows=[child()])
        world.until(lambda: bool(parent.runs) and parent.runs[0].state is State.RUNNING)
        told = {"child_id": "kid", "flow_id": "child", "namespace": "company.team", "state": ends}
        assert send(world, parent, ev.ChildChanged, task_run_id=parent.runs[0].id, **told) is None
        assert parent.state is SUCCESS
        assert outputs(parent, "sub")["executionId"] == "kid"

    def test_a_flow_that_cannot_start_fails_the_task(self) -> None:
        missing = run(subflow(), flows=[])
        assert draw(missing) == "FAILED\n  sub FAILED"
        assert messages(missing) == ["Unable to start company.team.child: there is no such flow"]
        disabled = run(subflow(), flows=[child(disabled=True)])
        assert messages(disabled) == ["Unable to start company.team.child: the flow is disabled"]

    def test_what_it_gives_may_be_expressions_even_impure_ones(self) -> None:
        flow = child(inputs=[{"id": "a", "type": "STRING"}, {"id": "b", "type": "STRING"}])
        memory_stores = MemoryStores(kv={("company.team", "key"): "from kv"})
        world = Simulator([flow], script=outcomes(), memory_stores=memory_stores)
        world.add(
            flow_of(subflow(inputs={"a": "{{ execution.id }}", "b": "{{ kv('key') }}"}, labels={"x": "{{ flow.id }}"}))
        )
        parent = world.run("company.team", "drawn")
        kid = next(each for each in world.executions.values() if each is not parent)
        assert kid.execution.inputs == {"a": parent.id, "b": "from kv"}
        assert kid.execution.labels == {"x": "drawn", "system.correlationId": parent.id}

    def test_an_impure_wish_that_fails_fails_the_task(self) -> None:
        parent = run(subflow(inputs={"a": "{{ kv('none') }}"}), flows=[child()])
        assert draw(parent) == "FAILED\n  sub FAILED"

    @pytest.mark.parametrize("inherits", [True, False])
    def test_labels_are_inherited_when_asked_and_the_correlation_always(self, inherits) -> None:
        world = Simulator([child(), flow_of(subflow(inheritLabels=inherits))], script=outcomes())
        parent = world.run("company.team", "drawn", labels={"team": "red"})
        kid = next(each for each in world.executions.values() if each is not parent)
        assert kid.execution.labels.get("team") == ("red" if inherits else None)
        assert kid.execution.labels["system.correlationId"] == parent.id

    def test_labels_may_be_a_list_and_nonsense_is_refused(self) -> None:
        world, parent = start(subflow(labels=[{"key": "k", "value": "v"}]), flows=[child()])
        world.settle()
        kid = next(each for each in world.executions.values() if each is not parent)
        assert kid.execution.labels["k"] == "v"
        broken = run(subflow(labels=[{"no": "key"}]), flows=[child()])
        assert messages(broken) == ["Labels must be a map or a list of key and value"]

    def test_a_revision_that_is_no_number_fails_the_task(self) -> None:
        assert draw(run(subflow(revision="{{ 'x' }}"), flows=[child()])) == "FAILED\n  sub FAILED"

    def test_it_is_tried_again_like_any_task(self) -> None:
        retry = {"type": "constant", "interval": "PT1S", "maxAttempts": 3}
        world, parent = start(subflow(retry=retry), flows=[child()], script=outcomes(work=FAILED))
        world.settle()
        assert draw(parent) == "FAILED\n  sub FAILED x3"
        assert len(world.executions) == 4

    def test_a_kill_cascades_unless_told_otherwise(self) -> None:
        for cascades in (True, False):
            world, parent = start(subflow(), flows=[child(*do("slow"))], script=outcomes(slow=SLOW))
            world.until(lambda world=world: len(world.executions) == 2)
            kid = next(each for each in world.executions.values() if each is not parent)
            until_state(world, kid, State.RUNNING)
            send(world, parent, ev.KillRequested, is_cascading=cascades)
            world.settle()
            assert draw(parent) == "KILLED\n  sub KILLED"
            assert kid.state is (KILLED if cascades else SUCCESS)

    @pytest.mark.parametrize(("wants", "children"), [({}, 1), ({"restartBehavior": "NEW_EXECUTION"}, 2)])
    def test_a_restart_restarts_the_failed_child_unless_a_new_one_is_wanted(self, wants, children) -> None:
        world, parent = start(subflow(**wants), flows=[child(*do("first", "work"))], script=outcomes(work=FAILED))
        world.settle()
        world.script = outcomes()
        send(world, parent, ev.RestartRequested)
        world.settle()
        assert draw(parent) == "SUCCESS\n  sub SUCCESS x2"
        assert len(world.executions) == 1 + children
        kid = list(world.executions.values())[-1]
        restarted = "SUCCESS\n  first SUCCESS\n  work SUCCESS x2"
        assert draw(kid) == (restarted if children == 1 else "SUCCESS\n  first SUCCESS\n  work SUCCESS")

    def test_a_child_in_which_nothing_can_be_restarted_is_started_anew(self) -> None:
        unfit = child(outputs=[{"id": "n", "type": "INT", "value": "{{ outputs.work.value }}"}])
        world, parent = start(subflow(), flows=[unfit])
        world.settle()
        assert parent.state is FAILED
        send(world, parent, ev.RestartRequested)
        world.settle()
        assert len(world.executions) == 3

    def test_the_end_of_a_child_is_told_in_the_log_and_by_the_attempt(self) -> None:
        world, parent = start(subflow(), flows=[child()], script=outcomes(work=FAILED))
        world.settle()
        kid = list(world.executions.values())[-1]
        link = f'[[link execution="{kid.id}" flowId="child" namespace="company.team"]]'
        reason = f"Subflow execution {link} ends in FAILED state"
        assert messages(parent) == [f"Created new execution {link}", reason]
        assert parent.runs_of("sub")[0].attempts[-1].error == reason

    def test_a_child_that_is_cancelled_is_no_success(self) -> None:
        pause = task("p", "Pause", pauseDuration="PT1S", behavior="CANCEL")
        parent = run(subflow(), flows=[child(pause)])
        assert draw(parent) == "FAILED\n  sub FAILED"
        assert "ends in CANCELLED state" in messages(parent)[-1]

    @pytest.mark.parametrize(("last", "ends"), [(SUCCESS, SUCCESS), (FAILED, FAILED)])
    def test_a_child_that_is_tried_anew_counts_as_its_last_try(self, last, ends) -> None:
        tries = []

        def script(job):
            tries.append(job.execution_id)
            return Done(FAILED if len(tries) == 1 else last, took=timedelta(seconds=1))

        retry = {"type": "constant", "interval": "PT1S", "maxAttempts": 2, "behavior": "CREATE_NEW_EXECUTION"}
        world, parent = start(subflow(), flows=[child(*do("work", retry=retry))], script=script)
        world.settle()
        assert parent.state is ends
        assert outputs(parent, "sub")["executionId"] == tries[-1] != tries[0]

    def test_a_flow_that_is_not_there_leaves_a_task_run_that_never_ran(self) -> None:
        parent = run(subflow())
        (sub,) = parent.runs_of("sub")
        assert history(sub) == "CREATED FAILED"
        assert [step.state for step in sub.attempts[0].history] == [FAILED]

    def test_a_paused_child_is_shown(self) -> None:
        world, parent = start(subflow(), flows=[child(task("p", "Pause"))])
        world.settle()
        assert outputs(parent, "sub")["state"] == "PAUSED"
        assert parent.state is State.RUNNING


class TestForEachItem:
    def world(self, lines=5, script=None, **over) -> tuple[Simulator, object]:
        memory_stores = MemoryStores()
        uri = memory_stores.put("/file.txt", "".join(f"{number}\n" for number in range(lines)).encode())
        each = task("each", "ForEachItem", items="{{ inputs.file }}", namespace="company.team", flowId="child", **over)
        flow = child(
            inputs=[{"id": "batch", "type": "STRING", "required": False}],
            outputs=[{"id": "seen", "type": "STRING", "value": "{{ inputs.batch }}"}],
        )
        world = Simulator([flow], memory_stores=memory_stores)
        if script is not None:
            world.script = lambda job: None if "each" in job.task.id else script(job)
        world.add(flow_of(each, *do("last")))
        return world, world.run("company.team", "drawn", {"file": uri}, resolve=False)

    def test_it_starts_an_execution_for_each_batch(self) -> None:
        world, parent = self.world(
            5, batch={"rows": 2}, inputs={"batch": "{{ taskrun.iteration }}:{{ read(taskrun.items) | trim }}"}
        )
        assert draw(parent) == drawing(
            """
            SUCCESS
              each SUCCESS
                each_split SUCCESS
                each_items SUCCESS
                each_merge SUCCESS
              last SUCCESS
            """
        )
        assert outputs(parent, "each_items") == {
            "numberOfBatches": 3,
            "iterations": {"CREATED": 0, "RUNNING": 0, "SUCCESS": 3},
        }
        merged = world.memory_stores.read(outputs(parent, "each_merge")["subflowOutputs"]).decode()
        assert merged == '{"seen": "0:0\\n1"}\n{"seen": "1:2\\n3"}\n{"seen": "2:4"}\n'

    @pytest.mark.parametrize(
        ("batch", "contents"),
        [
            ({"rows": 2}, ["0\n1\n", "2\n3\n", "4\n"]),
            ({"partitions": 2}, ["0\n2\n4\n", "1\n3\n"]),
            ({"partitions": 9}, ["0\n", "1\n", "2\n", "3\n", "4\n"]),
            ({"bytes": "4B"}, ["0\n1\n", "2\n3\n", "4\n"]),
            ({"bytes": "1KB"}, ["0\n1\n2\n3\n4\n"]),
        ],
    )
    def test_a_file_is_cut_by_rows_partitions_or_size(self, batch, contents) -> None:
        world, parent = self.world(5, batch=batch)
        listing = world.memory_stores.read(outputs(parent, "each_split")["splits"]).decode().split()
        assert [world.memory_stores.read(uri).decode() for uri in listing] == contents

    @pytest.mark.parametrize(
        ("over", "message"),
        [
            ({"batch": {"rows": 0}}, "`batch.rows` must be at least 1"),
            ({"batch": {"partitions": 0}}, "`batch.partitions` must be at least 1"),
            ({"batch": {"bytes": "much"}}, "`batch.bytes` must be a size such as 10MB, not `much`"),
        ],
    )
    def test_a_batch_that_cannot_be_is_refused(self, over, message) -> None:
        _, parent = self.world(**over)
        assert parent.state is FAILED
        assert message in messages(parent)

    def test_items_must_be_a_file(self) -> None:
        each = task("each", "ForEachItem", items="no file", namespace="company.team", flowId="child")
        world = Simulator([child(), flow_of(each)])
        parent = world.run("company.team", "drawn")
        assert messages(parent) == ["`items` must be an address of the internal storage, not `no file`"]

    def test_an_empty_file_starts_nothing(self) -> None:
        world, parent = self.world(0)
        assert parent.state is SUCCESS
        assert outputs(parent, "each_items") == {}
        assert len(world.executions) == 1

    @pytest.mark.parametrize(("transmits", "ends"), [(True, FAILED), (False, SUCCESS)])
    def test_it_ends_as_the_worst_of_them(self, transmits, ends) -> None:
        _, parent = self.world(2, script=outcomes(work=FAILED), transmitFailed=transmits)
        assert parent.runs_of("each_items")[0].state is ends
        assert outputs(parent, "each_items")["iterations"] == {"CREATED": 0, "RUNNING": 0, "SUCCESS": 0, "FAILED": 2}

    def test_each_batch_that_fails_is_told_in_the_log(self) -> None:
        world, parent = self.world(3, script=outcomes(work=FAILED))
        kids = [each.id for each in world.executions.values() if each is not parent]
        ended = [text for text in messages(parent) if text.endswith(" ends in FAILED state")]
        assert len(kids) == len(ended) == 3
        assert [kid for kid in kids if not any(kid in text for text in ended)] == []
        assert parent.runs_of("each_items")[0].attempts[-1].error in ended

    def test_it_need_not_wait(self) -> None:
        _, parent = self.world(2, script=outcomes(work=SLOW), wait=False)
        assert parent.state is SUCCESS

    def test_without_waiting_it_succeeds_however_soon_the_children_have_ended(self) -> None:
        world, parent = start(
            task("each", "ForEachItem", items="x", namespace="company.team", flowId="child", wait=False)
        )
        each = self._waiting(world, parent)
        for iteration in range(each.frame["total"]):
            told = {"child_id": f"kid{iteration}", "state": FAILED, "iteration": iteration}
            assert send(world, parent, ev.ChildChanged, task_run_id=each.id, **told) is None
        assert each.state is SUCCESS

    def test_a_change_told_twice_counts_once_and_the_unknown_is_refused(self) -> None:
        _, parent = self.world(2)
        world, parent = start(task("each", "ForEachItem", items="x", namespace="company.team", flowId="child"))
        each = self._waiting(world, parent)
        told = [
            send(world, parent, ev.ChildChanged, task_run_id=each.id, child_id="c", state=SUCCESS, iteration=number)
            for number in (2, 2, 9, 0, 1)
        ]
        assert told == [None, "the iteration has ended", "the iteration has ended", None, None]
        assert each.state is SUCCESS

    def _waiting(self, world, parent):
        send(world, parent, ev.Created)
        world.clock.clear()
        split = parent.runs_of("each_split")[0]
        send(
            world,
            parent,
            ev.JobEnded,
            task_run_id=split.id,
            attempt=1,
            state=SUCCESS,
            outputs={"splits": "kestra:///s"},
        )
        each = parent.runs_of("each_items")[0]
        values = {"items": "kestra:///a\nkestra:///b\nkestra:///c"}
        send(world, parent, ev.Evaluated, key=f"items:{each.id}:1", values=values)
        world.clock.clear()
        return each

    def test_a_list_that_cannot_be_read_fails_it(self) -> None:
        world, parent = start(task("each", "ForEachItem", items="x", namespace="company.team", flowId="child"))
        send(world, parent, ev.Created)
        world.clock.clear()
        split = parent.runs_of("each_split")[0]
        send(world, parent, ev.JobEnded, task_run_id=split.id, attempt=1, state=SUCCESS, outputs={"splits": "x"})
        each = parent.runs_of("each_items")[0]
        assert (
            send(world, parent, ev.Evaluated, key=f"items:{each.id}:7", values={}) == "nothing waits for these values"
        )
        send(world, parent, ev.Evaluated, key=f"items:{each.id}:1", error="no file")
        assert parent.state is FAILED


class TestLoopUntil:
    def loop(self, condition, **over):
        often = {"interval": "PT10S", "maxIterations": 3, **over.pop("often", {})}
        return task("l", "LoopUntil", condition=condition, checkFrequency=often, tasks=do("a", "b"), **over)

    def test_a_round_replaces_the_one_before_it(self) -> None:
        execution = run(self.loop("{{ outputs.l.iterationCount == 3 }}"), *do("c"))
        assert draw(execution) == "SUCCESS\n  l SUCCESS\n    a SUCCESS\n    b SUCCESS\n  c SUCCESS"
        assert outputs(execution, "l") == {"iterationCount": 3}
        assert execution.runs_of("l")[0].iteration == 2
        assert execution.runs_of("b")[0].iteration == 2
        assert execution.runs_of("c")[0].iteration is None
        assert execution.execution.history[-1].date - execution.execution.start_date > timedelta(seconds=20)

    @pytest.mark.parametrize(("fails", "ends"), [(True, FAILED), (False, SUCCESS)])
    @pytest.mark.parametrize(
        ("often", "rounds", "reason"),
        [
            ({}, 4, "Max iterations reached"),
            ({"maxIterations": 100, "maxDuration": "PT30S"}, 3, "Max duration reached"),
        ],
    )
    def test_it_gives_up_at_its_bounds(self, fails, ends, often, rounds, reason) -> None:
        execution = run(self.loop("{{ false }}", failOnMaxReached=fails, often=often))
        assert execution.state is ends
        assert outputs(execution, "l")["iterationCount"] == rounds
        assert messages(execution) == [reason]

    def test_the_longest_duration_ends_the_round_that_runs(self) -> None:
        world, execution = start(
            self.loop("{{ false }}", often={"maxDuration": "PT3S"}), *do("c"), script=outcomes(a=SLOW)
        )
        world.until(lambda: execution.is_done)
        assert draw(execution) == "SUCCESS\n  l SUCCESS\n    a KILLED\n  c SUCCESS"
        assert (world.clock.now - execution.execution.start_date).total_seconds() < 5
        assert messages(execution) == ["Max duration reached"]

    def test_it_is_paused_between_two_rounds_and_holds_nothing_else(self) -> None:
        parallel = task("p", "Parallel", tasks=[self.loop("{{ outputs.l.iterationCount == 2 }}"), *do("x")])
        world, execution = start(parallel, *do("c"), script=outcomes(x=Done(SUCCESS, took=timedelta(seconds=4))))
        until_state(world, execution, State.PAUSED)
        world.settle()
        assert history(execution.execution) == "CREATED RUNNING PAUSED RUNNING SUCCESS"
        assert history(execution.runs_of("l")[0]) == "CREATED RUNNING PAUSED RUNNING SUCCESS"

    def test_a_resume_begins_the_next_round_at_once(self) -> None:
        world, execution = start(self.loop("{{ outputs.l.iterationCount == 2 }}", often={"interval": "PT1H"}))
        until_state(world, execution, State.PAUSED)
        send(world, execution, ev.ResumeRequested)
        world.until(lambda: execution.is_done)
        assert execution.state is SUCCESS
        assert (world.clock.now - execution.execution.start_date).total_seconds() < 60

    def test_a_failure_inside_ends_it(self) -> None:
        execution = run(self.loop("{{ true }}"), script=outcomes(a=FAILED))
        assert draw(execution) == "FAILED\n  l FAILED\n    a FAILED"

    def test_a_condition_that_cannot_be_rendered_fails_it(self) -> None:
        assert draw(run(self.loop("{{ nothing.at.all }}"))).startswith("FAILED\n  l FAILED")

    def test_an_impure_condition_is_asked_of_a_worker(self) -> None:
        world = Simulator(script=outcomes(), memory_stores=MemoryStores(kv={("company.team", "go"): "true"}))
        world.add(flow_of(self.loop("{{ kv('go') }}")))
        execution = world.run("company.team", "drawn")
        assert execution.state is SUCCESS
        assert outputs(execution, "l") == {"iterationCount": 1}

    def test_nested_task_runs_of_a_round_go_too(self) -> None:
        inner = task("i", "ForEach", values=["x", "y"], tasks=do("a"))
        loop = task("l", "LoopUntil", condition="{{ outputs.l.iterationCount == 2 }}", tasks=[inner])
        assert len(run(loop).runs) == 4


def test_batches_that_nobody_can_tell_fail_the_task() -> None:
    """What splits the file ended well, and brought nothing."""
    each = task("f", "ForEachItem", items="kestra:///in.txt", namespace="company.team", flowId="child")
    execution = run(each, *do("b"), flows=[child()], script=outcomes())
    assert execution.state is FAILED
    assert not execution.runs_of("b")
    assert all(one.state.is_terminal for one in execution.runs)
    assert "Unable to find `splits`" in messages(execution)[0]
