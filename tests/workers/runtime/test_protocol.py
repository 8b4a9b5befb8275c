"""The messages between worker and control plane keep their shape."""

import msgspec

from workers.runtime import protocol


def test_a_message_is_camel_case_and_leaves_defaults_out():
    report = protocol.Report(
        request_id="r", worker_id="w", items=[protocol.Item(job_id="j", attempt=2, end=protocol.End(state="SUCCESS"))]
    )
    assert msgspec.to_builtins(report) == {
        "requestId": "r",
        "workerId": "w",
        "items": [{"jobId": "j", "attempt": 2, "end": {"state": "SUCCESS"}}],
    }


def test_unknown_fields_of_a_newer_version_are_ignored():
    body = b'{"jobs":[{"id":"j","tenant":"t","attempt":3,"fromTheFuture":1}]}'
    (job,) = msgspec.json.decode(body, type=protocol.Claimed).jobs
    assert (job.id, job.tenant, job.attempt, job.kind) == ("j", "t", 3, "run")


def test_a_message_without_its_key_fields_is_refused():
    try:
        msgspec.json.decode(b'{"jobs":[{"tenant":"t"}]}', type=protocol.Claimed)
    except msgspec.ValidationError as error:
        assert "id" in str(error)
    else:
        raise AssertionError("a job without id was accepted")


def test_children_of_a_job_travel_with_it():
    job = protocol.Job(id="j", tenant="t", children=[protocol.Child(task_run_id="c", task={"id": "a"})])
    again = msgspec.json.decode(msgspec.json.encode(job), type=protocol.Job)
    assert again == job
