"""Executions of many task runs: looked at in parts, which stay small however many there are."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from control_plane.kernel.scope import tenant_scope
from executions.live.reading import read_counted
from tests.cast import ACME
from tests.executions.ground import FakeWorker, ended, save, start
from tests.quickest import takes_less_than

pytestmark = pytest.mark.django_db

MANY = 20_000
LOOP = """
id: loops
namespace: prod.data
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [a, b, c]
    tasks:
      - {id: one, type: io.kestra.plugin.core.debug.Return, format: "{{ taskrun.value }}"}
      - {id: two, type: io.kestra.plugin.core.debug.Return, format: "2"}
  - {id: last, type: io.kestra.plugin.core.debug.Return, format: "3"}
"""
# Beside the loop that has run, as many runs as a large one leaves behind: half of them with outputs.
SEED = """
INSERT INTO task_run (id, tenant_id, execution_id, task_id, seq, state, history, parent_id, value, iteration, lane,
    position, branch, attempts, outputs, path)
SELECT lpad(n::text, 22, '0'), %(tenant)s, %(execution)s, (ARRAY['load', 'save'])[1 + n %% 2], 100 + n,
    CASE WHEN n %% 1000 = 0 THEN 'FAILED' ELSE 'SUCCESS' END, made.history, %(parent)s, 'item ' || n / 2, n / 2, n / 2,
    n %% 2, 'tasks', jsonb_build_array(jsonb_build_object('number', 1, 'history', made.history)),
    CASE WHEN n %% 2 = 0 THEN jsonb_build_object('value', repeat('x', 500)) END, ARRAY['item ' || n / 2]
FROM generate_series(1, %(count)s) AS n, LATERAL (SELECT jsonb_build_array(
    jsonb_build_object('state', 'CREATED', 'date', '2026-01-01T00:00:00.000000Z'),
    jsonb_build_object('state', 'RUNNING', 'date', '2026-01-01T00:00:01.000000Z'),
    jsonb_build_object('state', 'SUCCESS', 'date', '2026-01-01T00:00:02.000000Z')) AS history) AS made
