"""What runs another way here than in release 2.0.0 of the reference, on purpose."""

from __future__ import annotations

import json

from executions.simulator.world import Simulator
from flows.model.inputs.ports import Upload
from plugins.contracts import State

LOG = "io.kestra.plugin.core.log.Log"
FAIL = "io.kestra.plugin.core.execution.Fail"


def test_a_line_of_the_error_log_is_a_map() -> None:
    world = Simulator(
        [
            f"id: f\nnamespace: a\ntasks: [{{id: b, type: {FAIL}}}]\n"
            f"errors: [{{id: e, type: {LOG}, message: '{{{{ errorLogs()[0] | keys }}}}'}}]\n"
        ]
    )
    execution = world.run("a", "f")
    assert '"message"' in execution.logs[-1].message and '"taskId"' in execution.logs[-1].message


def test_the_names_of_the_generation_before_still_work() -> None:
    texts = ("{{ json('{\"a\": 1}').a }}", "{{ {'a': 1} | json }}")
    tasks = "".join(f"  - {{id: t{n}, type: {LOG}, message: {json.dumps(text)}}}\n" for n, text in enumerate(texts))
    execution = Simulator([f"id: f\nnamespace: a\ntasks:\n{tasks}"]).run("a", "f")
    assert [line.message for line in execution.logs] == ["1", '{"a":1}']


def test_the_name_of_a_file_may_hold_a_space() -> None:
    world = Simulator(
        [
            "id: f\nnamespace: a\ninputs: [{id: f, type: FILE}]\n"
            f"tasks: [{{id: t, type: {LOG}, message: '{{{{ read(inputs.f) }}}}'}}]\n"
        ]
    )
    execution = world.run("a", "f", {"f": Upload("a b.txt", b"inside")})
    assert [line.message for line in execution.logs] == ["inside"]


def test_a_retry_of_the_flow_makes_as_many_attempts_as_it_says() -> None:
    world = Simulator(
        [
            "id: f\nnamespace: a\n"
            "retry: {type: constant, interval: PT0.5S, maxAttempts: 2, behavior: RETRY_FAILED_TASK}\n"
            f"tasks: [{{id: b, type: {FAIL}}}]\n"
        ]
    )
    execution = world.run("a", "f")
    (run,) = execution.runs
    assert execution.state is State.FAILED and len(run.attempts) == 2


def test_an_output_that_is_null_is_left_out_and_fails_nobody() -> None:
    child = f"id: c\nnamespace: a\noutputs: [{{id: o, type: STRING, value: '{{{{ null }}}}'}}]\ntasks: [{{id: t, type: {LOG}, message: x}}]\n"
    subflow = "{id: s, type: io.kestra.plugin.core.flow.Subflow, namespace: a, flowId: c}"
    execution = Simulator([child, f"id: f\nnamespace: a\ntasks: [{subflow}]\n"]).run("a", "f")
    (run,) = execution.runs
    assert run.state is State.SUCCESS and "outputs" not in (run.outputs or {})
