"""A worker claims, runs and reports, against a control plane over real HTTP."""

from tests.workers.runtime.control_plane import job
from workers.runtime import protocol


def test_a_job_is_claimed_run_and_reported(plane, start):
    plane.offer(job("one"))
    start()
    end = plane.end_of("one")
    assert end.state == "SUCCESS"
    assert plane.messages("one") == ["job one"]
    assert [item.started for item in plane.items].count(True) == 1
    assert plane.ends["one"].attempt == 1


def test_a_task_that_says_nothing_is_known_to_run(plane, start):
    plane.offer(job("one", {"id": "s", "type": "io.kestra.plugin.core.flow.Sleep", "duration": "PT60S"}))
    start()
    plane.until(lambda: [item.started for item in plane.items] == [True], 3)
    plane.order(protocol.Order(order="kill", job_id="one"))
    plane.end_of("one")


def test_expressions_see_the_scope_and_outputs_come_back(plane, start):
    task = {"id": "r", "type": "io.kestra.plugin.core.debug.Return", "format": "{{ inputs.a }}-{{ outputs.b.c }}"}
    plane.offer(job("one", task, scope={"inputs": {"a": 1}, "outputs": {"b": {"c": "x"}}}))
    start()
    assert plane.end_of("one").outputs == {"value": "1-x"}


def test_a_failing_task_ends_failed_with_its_sentence(plane, start):
    plane.offer(job("one", {"id": "f", "type": "io.kestra.plugin.core.execution.Fail", "errorMessage": "no more"}))
    start()
    end = plane.end_of("one")
    assert (end.state, end.error, end.is_retryable) == ("FAILED", "no more", True)
    assert plane.messages("one") == [], "the error is a line where the end is recorded"


def test_a_document_that_is_no_task_fails_and_is_not_tried_again(plane, start):
    plane.offer(job("one", {"id": "f", "type": "io.kestra.plugin.core.nothing.Like"}))
    start()
    end = plane.end_of("one")
    assert end.state == "FAILED"
    assert not end.is_retryable


def test_the_answer_to_a_report_brings_the_next_job(plane, start):
    plane.offer(*(job(f"job-{number}") for number in range(40)))
    start(slots=1)
    plane.end_of("job-39")
    assert len(plane.ends) == 40
    assert plane.count("claim") <= 2
    assert plane.count("report") <= 42


def test_every_job_of_a_heap_is_run_once(plane, start):
    plane.offer(*(job(f"job-{number}") for number in range(200)))
    start(slots=8)
    plane.until(lambda: len(plane.ends) == 200)
    starts = [item.job_id for item in plane.items if item.started]
    assert sorted(starts) == sorted(plane.ends)


def test_evaluations_come_back_with_their_types(plane, start):
    expressions = {"a": "{{ inputs.n > 2 }}", "b": "{{ [1, 2] }}", "c": "n is {{ inputs.n }}"}
    plane.offer(job("one", kind="evaluate", evaluations=expressions, scope={"inputs": {"n": 3}}))
    start()
    plane.until(lambda: "one" in plane.ends)
    assert plane.ends["one"].values == {"a": True, "b": [1, 2], "c": "n is 3"}


def test_a_failed_evaluation_says_why(plane, start):
    plane.offer(job("one", kind="evaluate", evaluations={"a": "{{ missing.name }}"}))
    start()
    assert "missing" in (plane.end_of("one").error or "")


def test_an_order_kills_a_running_task_within_a_second(plane, start):
    plane.offer(job("one", {"id": "s", "type": "io.kestra.plugin.core.flow.Sleep", "duration": "PT60S"}))
    start()
    plane.until(lambda: "one" in plane.claimed)
    plane.order(protocol.Order(order="kill", job_id="one"))
    assert plane.end_of("one", 5).state == "KILLED"


def test_a_task_out_of_time_fails(plane, start):
    sleep = {"id": "s", "type": "io.kestra.plugin.core.flow.Sleep", "duration": "PT60S"}
    plane.offer(job("one", sleep, timeout_seconds=0.2))
    start()
    end = plane.end_of("one", 5)
    assert end.state == "FAILED"
    assert "Timeout" in (end.error or "")


def http_trigger(plane, condition):
    return {
        "id": "poll",
        "type": "io.kestra.plugin.core.http.Trigger",
        "uri": f"{plane.url}/api/v1/worker/orders?workerId=t&cursor=-1",
        "responseCondition": condition,
    }


def test_a_polling_trigger_that_finds_something_gives_its_variables(plane, start):
    plane.egress = protocol.EgressRules(allow_private=True, allow_self=True)
    plane.offer(job("one", http_trigger(plane, "{{ response.statusCode == 200 }}"), kind="trigger"))
    start()
    plane.until(lambda: "one" in plane.ends)
    item = plane.ends["one"]
    assert item.end is None, item.end
    assert item.values


def test_a_polling_trigger_that_finds_nothing_says_so(plane, start):
    plane.egress = protocol.EgressRules(allow_private=True, allow_self=True)
    plane.offer(job("one", http_trigger(plane, "{{ response.statusCode == 404 }}"), kind="trigger"))
    start()
    assert plane.end_of("one").state == "SUCCESS"
    assert plane.ends["one"].values is None


def test_a_trigger_that_does_not_poll_fails(plane, start):
    schedule = {"id": "s", "type": "io.kestra.plugin.core.trigger.Schedule", "cron": "@daily"}
    plane.offer(job("one", schedule, kind="trigger"))
    start()
    assert plane.end_of("one").state == "FAILED"
