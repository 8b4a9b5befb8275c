"""Listeners and flow triggers: what follows from an execution."""

from __future__ import annotations

from executions.simulator.world import Simulator
from plugins.contracts import State
from tests.executions.engine.drawing import do, draw, flow_of, messages, outcomes, outputs, run

FAILED, SUCCESS = State.FAILED, State.SUCCESS


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
