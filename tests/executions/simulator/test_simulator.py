"""The simulated world itself: real tasks over stores in memory, and time that jumps."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from executions.engine.sealed import shown
from executions.simulator.clock import Clock
from executions.simulator.stores import MemoryStores
from executions.simulator.world import Simulator
from plugins.contracts import State
from plugins.tasks.log.log import Log
from tests.executions.engine.drawing import P, draw, messages, outputs

FLOW = """
id: real
namespace: company.team
tasks:
{tasks}
"""


def world_of(*tasks: str, **over) -> Simulator:
    lines = "\n".join(f"  - {{{task}}}" for task in tasks)
    return Simulator([FLOW.format(tasks=lines)], **over)


def ran(*tasks: str, **over):
    return world_of(*tasks, **over).run("company.team", "real")


def typed(task_id: str, kind: str, rest: str = "") -> str:
    return f"id: {task_id}, type: {P}{kind}" + (f", {rest}" if rest else "")


def test_pairs_are_kept_until_they_expire() -> None:
    world = world_of(
        typed("set", "kv.Set", 'key: k, value: "v", ttl: PT10M'),
        typed("get", "kv.Get", "key: k"),
        typed("keys", "kv.GetKeys"),
        typed("wait", "flow.Sleep", "duration: PT1H"),
        typed("late", "kv.Get", "key: k"),
        typed("delete", "kv.Delete", "key: k"),
    )
    execution = world.run("company.team", "real")
    assert execution.state is State.SUCCESS, messages(execution)
    assert outputs(execution, "get")["value"] == "v"
    assert outputs(execution, "keys") == {"keys": ["k"]}
    assert outputs(execution, "late").get("value") is None
    assert outputs(execution, "delete") == {"deleted": True}
    assert execution.execution.history[-1].date - execution.execution.start_date > timedelta(hours=1)


def test_a_pair_may_be_protected() -> None:
    memory_stores = MemoryStores(kv={("company.team", "k"): "old"})
    execution = ran(typed("set", "kv.Set", "key: k, value: new, overwrite: false"), memory_stores=memory_stores)
    assert execution.state is State.FAILED
    assert memory_stores.kv["company.team", "k"] == "old"


def test_a_state_outlives_its_execution() -> None:
    world = world_of(
        typed("read", "state.Get"), typed("write", "state.Set", "data: {n: 1}"), typed("again", "state.Get")
    )
    first, second = (world.run("company.team", "real") for _ in range(2))
    assert outputs(first, "again")["data"] == {"n": 1}
    assert outputs(first, "write")["uri"] == "states_real_default"
    assert world.memory_stores.kv["company.team", "states_real_default"] == {"n": 1}
    assert outputs(second, "read")["data"] == {"n": 1}
    gone = world_of(typed("delete", "state.Delete"), memory_stores=world.memory_stores).run("company.team", "real")
    assert outputs(gone, "delete") == {"deleted": True}


def test_files_are_stored_and_read() -> None:
    execution = ran(
        typed("write", "storage.Write", 'content: "Hello", extension: .txt'),
        typed("size", "storage.Size", 'uri: "{{ outputs.write.uri }}"'),
        typed("read", "debug.Return", 'format: "{{ read(outputs.write.uri) }} {{ fileExists(outputs.write.uri) }}"'),
        typed("delete", "storage.Delete", 'uri: "{{ outputs.write.uri }}"'),
        typed("gone", "storage.Size", 'uri: "{{ outputs.write.uri }}"'),
    )
    assert outputs(execution, "size") == {"size": 5}
    assert outputs(execution, "read") == {"value": "Hello true"}
    assert outputs(execution, "delete")["deleted"] is True
    assert draw(execution).endswith("gone FAILED")


def test_files_of_the_namespace_are_there() -> None:
    memory_stores = MemoryStores(namespace_files={"company.team": {"/a.txt": b"A"}})
    execution = ran(
        typed("read", "debug.Return", "format: \"{{ read('a.txt') }}\""),
        typed("none", "debug.Return", "format: \"{{ read('b.txt') }}\""),
        memory_stores=memory_stores,
    )
    assert outputs(execution, "read") == {"value": "A"}
    assert execution.state is State.FAILED


def test_logs_are_fetched_and_purged() -> None:
    execution = ran(
        typed("say", "log.Log", "message: hello"),
        typed("fetch", "log.Fetch", "tasksId: [say]"),
        typed("purge", "log.PurgeLogs", "endDate: \"{{ now() | dateAdd(1, 'DAYS') }}\""),
    )
    assert outputs(execution, "fetch")["size"] == 1
    assert outputs(execution, "purge")["count"] >= 1
    assert messages(execution) == []


def test_secrets_are_read_and_masked() -> None:
    execution = ran(
        typed("say", "log.Log", "message: \"{{ secret('password') }}\""),
        typed("none", "log.Log", "message: \"{{ secret('nothing') }}\""),
        memory_stores=MemoryStores(secrets={"PASSWORD": "hunter22"}),
    )
    assert "hunter22" not in messages(execution)[0]
    assert messages(execution)[1] == "Cannot find secret for key 'nothing'."


def test_tokens_of_credentials_are_masked_too() -> None:
    execution = ran(
        typed("say", "log.Log", "message: \"{{ credential('git') }}\""),
        typed("none", "log.Log", "message: \"{{ credential('nothing') }}\""),
        memory_stores=MemoryStores(credentials={"git": "hunter22"}),
    )
    assert "hunter22" not in messages(execution)[0]
    assert messages(execution)[1] == "Cannot find credential 'nothing'."


def test_executions_are_counted_and_resumed() -> None:
    paused = "id: paused\nnamespace: company.team\ntasks:\n  - {id: p, type: io.kestra.plugin.core.flow.Pause}\n"
    world = Simulator([paused])
    waiting = world.run("company.team", "paused")
    world.add(
        FLOW.format(
            tasks=f"  - {{{typed('resume', 'execution.Resume', f'executionId: {waiting.id}')}}}\n"
            f"  - {{{typed('again', 'execution.Resume', f'executionId: {waiting.id}')}}}"
        )
    )
    execution = world.run("company.team", "real")
    assert waiting.state is State.SUCCESS
    assert draw(execution) == "FAILED\n  resume SUCCESS\n  again FAILED"


def test_a_task_that_waits_past_its_timeout_fails() -> None:
    execution = ran(typed("wait", "flow.Sleep", "duration: PT1H, timeout: PT1M"))
    assert draw(execution) == "FAILED\n  wait FAILED"
    assert "Timeout after 00:01:00.000" in messages(execution)


def test_figures_of_tasks_are_kept() -> None:
    execution = ran(typed("r", "debug.Return", "format: héllo😀"))
    (figure,) = [each for each in execution.metrics if each["name"] == "length"]
    assert (figure["taskId"], figure["type"], figure["value"], figure["tags"]) == ("r", "counter", 7, {})


def test_a_value_that_no_input_is_for_is_told() -> None:
    world = Simulator(["id: f\nnamespace: a\ntasks: [{id: s, type: io.kestra.plugin.core.log.Log, message: x}]\n"])
    told = world.run("a", "f", {"why": 1}).logs[0].message
    assert told == "Input why was provided for workflow a.f but isn't declared in the workflow inputs"


def test_tasks_reach_nothing_outside() -> None:
    execution = ran(typed("get", "http.Request", "uri: http://localhost:1/"))
    assert draw(execution) == "FAILED\n  get FAILED"


def test_a_broken_task_fails_in_words() -> None:
    def script(job):
        raise AssertionError("never asked")

    world = world_of(typed("a", "log.Log", "message: x"))
    world.script = lambda job: None
    assert world.run("company.team", "real").state is State.SUCCESS


def test_log_levels_of_a_task_are_kept() -> None:
    execution = ran(typed("say", "log.Log", "message: hello, level: DEBUG, logLevel: INFO"))
    assert messages(execution) == []


def test_a_secret_in_outputs_is_sealed_as_on_a_server_and_usable_where_it_is_rendered() -> None:
    execution = ran(
        typed("a", "debug.Return", "format: \"{{ secret('password') }}\""),
        typed("b", "debug.Return", 'format: "{{ outputs.a.value | length }}"'),
        typed(
            "s",
            "flow.Switch",
            'value: "{{ outputs.a.value }}", defaults: [{id: d, type: io.kestra.plugin.core.debug.Return, format: d}]',
        ),
        memory_stores=MemoryStores(secrets={"PASSWORD": "hunter22"}),
    )
    assert execution.state is State.SUCCESS
    assert "hunter22" not in repr(execution.runs)
    assert shown(outputs(execution, "a")) == {"value": "******"}
    assert outputs(execution, "b") == {"value": "8"}
    assert shown(outputs(execution, "s"))["value"] == "******"


@pytest.mark.parametrize("kind, name", [("ForEach", "values"), ("EachSequential", "value"), ("Loop", "values")])
@pytest.mark.parametrize("values", ['["x", "{{ secret(\'password\') }}"]', "{{ ['x', secret('password')] }}"])
def test_a_loop_over_secrets_is_refused_with_the_reason(kind: str, name: str, values: str) -> None:
    inner = "tasks: [{id: in, type: io.kestra.plugin.core.debug.Return, format: x}]"
    execution = ran(
        typed("each", f"flow.{kind}", f"{name}: {json.dumps(values)}, {inner}"),
        memory_stores=MemoryStores(secrets={"PASSWORD": "hunter22"}),
    )
    assert execution.state is State.FAILED
    assert [run.task_id for run in execution.runs] == ["each"]
    assert any(text.startswith("The values of a loop hold a secret") for text in messages(execution))
    assert "hunter22" not in repr(messages(execution))


def test_secret_inputs_are_closed_and_opened_for_the_job_alone() -> None:
    flow = FLOW.format(tasks="  - {" + typed("a", "debug.Return", 'format: "{{ inputs.s | upper }}"') + "}")
    world = Simulator([flow + "inputs:\n  - {id: s, type: SECRET}\n"], encryption_key=b"0" * 32)
    execution = world.run("company.team", "real", {"s": "word"})
    assert execution.execution.inputs["s"]["type"] == "io.kestra.datatype:aes_encrypted"
    assert shown(outputs(execution, "a")) == {"value": "******"}


def test_the_clock_jumps_to_what_is_next_and_never_back() -> None:
    clock = Clock(datetime(2024, 1, 1, tzinfo=UTC))
    seen: list[str] = []
    clock.after(timedelta(hours=2), lambda: seen.append("late"))
    clock.after(timedelta(hours=1), lambda: seen.append("soon"))
    clock.plan(datetime(2020, 1, 1, tzinfo=UTC), lambda: seen.append("past"))
    while clock.step():
        pass
    assert seen == ["past", "soon", "late"]
    assert clock.now == datetime(2024, 1, 1, 2, tzinfo=UTC)
    assert clock.next_due is None


def test_a_world_that_never_rests_is_given_up() -> None:
    world = Simulator()

    def again() -> None:
        world.clock.after(timedelta(seconds=1), again)

    again()
    with pytest.raises(RuntimeError):
        world.settle(most=100)
    assert not world.until(lambda: False, within=timedelta(seconds=10))


def test_a_working_directory_lays_out_and_keeps_files() -> None:
    flow = """
