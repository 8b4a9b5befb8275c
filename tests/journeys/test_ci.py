"""A pipeline with a service account of its own: it checks, deploys and runs with curl, in the requests that the public
GitHub Actions make, until the account is closed."""

import json
import shutil
import subprocess

import pytest

pytestmark = [
    pytest.mark.journey,
    pytest.mark.story,
    pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here"),
]

YAML = ("-H", "Content-Type: application/x-yaml")
FLOWS = {
    "hello.yml": "id: hello\nnamespace: company.data\ntasks: [{id: a, type: io.kestra.plugin.core.log.Log, message: hi}]",
    "waits.yml": "id: waits\nnamespace: company.data\ntasks:\n"
    "  - {id: a, type: io.kestra.plugin.core.flow.Pause, description: until somebody says so}\n",
}
BROKEN = "id: broken\nnamespace: company.data\ntasks: [{id: a, type: io.kestra.plugin.core.log.Log, mesage: hi}]"


@pytest.fixture(scope="module")
def notes():
    return {}


@pytest.fixture(scope="module")
def admin(instance, token):
    """The tenant's admin: one API call, decoded."""
    return lambda method, path, body=None: instance.call(method, f"/api/v1/acme/{path}", body, token=token)


@pytest.fixture(scope="module")
def curl(instance, notes, tmp_path_factory):
    """As the pipeline: the status, and the body as text."""
    folder = tmp_path_factory.mktemp("pipeline")

    def run(*arguments, address):
        bearer = ("-H", f"Authorization: Bearer {notes['token']}")
        command = ["curl", "-sS", "-w", "\n%{http_code}", *bearer, *arguments, f"{instance.url}/api/v1/acme/{address}"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=True)
        body, _, status = done.stdout.rpartition("\n")
        return int(status), body

    run.folder = folder
    return run


def test_a_machine_gets_a_group_and_a_token_of_ninety_days_that_is_shown_once(admin, notes):
    group = admin("POST", "groups", {"name": "Pipelines", "description": "what deploys"})
    bound = {"type": "GROUP", "externalId": group["id"], "roleId": "editor_acme", "namespaceId": "company.data"}
    admin("POST", "bindings", bound)
    account = admin("POST", "service-accounts", {"name": "github-actions", "groups": [{"id": group["id"]}]})
    wanted = {"name": "deploy", "maxAge": "P90D", "allowedCidrs": ["127.0.0.0/8", "::1/128"]}
    made = admin("POST", f"service-accounts/{account['id']}/api-tokens", wanted)
    assert made["fullToken"].startswith("ors_"), "its prefix names its kind"
    notes.update(account=account["id"], token=made["fullToken"], token_id=made["id"])
    (listed,) = admin("GET", f"service-accounts/{account['id']}/api-tokens")["results"]
    assert made["fullToken"] not in json.dumps(listed) and listed["prefix"] == made["fullToken"][:9]
    assert listed["iat"] < listed["exp"] and "lastUsed" not in listed


def test_the_pipeline_checks_its_flows(curl):
    """As `validate-flows` does: one request for each file."""
    for source in FLOWS.values():
        status, body = curl("--data-binary", source, *YAML, address="flows/validate")
        assert status == 200 and not any(each.get("constraints") for each in json.loads(body)), body
    status, body = curl("--data-binary", BROKEN, *YAML, address="flows/validate")
    assert status == 200 and "mesage" in json.loads(body)[0]["constraints"]


def test_it_deploys_them_into_their_namespace(curl):
    """As `deploy-flows` does: all files of the folder at once, and what is not among them stays."""
    whole = "\n---\n".join(FLOWS.values())
    status, body = curl("--data-binary", whole, *YAML, address="flows/company.data?delete=false")
    assert status == 200, body
    assert {flow["id"] for flow in json.loads(body)} == {"hello", "waits"}
    assert curl("--data-binary", whole, *YAML, address="flows/company.sales?delete=false")[0] in (403, 422)


def test_it_deploys_a_file_of_the_namespace(curl):
    """As `deploy-namespace-files` does."""
    (curl.folder / "app.yml").write_text("size: 3\n")
    status, body = curl("-F", "fileContent=@app.yml", address="namespaces/company.data/files?path=%2Fconfig%2Fapp.yml")
    assert status == 200, body
    assert curl(address="namespaces/company.data/files?path=%2Fconfig%2Fapp.yml") == (200, "size: 3\n")


def test_it_runs_what_it_has_deployed(curl, admin, notes):
    status, body = curl("-X", "POST", address="executions/company.data/hello?wait=true")
    assert status == 200 and json.loads(body)["state"]["current"] == "SUCCESS"
    (listed,) = admin("GET", f"service-accounts/{notes['account']}/api-tokens")["results"]
    assert listed["lastUsed"] >= listed["iat"]


def test_it_may_do_nothing_elsewhere(curl):
    assert curl(address="roles/search")[0] == 403
    assert curl("-X", "POST", address="executions/company.sales/hello")[0] in (403, 404)


def test_its_token_is_rotated_and_the_old_one_goes_on_for_a_while(admin, curl, notes):
    path = f"service-accounts/{notes['account']}/api-tokens/{notes['token_id']}/rotate"
    newer = admin("POST", path, {"overlap": "PT1H"})["fullToken"]
    for one in (notes["token"], newer):
        notes["token"] = one
        assert curl(address="flows/search")[0] == 200


def test_what_it_has_open_dies_with_the_account_and_so_does_its_next_request(admin, curl, notes, instance):
    execution = json.loads(curl("-X", "POST", address="executions/company.data/waits")[1])["id"]
    bearer = ("-H", f"Authorization: Bearer {notes['token']}")
    address = f"{instance.url}/api/v1/acme/executions/{execution}/follow"
    with subprocess.Popen(["curl", "-sSN", *bearer, address], stdout=subprocess.PIPE, text=True) as follower:
        try:
            assert "data" in follower.stdout.readline() + follower.stdout.readline(), "the stream began"
            assert follower.poll() is None, "and stays open while the execution waits"
            admin("PATCH", f"service-accounts/{notes['account']}/disabled", {"disabled": True})
            assert curl(address="flows/search")[0] == 401
            follower.communicate(timeout=10)
        finally:
            follower.kill()
    assert admin("GET", f"executions/{execution}")["state"]["current"] == "PAUSED", "nothing else ended the stream"
