"""A colleague with nothing but curl."""

import csv
import io
import json
import re
import shutil
import subprocess

import pytest

from tests.journeys.flows import HELLO, WITH_A_FILE, orders_report

pytestmark = [
    pytest.mark.journey,
    pytest.mark.story,
    pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here"),
]


@pytest.fixture(scope="module")
def curl(instance, tmp_path_factory):
    """Run curl on an address of the instance, with a jar for cookies; return the status and the body."""
    folder = tmp_path_factory.mktemp("colleague")

    def run(*arguments, address):
        marked = ("-sS", "-b", "jar", "-c", "jar", "-w", "\n%{http_code}")
        command = ["curl", *marked, *arguments, instance.url + address]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=True)
        body, _, status = done.stdout.rpartition("\n")
        return int(status), body

    run.folder = folder
    return run


@pytest.fixture(scope="module")
def notes():
    return {}


JSON = ("-H", "Content-Type: application/json")
YAML = ("-H", "Content-Type: application/x-yaml")


def test_the_instance_says_that_nobody_has_set_it_up(curl):
    status, body = curl(address="/api/v1/setup")
    assert status == 200
    assert json.loads(body)["done"] is False


def test_one_request_sets_it_up_and_a_second_is_refused(curl, founder):
    tenant = {"id": founder.tenant, "name": "Acme"}
    body = json.dumps({"username": founder.email, "password": founder.password, "tenant": tenant})
    assert curl("-d", body, *JSON, address="/api/v1/setup")[0] in (200, 201, 204)
    assert curl("-d", body, *JSON, address="/api/v1/setup")[0] == 405


def test_without_a_login_nothing_is_served(curl):
    assert curl(address="/api/v1/acme/flows/search")[0] == 401


def test_the_page_leaves_a_token_against_forgery_and_a_login_a_session(curl, founder, notes):
    assert curl(address="/ui/")[0] == 200
    body = json.dumps({"username": founder.email, "password": founder.password})
    assert curl("-d", body, *JSON, address="/login")[0] < 300
    jar = (curl.folder / "jar").read_text()
    assert "#HttpOnly_localhost" in jar and "JWT" in jar
    notes["csrf"] = re.search(r"csrfToken\t(\S+)", jar)[1]
    assert curl(address="/api/v1/me")[0] == 200


def test_a_write_with_the_cookie_alone_is_refused(curl):
    assert curl("-d", '{"name": "forged"}', *JSON, address="/api/v1/me/api-tokens")[0] == 403


def test_with_the_token_against_forgery_the_session_makes_an_api_token(curl, notes):
    proof = ("-H", f"X-CSRF-TOKEN: {notes['csrf']}")
    status, body = curl("-d", '{"name": "shell", "maxAge": "P1D"}', *JSON, *proof, address="/api/v1/me/api-tokens")
    assert status in (200, 201)
    (curl.folder / "jar").unlink()
    notes["bearer"] = ("-H", f"Authorization: Bearer {json.loads(body)['fullToken']}")


def test_the_token_creates_a_flow_from_a_file(curl, notes, instance):
    for source in (HELLO, WITH_A_FILE, orders_report(instance.url)):
        (curl.folder / "flow.yaml").write_text(source)
        status, body = curl("--data-binary", "@flow.yaml", *YAML, *notes["bearer"], address="/api/v1/acme/flows")
        assert status == 200, body
        assert json.loads(body)["revision"] == 1


def test_an_invalid_flow_is_refused_with_its_line(curl, notes):
    broken = HELLO.replace("message:", "mesage:")
    status, body = curl("--data-binary", broken, *YAML, *notes["bearer"], address="/api/v1/acme/flows")
    assert status == 422
    assert "mesage" in body and "did you mean" in body


def test_an_execution_is_waited_for_and_brings_its_outputs(curl, notes):
    status, body = curl(
        "-F", "name=Ada", *notes["bearer"], address="/api/v1/acme/executions/company.team/hello?wait=true"
    )
    execution = json.loads(body)
    assert (status, execution["state"]["current"]) == (200, "SUCCESS")
    notes["hello"] = execution["id"]
    status, body = curl(*notes["bearer"], address=f"/api/v1/acme/outputs/executions/{execution['id']}")
    assert (status, json.loads(body)) == (200, {"loud": "ADA"})


def test_its_log_is_read_as_text(curl, notes):
    status, body = curl(*notes["bearer"], address=f"/api/v1/acme/logs/{notes['hello']}/download")
    assert status == 200
    assert "Hello Ada" in body


def test_a_file_is_sent_along(curl, notes):
    (curl.folder / "list.txt").write_text("one\ntwo\n")
    address = "/api/v1/acme/executions/company.team/counts_lines?wait=true"
    status, body = curl("-F", "list=@list.txt", *notes["bearer"], address=address)
    assert status == 200, body
    log = curl(*notes["bearer"], address=f"/api/v1/acme/logs/{json.loads(body)['id']}/download")[1]
    assert "lines: 2, least 2" in log


def test_a_file_that_a_task_wrote_is_downloaded(curl, notes):
    status, body = curl(
        "-X", "POST", *notes["bearer"], address="/api/v1/acme/executions/company.sales/orders_report?wait=true"
    )
    execution = json.loads(body)
    assert (status, execution["state"]["current"]) == (200, "SUCCESS")
    run = next(run for run in execution["taskRunList"] if run.get("value") == "music")
    outputs = json.loads(curl(*notes["bearer"], address=f"/api/v1/acme/outputs/tasks/{execution['id']}/{run['id']}")[1])
    path = outputs["outputFiles"]["music.csv"]
    status, body = curl(*notes["bearer"], address=f"/api/v1/acme/executions/{execution['id']}/file?path={path}")
    assert status == 200
    assert {row["category"] for row in csv.DictReader(io.StringIO(body))} == {"music"}