id: real
namespace: company.team
tasks:
  - id: w
    type: io.kestra.plugin.core.flow.WorkingDirectory
    inputFiles: {in.txt: "Hello"}
    outputFiles: ["*.txt"]
    tasks:
      - id: l
        type: io.kestra.plugin.core.storage.LocalFiles
        outputs: [in.txt]
"""
    world = Simulator([flow])
    execution = world.run("company.team", "real")
    kept = outputs(execution, "w")["outputFiles"]
    assert {name: world.memory_stores.read(uri) for name, uri in kept.items()} == {"in.txt": b"Hello"}
    broken = Simulator([flow.replace('{in.txt: "Hello"}', '{in.txt: "{{ nothing.at.all }}"}')])
    assert broken.run("company.team", "real").state is State.FAILED
    unkept = Simulator([flow.replace('["*.txt"]', '["{{ nothing.at.all }}"]')])
    assert unkept.run("company.team", "real").state is State.FAILED


def test_pairs_are_purged_by_pattern_namespace_and_age() -> None:
    world = world_of(
        typed("old", "kv.Set", 'key: old, value: "v", ttl: PT10M'),
        typed("wait", "flow.Sleep", "duration: PT1H"),
        typed("kept", "kv.Set", 'key: kept, value: "v"'),
        typed("over", "kv.PurgeKV", "namespaces: [company.team]"),
        typed("named", "kv.PurgeKV", 'namespaces: [company], keyPattern: "a*", expiredOnly: false'),
        memory_stores=MemoryStores(
            kv={("company", "ab"): 1, ("company", "b"): 2, ("company.team", "ac"): 3, ("company.x", "ad"): 4}
        ),
    )
    execution = world.run("company.team", "real")
    assert execution.state is State.SUCCESS, messages(execution)
    assert outputs(execution, "over") == {"size": 1}
    assert outputs(execution, "named") == {"size": 3}
    assert set(world.memory_stores.kv) == {("company", "b"), ("company.team", "kept")}


def test_ended_executions_are_purged_with_their_logs_and_files() -> None:
    world = world_of(typed("say", "log.Log", "message: hi"), typed("write", "storage.Write", "content: x"))
    first, second = world.run("company.team", "real"), world.run("company.team", "real")
    purge = """
