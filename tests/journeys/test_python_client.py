"""A colleague with the public Python package and a token from her profile, both unchanged."""

import warnings

import pytest

from tests.journeys.flows import FRAGILE, HELLO, SLEEPER, orders_report
from tests.journeys.instance import until

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from kestrapy import KestraClient

pytestmark = [pytest.mark.journey, pytest.mark.filterwarnings("default")]
TENANT = "acme"


@pytest.fixture(scope="module")
def client(instance, token):
    with KestraClient(host=instance.url, token=token, timeout=60) as connected:
        yield connected


def state(client, execution_id):
    return client.executions.execution(execution_id, TENANT).state.current.value


def ended(client, execution_id):
    return until(lambda: (now := state(client, execution_id)) in ("SUCCESS", "WARNING", "FAILED", "KILLED") and now)


def test_she_creates_a_flow_and_runs_it_to_its_output(client):
    flow = client.flows.create_flow(TENANT, HELLO)
    assert (flow.id, flow.revision) == ("hello", 1)
    execution = client.executions.create_execution(TENANT, "company.team", "hello", wait=True, inputs={"name": "Ada"})
    assert execution.state.current.value == "SUCCESS"
    outputs = client.outputs.task_run_outputs(execution.id, _run_of(client, execution.id, "answer").id, TENANT)
    assert outputs == {"value": "ADA"}
    assert client.outputs.execution_outputs(execution.id, TENANT) == {"loud": "ADA"}


def test_the_report_over_a_real_csv_succeeds(client, instance):
    client.flows.create_flow(TENANT, orders_report(instance.url))
    execution = client.executions.create_execution(TENANT, "company.sales", "orders_report")
    assert ended(client, execution.id) == "SUCCESS"
    done = client.executions.execution(execution.id, TENANT)
    runs = [run.task_id for run in done.task_run_list]
    assert runs.count("report") == 3 and "say" in runs and "none" not in runs and "alert" not in runs


def test_she_kills_a_long_one(client):
    client.flows.create_flow(TENANT, SLEEPER)
    execution = client.executions.create_execution(TENANT, "company.team", "sleeper")
    until(lambda: state(client, execution.id) == "RUNNING")
    client.executions.kill_execution(execution.id, TENANT)
    assert ended(client, execution.id) == "KILLED"


def test_she_restarts_a_failed_one_and_replays_it(client):
    client.flows.create_flow(TENANT, FRAGILE)
    execution = client.executions.create_execution(TENANT, "company.team", "fragile")
    assert ended(client, execution.id) == "FAILED"
    client.executions.restart_execution(execution.id, TENANT)
    until(lambda: len(_attempts(client, execution.id, "breaks")) == 2)
    assert ended(client, execution.id) == "FAILED"
    assert len(_attempts(client, execution.id, "before")) == 1
    replayed = client.executions.replay_execution(execution.id, TENANT)
    assert replayed.id != execution.id
    assert ended(client, replayed.id) == "FAILED"


def _attempts(client, execution_id, task_id):
    return _run_of(client, execution_id, task_id).attempts


def _run_of(client, execution_id, task_id):
    runs = client.executions.execution(execution_id, TENANT).task_run_list
    return next(run for run in runs if run.task_id == task_id)


def test_she_finds_her_executions_and_logs(client):
    found = client.executions.search_executions(TENANT)
    assert found["total"] >= 4
    logs = client.logs.search_logs(TENANT)
    assert any("Hello Ada" in (line.message or "") for line in logs.results)
