"""Simulator and server are one: the same flows on both come to the same states, task runs, outputs, logs and scopes."""

from __future__ import annotations

import textwrap
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from plugins.catalog.registry import name_of, registry
from plugins.catalog.schemas import is_internal
from plugins.contracts import Plugin
from tests.bench.instance import TENANT
from tests.conformance.engine_cases.differences import differences
from tests.conformance.engine_cases.live_host import LiveHost
from tests.conformance.engine_cases.playing import Host, Play
from tests.conformance.engine_cases.simulated_host import SimulatedHost
from tests.conformance.engine_cases.wording import Wording
from tests.conformance.live import Api
from tests.faults.conftest import Drill

pytestmark = pytest.mark.faults

P = "io.kestra.plugin."
SCOPE = (
    "{{ flow.id }} {{ task.id }} {{ taskrun.value ?? '-' }} {{ taskrun.iteration ?? '-' }} {{ taskrun.attemptsCount }}"
    " {{ item.value ?? '-' }} {{ item.index ?? '-' }} {{ outputs | keys | sort }} {{ labels | keys | sort }}"
    " {{ execution.state }} {{ vars.v }} {{ inputs.i }} {{ parents | length ?? 0 }} {{ tasks | keys | sort }}"
)
FILE = "{% for n in [1, 2] %}{{ n }}\\n{% endfor %}"

LEAVES = {
    "texts": f"""
        - {{id: a, type: {P}core.log.Log, message: "a {{{{ vars.v }}}}", level: WARN}}
        - {{id: b, type: {P}core.debug.Return, format: "{SCOPE}"}}
    """,
    "stores": f"""
        - {{id: a, type: {P}core.kv.Set, key: k, value: "{{{{ flow.id }}}}"}}
        - {{id: b, type: {P}core.output.OutputValues, values: {{o: "{{{{ vars.v }}}}", n: [1, 2]}}}}
    """,
    "ends": f"""
        - {{id: a, type: {P}core.execution.Fail, errorMessage: no, allowFailure: true}}
        - {{id: b, type: {P}core.debug.Return, format: x, runIf: "{{{{ false }}}}"}}
    """,
    "programs": f"""
        - id: a
          type: {P}scripts.shell.Commands
          taskRunner: {{type: {P}core.runner.Process}}
          commands: ['echo "::{{\\"outputs\\": {{\\"o\\": \\"{{{{ vars.v }}}}\\"}}}}::"']
        - {{id: b, type: {P}core.storage.LocalFiles, inputs: {{f.txt: hello}}, outputs: ["*.txt"]}}
    """,
    "tables": f"""
        - {{id: a, type: {P}jdbc.sqlite.Query, sql: "SELECT 1 AS n, 'x' AS name", fetchType: STORE}}
        - {{id: b, type: {P}serdes.csv.IonToCsv, from: "{{{{ outputs.a.uri ?? currentEachOutput(outputs.a).uri }}}}"}}
    """,
    "kept": f"""
        - {{id: a, type: {P}core.state.Set, name: s, data: {{last: "{{{{ vars.v }}}}"}}}}
        - {{id: b, type: {P}core.namespace.DeleteFiles, files: ["/none/**"]}}
    """,
    "told": f"""
        - {{id: a, type: {P}core.metric.Publish, metrics: [{{type: counter, name: n, value: 2}}]}}
        - id: b
          type: {P}core.templating.TemplatedTask
          spec: "{{{{ '{{type: {P}core.debug.Return, format: made}}' }}}}"
    """,
    "waits": f"""
        - {{id: a, type: {P}core.flow.Sleep, duration: PT0.1S}}
        - {{id: b, type: {P}core.execution.Labels, labels: {{k: "{{{{ vars.v }}}}"}}}}
    """,
}
RACES = {("EachParallel", "tables")}
"""Where the second task would need what the first one has not made yet."""
OUTSIDE = {
    "amqp": "asks a RabbitMQ, which the simulator has none of",
    "redis": "asks a Redis, which the simulator has none of",
    "http": "the servers that a worker is let to and a simulation is not are nobody's to compare",
    "trigger": "it changes a trigger, of which a simulation has none",
}
"""Groups of tasks that stand in no flow here, and why."""