id: purge
namespace: company
tasks:
  - id: purge
    type: {type}
    namespace: company.team
    endDate: "{date}"
    states: [{state}]
"""
    type_name = f"{P}execution.PurgeExecutions"
    found = []
    for number, (date, state) in enumerate(
        [("2023-12-31T00:00:00Z", "SUCCESS"), ("2024-02-01T00:00:00Z", "FAILED"), ("2024-02-01T00:00:00Z", "SUCCESS")]
    ):
        world.add(
            purge.format(type=type_name, date=date, state=state).replace("id: purge\nname", f"id: p{number}\nname")
        )
        found.append(outputs(world.run("company", f"p{number}"), "purge")["executionsCount"])
    assert found == [0, 0, 2]
    assert not {first.id, second.id} & world.executions.keys()
    assert (first.logs, world.memory_stores.files) == ([], {})


def test_programs_of_tasks_run_for_real() -> None:
    execution = ran(
        'id: sh, type: io.kestra.plugin.scripts.shell.Commands, commands: ["echo \'::{\\"outputs\\":{\\"a\\":1}}::\'"]'
    )
    assert execution.state is State.SUCCESS, messages(execution)
    assert outputs(execution, "sh")["vars"] == {"a": 1}


def test_a_bug_of_a_task_fails_its_attempt_with_what_went_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("not thought of")

    monkeypatch.setattr(Log, "run", broken)
    execution = ran(typed("say", "log.Log", "message: hi"))
    assert execution.state is State.FAILED
    assert messages(execution) == ["RuntimeError: not thought of"]


def test_values_that_are_taken_as_they_are_get_the_plain_defaults_of_the_others() -> None:
    task = typed("a", "debug.Return", 'format: "{{ inputs.given }} {{ inputs.other }}"')
    inputs = "inputs: [{id: given, type: STRING, defaults: x}, {id: other, type: INT, defaults: 3}]\n"
    world = Simulator([FLOW.format(tasks="  - {" + task + "}") + inputs])
    execution = world.run("company.team", "real", {"given": "mine"}, resolve=False)
    assert outputs(execution, "a")["value"] == "mine 3"
