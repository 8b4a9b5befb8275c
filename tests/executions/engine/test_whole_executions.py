"""What belongs to an execution as a whole: slots, agreements, checks, outputs, labels, what it may be asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from executions.engine import events as ev
from executions.engine.checks import failed_checks, strongest
from executions.engine.compiled import Surroundings, compile_flow
from executions.engine.control import EVERYTHING, NOTHING, needs_of
from executions.engine.scope import build_scope, references_of
from executions.engine.simulator.fleet import Done
from executions.engine.simulator.memory import MemoryLedger
from executions.engine.simulator.stores import Shelves
from executions.engine.simulator.world import Simulator
from executions.engine.start import forbidden_labels, new_execution
from executions.engine.why import why, why_not_begun
from flows.expressions import Environment
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
    until_state,
)

FAILED, SUCCESS = State.FAILED, State.SUCCESS
SLOW = Done(SUCCESS, took=timedelta(minutes=1))
AT = datetime(2024, 1, 1, tzinfo=UTC)


class TestConcurrency:
    def two(self, behavior: str):
        world = Simulator(script=outcomes(slow=SLOW))
        world.add(flow_of(*do("slow"), concurrency={"limit": 1, "behavior": behavior}))
        pair = [world.start("company.team", "drawn") for _ in range(2)]
        until_state(world, pair[0], State.RUNNING)
        world.until(lambda: pair[1].state is not State.CREATED)
        return world, *pair

    def test_one_too_many_waits_for_a_slot(self) -> None:
        world, first, second = self.two("QUEUE")
        assert second.state is State.QUEUED
        world.settle()
        assert history(second.execution) == "CREATED QUEUED RUNNING SUCCESS"
        assert second.execution.history[2].date >= first.execution.history[-1].date

    @pytest.mark.parametrize(("behavior", "ends"), [("CANCEL", State.CANCELLED), ("FAIL", FAILED)])
    def test_one_too_many_is_cancelled_or_failed_without_a_task_run(self, behavior, ends) -> None:
        _, _, second = self.two(behavior)
        assert draw(second) == ends.value
        assert history(second.execution) == f"CREATED {ends}"

    @pytest.mark.parametrize(
        ("event", "fields", "becomes"),
        [
            (ev.Unqueued, {}, State.RUNNING),
            (ev.Unqueued, {"state": State.CANCELLED}, State.CANCELLED),
            (ev.Unqueued, {"state": FAILED}, FAILED),
            (ev.RunForced, {}, State.RUNNING),
            (ev.KillRequested, {}, State.KILLED),
        ],
    )
    def test_a_queued_one_may_be_let_go(self, event, fields, becomes) -> None:
        world, _, second = self.two("QUEUE")
        assert send(world, second, event, **fields) is None
        assert second.state is becomes

    def test_a_queued_one_cannot_become_anything(self) -> None:
        world, _, second = self.two("QUEUE")
        assert send(world, second, ev.Unqueued, state=State.PAUSED) == "a queued execution cannot become PAUSED"

    def test_one_that_was_never_started_may_be_forced(self) -> None:
        world, execution = start(*do("a"))
        assert send(world, execution, ev.RunForced) is None
        world.settle()
        assert execution.state is SUCCESS


class TestSla:
    @pytest.mark.parametrize(("behavior", "ends"), [("FAIL", FAILED), ("CANCEL", State.CANCELLED), ("NONE", SUCCESS)])
    def test_one_that_takes_too_long(self, behavior, ends) -> None:
        sla = [
            {"id": "s", "type": "MAX_DURATION", "duration": "PT10S", "behavior": behavior, "labels": {"late": "yes"}}
        ]
        execution = run(*do("slow", "b"), errors=do("e"), sla=sla, script=outcomes(slow=SLOW))
        assert execution.state is ends
        assert execution.execution.labels["late"] == "yes"
        assert bool(execution.runs_of("b")) is (ends is SUCCESS)
        assert not execution.runs_of("e")

    def test_one_in_time_is_left_alone(self) -> None:
        sla = [{"id": "s", "type": "MAX_DURATION", "duration": "PT10S", "behavior": "FAIL"}]
        assert run(*do("a"), sla=sla).state is SUCCESS

    def test_an_assertion_is_looked_at_at_every_change_and_acts_once(self) -> None:
        text = "{{ (tasks.a.state ?? '') != 'SUCCESS' }}"
        sla = [{"id": "s", "type": "EXECUTION_ASSERTION", "assert": text, "behavior": "FAIL"}]
        execution = run(*do("a", "b", "c"), sla=sla)
        assert draw(execution) == "FAILED\n  a SUCCESS\n  b KILLED"
        assert messages(execution) == ["The SLA `s` is violated"]

    def test_an_assertion_that_cannot_be_rendered_holds(self) -> None:
        sla = [{"id": "s", "type": "EXECUTION_ASSERTION", "assert": "{{ nothing.at.all }}", "behavior": "FAIL"}]
        assert run(*do("a"), sla=sla).state is SUCCESS

    def test_a_timer_after_the_end_does_nothing(self) -> None:
        world, execution = start(*do("a"))
        world.settle()
        assert send(world, execution, ev.TimerFired, key="sla:0") == "the execution has ended"


class TestChecks:
    CHECKS = [
        {"when": "{{ inputs.n > 1 }}", "message": "too small", "behavior": "CREATE_EXECUTION", "style": "WARNING"},
        {"when": "{{ inputs.n > 2 }}", "message": "much too small", "behavior": "FAIL_EXECUTION"},
        {"when": "{{ inputs.none.x }}", "message": "broken", "behavior": "BLOCK_EXECUTION"},
    ]

    def failed(self, n: int, count: int):
        flow = compile_flow(flow_of(*do("a"), checks=self.CHECKS[:count]))
        execution = new_execution(flow, id="x", tenant="main", at=AT, inputs={"n": n})
        return failed_checks(flow, execution, Environment())

    def test_those_that_do_not_hold_are_told(self) -> None:
        assert [each.message for each in self.failed(1, 2)] == ["too small", "much too small"]
        assert self.failed(9, 2) == []

    def test_one_that_cannot_be_rendered_does_not_hold(self) -> None:
        (broken,) = self.failed(9, 3)
        assert broken.message.startswith("broken: Unable to find")

    def test_the_strongest_decides(self) -> None:
        assert [strongest(self.failed(1, count)).behavior for count in (1, 2, 3)] == [
            "CREATE_EXECUTION",
            "FAIL_EXECUTION",
            "BLOCK_EXECUTION",
        ]
        assert strongest([]) is None

    def test_a_failed_check_fails_the_execution_before_it_begins(self) -> None:
        world, execution = start(*do("a"))
        send(world, execution, ev.Created, failed_check="too small")
        assert draw(execution) == "FAILED"
        assert messages(execution) == ["too small"]


class TestOutputs:
    def test_they_are_rendered_at_the_end_with_their_types(self) -> None:
        declared = [
            {"id": "n", "type": "INT", "value": "{{ 20 + 22 }}"},
            {"id": "t", "type": "STRING", "value": "{{ outputs.a.value }}"},
        ]
        assert run(*do("a"), outputs=declared).execution.outputs == {"n": 42, "t": "a"}

    def test_they_are_rendered_when_it_failed_too(self) -> None:
        declared = [{"id": "t", "type": "STRING", "value": "{{ execution.id }}"}]
        execution = run(*do("a"), outputs=declared, script=outcomes(a=FAILED))
        assert (execution.state, execution.execution.outputs) == (FAILED, {"t": execution.id})

    @pytest.mark.parametrize("value", ["{{ outputs.none.x }}", "no number", "{{ kv('none') }}"])
    def test_those_that_cannot_be_given_fail_the_execution(self, value) -> None:
        execution = run(*do("a"), outputs=[{"id": "n", "type": "INT", "value": value}])
        assert (execution.state, execution.execution.outputs) == (FAILED, None)
        assert messages(execution)

    def test_impure_ones_are_asked_of_a_worker_and_typed(self) -> None:
        declared = [
            {"id": "n", "type": "INT", "value": "{{ kv('n') }}"},
            {"id": "j", "type": "JSON", "value": "{{ kv('j') }}"},
            {"id": "o", "type": "STRING", "value": "{{ kv('none', errorOnMissing=false) }}", "required": False},
        ]
        pairs = {("company.team", "n"): "42", ("company.team", "j"): {"a": [1]}}
        world = Simulator(script=outcomes(), shelves=Shelves(kv=pairs))
        world.add(flow_of(*do("a"), outputs=declared))
        assert world.run("company.team", "drawn").execution.outputs == {"n": 42, "j": {"a": [1]}, "o": None}

    @pytest.mark.parametrize("value", ["no number", None])
    def test_impure_ones_of_another_type_fail_the_execution(self, value) -> None:
        world, execution = start(
            *do("a"), outputs=[{"id": "n", "type": "INT", "value": "{{ kv('n') }}", "required": True}]
        )
        until_state(world, execution, State.RUNNING)
        world.until(lambda: execution.execution.frame.get("stage") == "outputs")
        world.clock.clear()
        send(world, execution, ev.Evaluated, key="outputs", values={"n": value})
        assert (execution.state, execution.execution.outputs) == (FAILED, None)


class TestEvaluations:
    def test_impure_control_expressions_become_the_work_of_a_worker(self) -> None:
        pairs = {("company.team", key): value for key, value in {"yes": "true", "values": '["x"]'}.items()}
        world = Simulator(script=outcomes(), shelves=Shelves(kv=pairs))
        world.add(
            flow_of(
                *do("a", runIf="{{ kv('yes') }}"),
                task("i", "If", condition="{{ kv('yes') }}", then=do("b")),
                task("l", "ForEach", values="{{ kv('values') }}", tasks=do("c")),
                *do("d", runIf="{{ kv('none') }}"),
            )
        )
        assert draw(world.run("company.team", "drawn")) == "\n".join(
            ["FAILED", "  a SUCCESS", "  i SUCCESS", "    b SUCCESS", "  l SUCCESS", "    c[x] SUCCESS", "  d FAILED"]
        )

    def test_a_secret_input_is_never_rendered_by_the_engine(self) -> None:
        world, execution = start(
            *do("a", runIf="{{ inputs.s == 'x' }}"),
            inputs={"s": "x"},
            id="drawn",
        )
        flow = flow_of(*do("a", runIf="{{ inputs.s == 'x' }}"), inputs=[{"id": "s", "type": "SECRET"}])
        world = Simulator()
        world.add(flow)
        execution = world.start("company.team", "drawn", {"s": "x"}, resolve=False)
        decisions = world.send(execution, lambda at, seed: ev.Created(at=at, seed=seed))
        assert [each.key.split(":")[0] for each in decisions.evaluations] == ["gate"]
        assert why(execution.flow, execution.ledger, execution.runs[0]) == "waits for a worker to evaluate `runIf`"

    def test_render_is_followed_into_variables(self) -> None:
        def kinds(variables):
            flow = flow_of(*do("a", runIf="{{ render(vars.x) }}"), variables=variables)
            world = Simulator()
            world.add(flow)
            execution = world.start("company.team", "drawn")
            decisions = world.send(execution, lambda at, seed: ev.Created(at=at, seed=seed))
            return bool(decisions.evaluations), execution.runs[0].state

        assert kinds({"x": "{{ flow.id == 'drawn' }}"}) == (False, State.CREATED)
        assert kinds({"x": "{{ render(vars.y) }}", "y": "{{ kv('k') }}"}) == (True, State.CREATED)

    def test_clock_and_chance_are_those_of_the_event(self) -> None:
        def twice():
            execution = run(
                task("s", "Switch", value="{{ now() }} {{ uuid() }}", cases={"a": do("a")}, defaults=do("b"))
            )
            return outputs(execution, "s")["value"]

        assert twice() == twice()
        assert twice().startswith("2024-01-01")


class TestListeners:
    def listener(self, *states):
        condition = {"type": "io.kestra.plugin.core.condition.ExecutionStatus", "in": list(states)}
        return {"conditions": [condition], "tasks": do("heard")}

    def test_those_whose_conditions_hold_run_after_the_end(self) -> None:
        execution = run(*do("a"), listeners=[self.listener("SUCCESS")], script=outcomes(heard=FAILED))
        assert draw(execution) == "SUCCESS\n  a SUCCESS\n  heard FAILED"
        assert draw(run(*do("a"), listeners=[self.listener("FAILED")])) == "SUCCESS\n  a SUCCESS"

    def test_a_condition_that_cannot_be_decided_leaves_it_out(self) -> None:
        broken = {
            "conditions": [
                {
                    "type": "io.kestra.plugin.core.condition.DateTimeBetween",
                    "date": "nonsense",
                    "after": "2024-01-01T00:00:00Z",
                }
            ],
            "tasks": do("heard"),
        }
        execution = run(*do("a"), listeners=[broken])
        assert draw(execution) == "SUCCESS\n  a SUCCESS"
        assert messages(execution)[0].startswith("A listener was left out")

    def test_one_that_renders_sees_the_execution(self) -> None:
        expression = {
            "conditions": [
                {"type": "io.kestra.plugin.core.condition.Expression", "expression": "{{ flow.id == 'drawn' }}"}
            ],
            "tasks": do("heard"),
        }
        assert draw(run(*do("a"), listeners=[expression])) == "SUCCESS\n  a SUCCESS\n  heard SUCCESS"


class TestLabels:
    def test_given_labels_win_and_system_labels_of_the_flow_stay_behind(self) -> None:
        flow = compile_flow(flow_of(*do("a"), labels={"a": "flow", "b": "flow", "system.readOnly": "true"}))
        execution = new_execution(flow, id="x", tenant="main", at=AT, labels={"a": "given", "": "none", "c": ""})
        assert execution.labels == {"a": "given", "b": "flow", "system.correlationId": "x"}

    def test_a_correlation_id_is_passed_on(self) -> None:
        flow = compile_flow(flow_of(*do("a")))
        execution = new_execution(flow, id="x", tenant="main", at=AT, labels={"system.correlationId": "first"})
        assert execution.labels == {"system.correlationId": "first"}

    def test_nobody_may_give_system_labels(self) -> None:
        assert forbidden_labels({"a": "b", "system.correlationId": "x", "system.readOnly": "y"}) == ["system.readOnly"]


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


def test_an_execution_with_a_date_begins_then() -> None:
    world, execution = start(*do("a"))
    due = AT + timedelta(hours=1)
    execution = world.start("company.team", "drawn", schedule_date=due)
    world.settle()
    assert execution.execution.history[1].date == due


def test_surroundings_are_readable() -> None:
    around = Surroundings(envs={"foo": "env"}, globals={"g": "glob"}, kestra={"url": "here"}, namespace={"token": "ns"})
    world = Simulator(surroundings=around)
    text = "{{ envs.foo }} {{ globals.g }} {{ kestra.url }} {{ namespace.token }} {{ labels.system.correlationId }}"
    world.add(flow_of(*do("a", format=text)))
    execution = world.run("company.team", "drawn")
    assert outputs(execution, "a") == {"value": f"env glob here ns {execution.id}"}


def test_flow_triggers_start_other_flows_and_never_their_own() -> None:
    listener = flow_of(
        *do("b", format="{{ trigger.executionId }} {{ inputs.from }}"),
        id="listener",
        inputs=[{"id": "from", "type": "STRING"}],
        triggers=[
            {"id": "t", "type": "io.kestra.plugin.core.trigger.Flow", "inputs": {"from": "{{ outputs.a.value }}"}}
        ],
    )
    world = Simulator([listener, flow_of(*do("a"))])
    first = world.run("company.team", "drawn")
    heard = [each for each in world.executions.values() if each is not first]
    assert [outputs(each, "b")["value"] for each in heard] == [f"{first.id} a"]


def test_the_nested_values_of_loops_nest_their_outputs() -> None:
    inner = task(
        "in", "ForEach", values=["a", "b"], tasks=do("leaf", format="{{ parent.taskrun.value }}{{ taskrun.value }}")
    )
    loop = task("out", "ForEach", values=["x", "y"], tasks=[inner])
    last = do(
        "last", format="{{ outputs.leaf.x.b.value }} {{ outputs.leaf['y']['a'].value }} {{ tasks.leaf.x.a.state }}"
    )
    world, execution = start(loop, *last)
    world.script = None
    world.settle()
    assert outputs(execution, "last") == {"value": "xb ya SUCCESS"}


def test_a_task_run_knows_itself() -> None:
    text = "{{ task.id }} {{ taskrun.attemptsCount }} {{ taskrun.iteration }} {{ taskrun.parentId is defined }} {{ execution.state }}"
    world, execution = start(task("l", "ForEach", values=["x"], tasks=do("a", format=text)))
    world.script = None
    world.settle()
    assert outputs(execution, "a") == {"value": "a 0 0 true RUNNING"}


def test_a_task_of_a_loop_is_given_the_outputs_of_its_own_value_alone() -> None:
    own = "{{ outputs.a[taskrun.value].value }}{{ currentEachOutput(outputs.b).value }}{{ outputs.before.value }}"
    loop = task("l", "ForEach", values=["x", "y", "z"], tasks=[*do("a", "b"), *do("own", format=own)])
    execution = run(*do("before"), loop)
    last = execution.runs_of("own")[-1]
    needs = references_of(execution.flow, execution.flow.task("own"))
    scope = build_scope(execution.flow, execution.ledger, last, needs)
    assert set(scope["outputs"]["a"]) == set(scope["outputs"]["b"]) == {"z"}
    assert scope["outputs"]["before"] == {"value": "before"}
    whole = build_scope(execution.flow, execution.ledger, last, EVERYTHING)
    assert set(whole["outputs"]["a"]) == {"x", "y", "z"}


def test_only_what_is_named_is_looked_up() -> None:
    execution = run(*do("a", "b"))
    assert "outputs" not in build_scope(execution.flow, execution.ledger, None, NOTHING)
    assert "tasks" not in build_scope(execution.flow, execution.ledger, None, NOTHING)
    named = build_scope(execution.flow, execution.ledger, None, needs_of("{{ outputs.a.value ~ tasks.b.state }}"))
    assert (named["outputs"], named["tasks"]) == ({"a": {"value": "a"}}, {"b": {"state": "SUCCESS"}})
    _, fresh = start(*do("a"))
    assert "outputs" not in build_scope(fresh.flow, fresh.ledger, None, EVERYTHING)


def test_a_warning_in_finally_is_no_warning_of_the_whole() -> None:
    execution = run(*do("a"), **{"finally": do("f")}, script=outcomes(f=State.WARNING))
    assert draw(execution) == "SUCCESS\n  a SUCCESS\n  f WARNING"