"""


@pytest.fixture
def looped(people):
    """each [one, two, one, two, one, two], last."""
    save(people, LOOP)
    execution = start(people, "loops")
    FakeWorker().work_off(lambda job: ended(job, "a line", value=job.task["id"]))
    return execution.id


@pytest.fixture
def large(looped, read):
    [each] = read(f"taskruns/{looped}", top="true", taskId="each")["results"]
    with tenant_scope(ACME), connection.cursor() as cursor:
        values = {"tenant": ACME, "execution": looped, "parent": each["id"], "count": MANY}
        cursor.execute(SEED, values)
        cursor.execute("UPDATE execution SET task_run_count = %s WHERE id = %s", [MANY + 100, looped])
    return looped


def test_pages_are_narrowed(read, looped):
    def found(**query):
        page = read(f"taskruns/{looped}", **query)
        return [run["taskId"] for run in page["results"]], page["total"]

    assert found(top="true") == (["each", "last"], 2)
    each = read(f"taskruns/{looped}", top="true")["results"][0]
    assert each["children"] == 6
    assert sorted(found(parentTaskRunId=each["id"])[0]) == ["one"] * 3 + ["two"] * 3
    assert found(parentTaskRunId=each["id"], size="4", page="2")[1] == 6
    assert found(taskId="one", size="1") == (["one"], 3)
    assert found(q="ONE") == (["one"] * 3, 3)
    assert found(q="b") == (["one", "two"], 2)
    assert found(q="%") == ([], 0)
    assert found(state="FAILED,WARNING") == ([], 0)
    assert found(leaves="true")[1] == 7
    assert found(withOutputs="true", taskId="last") == (["last"], 1)


def test_a_task_run_tells_the_way_to_it(read, looped):
    each, last = read(f"taskruns/{looped}", top="true")["results"]
    inner = read(f"taskruns/{looped}", taskId="two")["results"][1]
    found = read(f"taskruns/{looped}/{inner['id']}")
    siblings = [run["id"] for run in read(f"taskruns/{looped}", parentTaskRunId=each["id"])["results"]]
    assert found["way"] == [
        {"taskRunId": each["id"], "index": 0},
        {"taskRunId": inner["id"], "index": siblings.index(inner["id"])},
    ]
    assert read(f"taskruns/{looped}/{last['id']}")["way"] == [{"taskRunId": last["id"], "index": 1}]
    read(f"taskruns/{looped}/nobody", status=404)


def test_few_task_runs_are_shown_with_their_counts(read, looped):
    overview, whole = read(f"taskruns/{looped}/overview"), read(f"executions/{looped}")
    counts, lines = overview.pop("taskRuns"), overview.pop("lines")
    assert overview == whole
    assert counts["total"] == 8
    assert counts["states"] == {"SUCCESS": 8}
    assert {task["taskId"]: task["states"] for task in counts["tasks"]}["one"] == {"SUCCESS": 3}
    assert lines >= 7


@pytest.mark.parametrize("address", ["taskruns/{id}", "taskruns/{id}/overview", "taskruns/{id}/some"])
def test_strangers_find_nothing(read, looped, people, address):
    read(address.format(id=looped), status=404, who=people.otto)
    read(address.format(id="nobody"), status=404)


@pytest.mark.parametrize("query", [{"state": "LOST"}, {"top": "maybe"}, {"q": "a\x00"}, {"parentTaskRunId": "\x00"}])
def test_a_question_that_is_none_is_refused(read, looped, query):
    read(f"taskruns/{looped}", status=400, **query)


PAGES = {
    "the overview": ("taskruns/{id}/overview", {}),
    "the first page": ("taskruns/{id}", {"size": 100}),
    "the last page": ("taskruns/{id}", {"size": 100, "page": 200}),
    "what stands at the top": ("taskruns/{id}", {"size": 100, "top": "true"}),
    "what a loop holds": ("taskruns/{id}", {"size": 100, "parentTaskRunId": "{each}", "page": 150}),
    "what failed": ("taskruns/{id}", {"size": 8, "state": "FAILED", "leaves": "true"}),
    "what brought something": ("taskruns/{id}", {"size": 100, "withOutputs": "true", "page": 50}),
    "what a text finds": ("taskruns/{id}", {"size": 50, "q": "item 99"}),
    "one far down": ("taskruns/{id}/0000000000000000019990", {}),
}


def test_of_twenty_thousand_task_runs_only_what_is_looked_at_is_sent(read, large):
    each = read(f"taskruns/{large}", top="true")["results"][0]["id"]
    for name, (path, query) in PAGES.items():
        address = path.format(id=large)
        given = {key: str(value).format(each=each) for key, value in query.items()}
        with CaptureQueriesContext(connection) as asked:
            answer = read(address, **given)
        assert len(json.dumps(answer)) < 80_000, name
        assert len(asked) <= 9, (name, [query["sql"][:80] for query in asked])
        assert takes_less_than(0.1, lambda address=address, given=given: read(address, **given)), name
    overview = read(f"taskruns/{large}/overview")
    assert overview["taskRuns"]["total"] == MANY + 8
    assert overview["taskRuns"]["states"] == {"SUCCESS": MANY - 20 + 8, "FAILED": 20}
    assert "taskRunList" not in overview

    assert len(read_counted(ACME, large).shown.text) < 10_000


def test_clients_of_the_contract_get_all_of_them_and_who_prefers_little_none(people, large, monkeypatch):
    # Comparing so many with the description takes longer than all else here.
    monkeypatch.setattr("tests.described.differences", lambda *_: [])
    client, address = people.olga.client, f"/api/v1/acme/executions/{large}"
    assert len(client.get(address).json()["taskRunList"]) == MANY + 8
    asked = {"data": [{"key": "team", "value": "data"}], "content_type": "application/json"}
    little = client.post(f"{address}/actions/labels", headers={"Prefer": "return=minimal"}, **asked)
    assert len(little.content) < 5_000
    assert little.json()["labels"][0]["value"] == "data"


def test_the_answer_to_who_prefers_little_is_as_described(people, looped):
    address = f"/api/v1/acme/executions/{looped}/actions/change-status?status=WARNING"
    answer = people.olga.client.post(address, headers={"Prefer": "return=minimal"})
    assert answer.json()["state"]["current"] == "WARNING"
    assert answer.json()["taskRunList"] == []
