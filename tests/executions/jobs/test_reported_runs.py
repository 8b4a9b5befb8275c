"""What a program of a task tells while it runs: task runs of its own work, and bars that move."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cast import ACME, Cast
from tests.executions.ground import FakeWorker, lines_of, row, save, start
from tests.executions.worker_at_hand import work_for_real
from tests.plugins.reachable import reachable_folder

pytestmark = pytest.mark.django_db
SHELL = "io.kestra.plugin.scripts.shell.Commands"
RETURN = "io.kestra.plugin.core.debug.Return"
TELLS = """
id: tells
namespace: prod.data
tasks:
  - id: build
    type: io.kestra.plugin.scripts.shell.Commands
    commands:
      - |
        echo '::{"taskRuns": [{"taskId": "model.orders"}, {"taskId": "test.orders", "state": "FAILED", "value": "nulls"}]}::'
  - {id: last, type: io.kestra.plugin.core.debug.Return, format: x}
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with reachable_folder() as made:
        yield made


def ran(people: Cast, folder: Path, source: str, flow_id: str) -> str:
    save(people, source)
    execution_id = start(people, flow_id).id
    work_for_real(FakeWorker(), folder)
    assert row(execution_id).state == "SUCCESS", lines_of(execution_id)
    return execution_id


def tree(people: Cast, execution_id: str) -> list[tuple[str | None, str, str, bool]]:
    runs = people.olga.client.get(f"/api/v1/{ACME}/executions/{execution_id}").json()["taskRunList"]
    names = {run["id"]: run["taskId"] for run in runs}
    return [
        (names.get(run.get("parentTaskRunId")), run["taskId"], run["state"]["current"], run.get("dynamic", False))
        for run in runs
    ]


REPORTED = [("build", "model.orders", "SUCCESS", True), ("build", "test.orders", "FAILED", True)]


def test_task_runs_that_a_script_tells_of_stand_under_it(people: Cast, folder: Path):
    execution_id = ran(people, folder, TELLS, "tells")
    assert tree(people, execution_id) == [
        (None, "build", "SUCCESS", False),
        *REPORTED,
        (None, "last", "SUCCESS", False),
    ]
    overview = people.olga.client.get(f"/api/v1/{ACME}/taskruns/{execution_id}/overview").json()
    assert overview["taskRuns"]["states"] == {"SUCCESS": 3, "FAILED": 1}


def test_a_replay_from_what_follows_copies_them(people: Cast, folder: Path):
    execution_id = ran(people, folder, TELLS, "tells")
    runs = people.olga.client.get(f"/api/v1/{ACME}/taskruns/{execution_id}").json()["results"]
    last, told = (next(run["id"] for run in runs if run["taskId"] == name) for name in ("last", "model.orders"))
    actions = f"/api/v1/{ACME}/executions/{execution_id}/actions"
    again = people.olga.client.post(f"{actions}/replay?taskRunId={last}").json()["id"]
    work_for_real(FakeWorker(), folder)
    assert tree(people, again)[1:3] == REPORTED
    assert row(again).state == "SUCCESS"
    assert people.olga.client.post(f"{actions}/replay?taskRunId={told}").status_code in (404, 409, 422)
    body = {"taskRunId": told, "state": "FAILED"}
    refused = people.olga.client.post(f"{actions}/state", body, content_type="application/json")
    assert refused.status_code in (404, 409, 422)


def test_a_bar_of_a_real_program_is_folded_to_its_last_state(people: Cast, folder: Path):
    moves = r"printf '\r10 %%\r20 %%\r'; sleep 0.2; printf '30 %%\r'; echo done; printf 'left\r'"
    source = f'id: bar\nnamespace: prod.data\ntasks:\n  - {{id: a, type: {SHELL}, commands: ["{moves}"]}}\n'
    execution_id = ran(people, folder, source.replace("\\r", "\\\\r"), "bar")
    lines = ["10 %\r", "20 %\r", "30 %\r", "done", "left\r"]
    assert [message for _, message in lines_of(execution_id)] == lines
    query = {"filters[executionId][EQUALS]": execution_id, "sort": "seq:asc", "folded": "true"}
    found = people.olga.client.get(f"/api/v1/{ACME}/logs/search", query).json()["results"]
    assert [line["message"] for line in found] == ["done", "left\r"]