HEAD = """
id: {id}
namespace: __NS__
labels: {{l: "1"}}
inputs: [{{id: i, type: STRING, defaults: given}}]
variables: {{v: var}}
tasks:
{tasks}
  - {{id: z, type: io.kestra.plugin.core.debug.Return, format: "{scope}"}}
outputs: [{{id: o, type: STRING, value: "{{{{ outputs.z.value }}}}"}}]
"""

GROUPS = {
    "Sequential": "tasks:\n{leaves}",
    "Parallel": "concurrent: 1\ntasks:\n{leaves}",
    "AllowFailure": "tasks:\n{leaves}",
    "WorkingDirectory": "tasks:\n{leaves}",
    "If": 'condition: "{{{{ true }}}}"\nthen:\n{leaves}',
    "Switch": "value: one\ncases:\n  one:\n{leaves}",
    "ForEach": "values: [x, y]\ntasks:\n{leaves}",
    "EachSequential": "value: [x, y]\ntasks:\n{leaves}",
    "EachParallel": "value: [x]\ntasks:\n{leaves}",
    "Loop": (
        "values: [x, y]\noutputs: [{{id: t, type: STRING, value: '{{{{ item.value }}}}{{{{ outputs.b.value ?? 0 }}}}'}}]\n"
        "tasks:\n{leaves}"
    ),
    "LoopUntil": (
        'condition: "{{{{ outputs.g.iterationCount == 2 }}}}"\ncheckFrequency: {{interval: PT0.1S}}\ntasks:\n{leaves}'
    ),
    "Pause": "pauseDuration: PT0.2S\ntasks:\n{leaves}",
    "Dag": "concurrent: 1\ntasks:\n{leaves}",
}


def groups_of(text: str) -> set[str]:
    return {group for group in _groups() if any(f"type: {name}" in text for name in _groups()[group])}


def _holds_others(task: type[Plugin]) -> bool:
    return task.__module__.startswith("plugins.flowables.") and not is_internal(task)


def _groups() -> dict[str, set[str]]:
    """The types of tasks by the folder they stand in."""
    found: dict[str, set[str]] = {}
    for task in registry().all("task"):
        folder = task.__module__.split(".")
        if folder[:2] == ["plugins", "tasks"]:
            found.setdefault(folder[2], set()).add(task.TYPE)
    return found


def case(name: str, kind: str, leaves: str) -> dict[str, Any]:
    inside = textwrap.indent(textwrap.dedent(leaves).strip("\n"), "    " if kind == "Switch" else "  ")
    if kind == "Dag":
        inside = textwrap.indent(
            textwrap.dedent(leaves).strip("\n").replace("\n- ", "\n  dependsOn: []\n- ").replace("- ", "- task: ", 1),
            "  ",
        )
        inside = _dag(leaves)
    body = GROUPS[kind].format(leaves=inside)
    group = f"- id: g\n  type: {P}core.flow.{kind}\n" + textwrap.indent(body, "  ")
    source = HEAD.format(id=name, tasks=textwrap.indent(group, "  "), scope=SCOPE)
    steps: list[dict[str, Any]] = [{"do": "start"}]
    return {"id": name, "flows": [source], "steps": [*steps, {"do": "loops", "as": "k"}] if kind == "Loop" else steps}


def _dag(leaves: str) -> str:
    """Each task under a key of its own, the second one after the first."""
    parts = textwrap.dedent(leaves).strip("\n").split("\n- ")
    entries = []
    for number, part in enumerate(parts):
        task = "- " + part.removeprefix("- ")
        lines = task.splitlines()
        body = "\n".join([lines[0][2:], *(line[2:] for line in lines[1:])])
        after = "\n    dependsOn: [a]" if number else ""
        if body.startswith("{"):
            entries.append(f"  - task: {body}{after}")
        else:
            entries.append("  - task:\n" + textwrap.indent(body, "      ") + after)
    return "\n".join(entries)


