"""Every flowable shows whole flows that run."""

from __future__ import annotations

import pytest

from executions.simulator.stores import MemoryStores
from executions.simulator.world import Simulator
from flows.model.parse import parse_flow
from plugins.catalog.registry import registry
from plugins.contracts import State
from plugins.contracts.plans import ExecutableTask, FlowableTask

CHILD = """
id: child
namespace: company.team
inputs:
  - {id: file, type: STRING, required: false}
  - {id: greeting, type: STRING, required: false}
tasks:
  - {id: work, type: io.kestra.plugin.core.debug.Return, format: x}
"""
DECIDING = [
    plugin
    for plugin in registry().types.values()
    if issubclass(plugin, FlowableTask | ExecutableTask) and plugin.__module__.startswith("plugins.flowables")
]
SHOWN = [plugin for plugin in DECIDING if "$" not in plugin.TYPE]


def test_there_are_some() -> None:
    assert {plugin.__name__ for plugin in SHOWN} >= {"Sequential", "ForEach", "Subflow", "Pause", "ForEachItem"}


@pytest.mark.parametrize("plugin", SHOWN, ids=lambda plugin: plugin.__name__)
def test_it_is_documented_with_a_flow(plugin) -> None:
    assert plugin.__doc__ and plugin.TITLE and plugin.EXAMPLES


@pytest.mark.parametrize(
    "example", [example for plugin in SHOWN for example in plugin.EXAMPLES], ids=lambda text: text.split("\n")[0]
)
def test_its_examples_run(example) -> None:
    world = Simulator([CHILD], memory_stores=MemoryStores(files={"/in.txt": b"a\nb\n"}))
    flow = world.add(parse_flow(example).flow)
    given = {each.id: "kestra:///in.txt" for each in flow.flow.inputs if each.type == "FILE"}
    execution = world.run("company.team", flow.flow.id, given)
    assert execution.state in (State.SUCCESS, State.WARNING), [line.message for line in execution.logs]


def test_an_if_and_a_switch_need_somewhere_to_go() -> None:
    for broken in (
        "type: io.kestra.plugin.core.flow.Switch, value: x",
        "type: io.kestra.plugin.core.flow.If, condition: x",
    ):
        with pytest.raises(Exception, match=r"task|then|null"):
            parse_flow(f"id: f\nnamespace: a.b\ntasks:\n  - {{id: t, {broken}}}\n")
