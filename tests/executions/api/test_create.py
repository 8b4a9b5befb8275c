"""What a request to start an execution may look like."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from control_plane.kernel.scope import tenant_scope
from executions.models import Execution, LogEntry
from tests.cast import ACME, Cast
from tests.executions.ground import log_flow, save

pytestmark = pytest.mark.django_db
URL = "/api/v1/acme/executions/prod.data/"


def post(people: Cast, flow_id: str, data: dict[str, Any] | None = None) -> Any:
    return people.olga.client.post(URL + flow_id, data or {})


def test_a_draft_is_not_there_for_a_start(people: Cast) -> None:
    save(people, log_flow("sketch") + "\ndraft: true")
    answer = post(people, "sketch")
    assert answer.status_code == 404
    assert answer.json()["message"].endswith("Requested Flow is not found.")
    with tenant_scope(ACME):
        assert not Execution.objects.exists()


@pytest.mark.parametrize(("part", "name"), [("f", "x.txt"), ("files", "f")])
def test_a_file_is_sent_under_the_id_of_its_input_or_in_the_older_form(people: Cast, part: str, name: str) -> None:
    save(people, log_flow("fed") + "\ninputs: [{id: f, type: FILE}]")
    answer = post(people, "fed", {part: SimpleUploadedFile(name, b"content")})
    assert answer.status_code == 200, answer.content
    assert answer.json()["inputs"]["f"].startswith("kestra:///prod/data/fed/executions/")


def test_two_files_of_the_older_form_are_two_inputs(people: Cast) -> None:
    save(people, log_flow("fed") + "\ninputs: [{id: f, type: FILE}, {id: g, type: FILE}]")
    files = [SimpleUploadedFile("f", b"1"), SimpleUploadedFile("g", b"2")]
    assert sorted(post(people, "fed", {"files": files}).json()["inputs"]) == ["f", "g"]


def test_the_error_of_an_input_reads_as_clients_know_it(people: Cast) -> None:
    save(people, log_flow("fed") + "\ninputs: [{id: n, type: INT}, {id: s, type: STRING}]")
    answer = post(people, "fed", {"n": "abc"})
    assert answer.status_code == 422
    message = answer.json()["message"]
    assert "Invalid value for input `n`. Cause: Cannot convert value 'abc' to Integer" in message
    assert "Missing required input:s" in message


def test_an_input_without_a_value_is_not_there(people: Cast) -> None:
    save(people, log_flow("fed") + "\ninputs: [{id: a, type: INT, required: false}, {id: d, type: DURATION}]")
    assert post(people, "fed", {"a": "", "d": "PT5M"}).json()["inputs"] == {"d": 300.0}


def test_a_value_for_no_input_is_told_in_the_log(people: Cast) -> None:
    save(people, log_flow("fed") + "\ninputs: [{id: a.b, type: INT, required: false}]")
    execution_id = post(people, "fed", {"a.b": "1", "why": "given"}).json()["id"]
    with tenant_scope(ACME):
        told = LogEntry.objects.filter(execution_id=execution_id, level="WARN").values_list("message", "task_id")
        expected = "Input why was provided for workflow prod.data.fed but isn't declared in the workflow inputs"
        assert list(told) == [(expected, None)]


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("nocolon", "Invalid entity: Can't split the queryString parameter by ':'"),
        ("k:", "Invalid entity: Can't have an empty part of queryString"),
        ("system.mine:1", "Illegal argument: System labels can only be set by Kestra itself, offending label: system."),
    ],
)
def test_a_label_that_may_not_be_given_is_refused_in_the_words_clients_know(
    people: Cast, label: str, message: str
) -> None:
    save(people, log_flow("fed"))
    answer = post(people, f"fed?labels={label}")
    assert answer.status_code == 422 and answer.json()["message"].startswith(message)


def test_an_execution_says_that_the_api_started_it(people: Cast) -> None:
    save(people, log_flow("fed"))
    labels = {each["key"]: each["value"] for each in post(people, "fed?labels=a:b").json()["labels"]}
    assert labels["system.from"] == "api" and labels["a"] == "b"


def test_a_check_that_blocks_a_start_says_so(people: Cast) -> None:
    checks = '\ninputs: [{id: n, type: INT}]\nchecks: [{condition: "{{ inputs.n > 2 }}", message: n is small}]'
    save(people, log_flow("fed") + checks)
    answer = post(people, "fed", {"n": "1"})
    told = "Illegal argument: Flow execution blocked: one or more condition checks evaluated to false.\nFailed checks: "
    assert (answer.status_code, answer.json()["message"]) == (422, f"{told}n is small")


def test_an_execution_shows_the_variables_of_its_flow(people: Cast) -> None:
    save(people, log_flow("fed") + "\nvariables: {v: 1}")
    started = post(people, "fed").json()
    shown = people.olga.client.get(f"/api/v1/acme/executions/{started['id']}").json()
    assert shown["variables"] == {"v": 1}