def subflows(name: str, leaves: str) -> dict[str, Any]:
    inside = textwrap.indent(textwrap.dedent(leaves).strip("\n"), "  ")
    child = HEAD.format(id=f"{name}-child", tasks=inside, scope=SCOPE + " {{ trigger | keys | sort }}")
    sub = f"- {{id: g, type: {P}core.flow.Subflow, namespace: __NS__, flowId: {name}-child, inputs: {{i: '{{{{ vars.v }}}}'}}}}"
    parent = HEAD.format(id=name, tasks=textwrap.indent(sub, "  "), scope=SCOPE + " {{ outputs.g.state }}")
    every = {"do": "all", "flow": f"{name}-child", "as": "c", "count": 1}
    return {"id": name, "flows": [child, parent], "steps": [{"do": "start", "flow": name}, every]}


def batches(name: str, leaves: str) -> dict[str, Any]:
    inside = textwrap.indent(textwrap.dedent(leaves).strip("\n"), "  ")
    child = HEAD.format(id=f"{name}-child", tasks=inside, scope=SCOPE)
    tasks = f"""
    - {{id: w, type: {P}core.storage.Write, content: "{FILE}", extension: .ion}}
    - id: g
      type: {P}core.flow.ForEachItem
      items: "{{{{ outputs.w.uri }}}}"
      namespace: __NS__
      flowId: {name}-child
      inputs: {{i: "{{{{ taskrun.iteration }}}}"}}
    """
    parent = HEAD.format(id=name, tasks=textwrap.indent(textwrap.dedent(tasks).strip("\n"), "  "), scope=SCOPE)
    return {"id": name, "flows": [child, parent], "steps": [{"do": "start", "flow": name}]}


def cases() -> list[dict[str, Any]]:
    made = []
    for leaf, leaves in LEAVES.items():
        made += [case(f"{kind.lower()}-{leaf}", kind, leaves) for kind in GROUPS if (kind, leaf) not in RACES]
        made.append(subflows(f"subflow-{leaf}", leaves))
        made.append(batches(f"batches-{leaf}", leaves))
    return made


def played(host: Host, each: dict[str, Any]) -> dict[str, Any]:
    return Play(host, Wording(host.namespace, "http://nobody")).run(each)  # type: ignore[attr-defined]  # both hosts have one


@pytest.fixture(scope="module")
def records(drill: Drill) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Every case on both, by its name."""
    http = httpx.Client(
        base_url=f"http://127.0.0.1:{drill.instance.port}",
        headers={"Authorization": f"Bearer {drill.instance.token}"},
        timeout=60,
    )

    def both(each: dict[str, Any]) -> tuple[str, tuple[dict[str, Any], dict[str, Any]]]:
        namespace = "twins." + each["id"].replace("-", "")
        simulated = played(SimulatedHost(namespace), each)
        return each["id"], (simulated, played(LiveHost(Api(http, TENANT), namespace), each))

    with http, ThreadPoolExecutor(4) as pool:
        return dict(pool.map(both, cases()))


@pytest.mark.parametrize("name", [each["id"] for each in cases()])
def test_a_flow_is_the_same_on_both(records: dict[str, tuple[Any, Any]], name: str) -> None:
    simulated, live = records[name]
    assert [each["status"] for each in simulated["save"]] == [200] * len(simulated["save"]), simulated["save"]
    assert simulated["executions"]["e"]["state"] in ("SUCCESS", "WARNING"), simulated["executions"]["e"]["logs"]
    assert [str(each) for each in differences(simulated, live) if each.what not in ("metrics", "status")] == []


def test_every_group_of_tasks_stands_in_every_kind_of_flowable() -> None:
    inside = set().union(*map(groups_of, LEAVES.values()))
    assert inside == _groups().keys() - OUTSIDE.keys()
    flowables = {name_of(task).rpartition(".")[2] for task in registry().all("task") if _holds_others(task)}
    assert flowables == {*GROUPS, "Subflow", "ForEachItem"}
