"""Expressions that only a worker may evaluate."""

from __future__ import annotations

from executions.engine import events as ev
from executions.engine.why import why
from executions.simulator.stores import MemoryStores
from executions.simulator.world import Simulator
from plugins.contracts import State
from tests.executions.engine.drawing import do, draw, flow_of, outcomes, outputs, run, start, task

FAILED, SUCCESS = State.FAILED, State.SUCCESS


class TestEvaluations:
    def test_impure_control_expressions_become_the_work_of_a_worker(self) -> None:
        pairs = {("company.team", key): value for key, value in {"yes": "true", "values": '["x"]'}.items()}
        world = Simulator(script=outcomes(), memory_stores=MemoryStores(kv=pairs))
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
