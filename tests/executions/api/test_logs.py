"""Log lines over HTTP."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from control_plane.kernel.scope import tenant_scope
from executions.models import LogEntry
from tests.executions.ground import FakeWorker, ended, log_flow, save, start

pytestmark = pytest.mark.django_db


def messages(lines):
    return [line["message"] for line in lines]


def test_lines_of_an_execution_come_in_its_own_order(read, done):
    lines = read(f"logs/{done.id}")
    assert messages(lines) == ["one of log0", "two", "one of log1", "two"]
    assert {line["executionId"] for line in lines} == {done.id}
    assert [line["seq"] for line in lines] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"taskId": "log0"}, 2),
        ({"filters[taskId][EQUALS]": "log1"}, 2),
        ({"filters[level][GREATER_THAN_OR_EQUAL_TO]": "WARN"}, 0),
        ({"filters[level][EQUALS]": "DEBUG"}, 4),
        ({"filters[attemptNumber][EQUALS]": "0"}, 4),
        ({"filters[attemptNumber][EQUALS]": "1"}, 0),
        ({"q": "ONE"}, 2),
    ],
)
def test_lines_can_be_narrowed(read, done, query, count):
    assert len(read(f"logs/{done.id}", **query)) == count


@pytest.mark.parametrize("query", [{"filters[level][EQUALS]": "LOUD"}, {"filters[colour][EQUALS]": "red"}])
def test_what_cannot_be_filtered_by_is_named(read, done, query):
    read(f"logs/{done.id}", status=400, **query)


def test_a_search_goes_across_executions_newest_first(read, done):
    found = read("logs/search", sort="timestamp:desc", **{"filters[namespace][PREFIX]": "prod"})
    assert (found["type"], found["total"]) == ("OFFSET", 4)


@pytest.mark.parametrize(("op", "total"), [("EQUALS", 0), ("IN", 0), ("CONTAINS", 0), ("NOT_EQUALS", 4)])
def test_no_line_of_a_task_run_is_a_triggers(read, done, op, total):
    assert read("logs/search", **{f"filters[triggerId][{op}]": "x"})["total"] == total


def test_a_download_is_text_with_a_line_for_each(read, done):
    answer = read(f"logs/{done.id}/download")
    text = b"".join(answer.streaming_content).decode()
    assert len(text.splitlines()) == 4 and "INFO log0 one of log0" in text
    assert "attachment" in answer.headers["Content-Disposition"]


def test_a_download_longer_than_a_chunk_misses_nothing(read, done, monkeypatch):
    monkeypatch.setattr("executions.queries.logs._CHUNK", 2)
    assert len(b"".join(read(f"logs/{done.id}/download").streaming_content).splitlines()) == 4


def test_deleting_removes_what_fits(people, read, done):
    assert people.eddie.client.delete(f"/api/v1/acme/logs/{done.id}?taskId=log0").status_code == 200
    assert messages(read(f"logs/{done.id}")) == ["one of log1", "two"]
    assert people.vera.client.delete(f"/api/v1/acme/logs/{done.id}").status_code == 403
    with tenant_scope("acme"):
        assert LogEntry.objects.count() == 2


def test_lines_that_were_written_over_are_folded_where_the_page_is_made(people, read):
    save(people, log_flow(tasks=2))
    execution = start(people)
    lines = ["begin", "10 %\r", "20 %\r", "between", "30 %\r", "40 %\r"]
    FakeWorker().work_off(lambda job: ended(job, *lines))
    query = {"filters[executionId][EQUALS]": execution.id, "sort": "seq:asc", "folded": "true"}
    first = read(f"taskruns/{execution.id}")["results"][0]["id"]
    found = read("logs/search", **query, **{"filters[taskRunId][EQUALS]": first})
    assert [line["message"] for line in found["results"]] == ["begin", "between", "40 %\r"]
    assert found["total"] == 3
    assert read("logs/search", **query, size=2, page=3)["total"] == 6
    read("logs/search", status=400, folded="true")
    read("logs/search", status=400, folded="true", **{"filters[executionId][IN]": f"{execution.id},b"})


def test_a_list_costs_the_same_however_long_it_is(read, done):
    def statements(**query):
        with CaptureQueriesContext(connection) as asked:
            read(f"logs/{done.id}", **query)
        return len(asked)

    read(f"logs/{done.id}")
    assert statements() == statements(taskId="nobody") <= 6


def test_another_tenant_knows_of_nothing(read, people, done):
    read(f"logs/{done.id}", status=404, who=people.otto)
    answer = people.otto.client.get(f"/api/v1/globex/logs/{done.id}")
    assert answer.status_code == 404
    assert people.otto.client.get("/api/v1/globex/logs/search").json()["total"] == 0
