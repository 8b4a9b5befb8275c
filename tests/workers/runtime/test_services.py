"""Tasks and expressions reach the stores of their job through the worker API."""

import pytest

from tests.workers.runtime.control_plane import ServiceRefusal, job
from workers.runtime import protocol

LOG = "io.kestra.plugin.core.log.Log"
CORE = "io.kestra.plugin.core."


def log(message):
    return {"id": "l", "type": LOG, "message": message}


def run(plane, start, task, **over):
    plane.offer(job("one", task, **over))
    start()
    return plane.end_of("one")


def test_a_value_of_the_store_is_read_in_an_expression(plane, start):
    plane.services["kv", "find"] = lambda key, namespace=None: {"value": {"n": key}}
    run(plane, start, log("{{ kv('k').n }}"))
    assert plane.messages("one") == ["k"]


def test_a_missing_value_is_an_error_or_nothing(plane, start):
    plane.services["kv", "find"] = lambda key, namespace=None: None
    end = run(plane, start, log("{{ kv('k', errorOnMissing=false) ?? 'none' }} {{ kv('k') }}"))
    assert end.state == "FAILED"
    asked = "{{ kv('k', errorOnMissing=false) ?? 'none' }} {{ kv('k') }}"
    assert end.error == f"The key 'k' does not exist in the namespace 'company.team'. ({asked}:1)"


def test_a_missing_value_may_be_replaced(plane, start):
    plane.services["kv", "find"] = lambda key, namespace=None: None
    run(plane, start, log("{{ kv('k').field ?? 'other' }}"))
    assert plane.messages("one") == ["other"]


def test_files_are_read_and_written(plane, start):
    plane.files["kestra:///in.txt"] = b"hello"
    task = {
        "id": "c",
        "type": f"{CORE}storage.Concat",
        "files": ["kestra:///in.txt", "kestra:///in.txt"],
        "extension": ".txt",
    }
    end = run(plane, start, task)
    assert plane.files[end.outputs["uri"]] == b"hellohello"


def test_a_stored_file_is_read_in_an_expression(plane, start):
    uri = "kestra:///company/team/flow/executions/execution/tasks/t/r/in.txt"
    plane.files[uri] = "héllo".encode()
    plane.namespace_files["", "/scripts/a.sql"] = b"SELECT 1"
    scope = {"flow": {"id": "flow", "namespace": "company.team"}, "execution": {"id": "execution"}, "uri": uri}
    message = "{{ read(uri) }} {{ read('scripts/a.sql') }} {{ read('nsfile:///scripts/a.sql') }}"
    run(plane, start, log(message), scope=scope)
    assert plane.messages("one") == ["héllo SELECT 1 SELECT 1"]


@pytest.mark.parametrize("path", ["kestra:///none", "none.txt", "file:///etc/passwd"])
def test_a_file_that_is_not_there_or_not_allowed_fails_the_task(plane, start, path):
    end = run(plane, start, log("{{ read('" + path + "') }}"))
    assert end.state == "FAILED"
    assert end.error


def test_namespace_files_travel_both_ways(plane, start):
    plane.files["kestra:///in.txt"] = b"hello"
    plane.services["files", "list"] = lambda namespace=None: []
    end = run(
        plane,
        start,
        {
            "id": "u",
            "type": f"{CORE}namespace.UploadFiles",
            "namespace": "a.b",
            "filesMap": {"x.txt": "kestra:///in.txt"},
        },
    )
    assert (end.state, end.error) == ("SUCCESS", None)
    assert plane.namespace_files == {("a.b", "/x.txt"): b"hello"}


def test_a_refusal_is_told_in_its_own_words_and_not_tried_again(plane, start):
    def refuse(**_):
        raise ServiceRefusal("There is no secret called `X` here")

    plane.services["secrets", "read"] = refuse
    end = run(plane, start, log("{{ secret('X') }}"))
    assert (end.state, end.error) == ("FAILED", "There is no secret called `X` here")


def test_a_control_plane_that_is_away_for_a_moment_is_waited_for(plane, start):
    away = iter([True, True])
    plane.services["kv", "find"] = lambda key, namespace=None: {"value": 1}
    plane.broken = lambda path: path.startswith("jobs/") and next(away, False)
    assert run(plane, start, log("{{ kv('k') }}")).state == "SUCCESS"


def test_the_clients_way_out_obeys_the_policy(plane, start):
    plane.egress = protocol.EgressRules(allow_private=False)
    port = int(plane.url.rpartition(":")[2])
    for uri in (f"http://127.0.0.1:{port}/", "http://169.254.169.254/"):
        plane.offer(job(uri, {"id": "r", "type": f"{CORE}http.Request", "uri": uri}))
    start()
    for uri in (f"http://127.0.0.1:{port}/", "http://169.254.169.254/"):
        end = plane.end_of(uri)
        assert end.state == "FAILED"
        assert not end.is_retryable


def test_outputs_that_are_too_large_fail_the_task(plane, start):
    task = {"id": "o", "type": f"{CORE}output.OutputValues", "values": {"a": "{{ 'x' * 600 }}"}}
    big = {"id": "o", "type": f"{CORE}debug.Return", "format": "x" * 2_000_000}
    plane.offer(job("ok", {**task, "values": {"a": "x"}}), job("big", big))
    start()
    assert plane.end_of("ok").state == "SUCCESS"
    end = plane.end_of("big")
    assert end.state == "FAILED"
    assert "has exceeded the configured limit of 1048576" in end.error


def test_metrics_of_the_same_name_and_tags_add_up(plane, start):
    lines = [
        '::{"metrics":[{"name":"n","type":"counter","value":12},{"name":"n","type":"counter","value":30}]}::',
        '::{"metrics":[{"name":"n","type":"counter","value":1,"tags":{"k":"v"}},{"name":"t","type":"timer","value":1.5}]}::',
    ]
    task = {
        "id": "s",
        "type": "io.kestra.plugin.scripts.shell.Commands",
        "commands": [f"echo '{line}'" for line in lines],
    }
    run(plane, start, task)
    told = {
        (metric.type, metric.name, metric.value, tuple(metric.tags.items())) for metric in plane.ends["one"].metrics
    }
    assert told == {("counter", "n", 42.0, ()), ("counter", "n", 1.0, (("k", "v"),)), ("timer", "t", 1.5, ())}


def test_lines_below_the_level_are_left_out(plane, start):
    plane.offer(
        job("low", {**log("quiet"), "level": "DEBUG"}, log_level="INFO"),
        job("high", {**log("loud"), "level": "ERROR"}, log_level="INFO"),
    )
    start()
    plane.end_of("low")
    plane.end_of("high")
    assert plane.messages("low") == []
    assert plane.messages("high") == ["loud"]
