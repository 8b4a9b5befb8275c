"""Executions counted for charts: all of them, in one statement, and only those that the reader may see."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.clock import iso
from tests.cast import ACME, GLOBEX, bind, make_person
from tests.statistics import analyze

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MANY = 1_200
# One every three seconds for an hour: every fourth has failed, every other one is of another namespace.
SEED = """
INSERT INTO execution (id, tenant_id, namespace, flow_id, flow_revision, revision_id, state, history, labels, inputs,
    variables, breakpoints, frame, attempt_number, task_run_count, version, log_seq, start_date, updated_at, kind)
SELECT lpad(%(tenant)s || n::text, 22, '0'), %(tenant)s, (ARRAY['prod.data', 'lab'])[1 + n %% 2], 'hello', 1,
    lpad('', 22, '0'), CASE WHEN n %% 4 = 0 THEN 'FAILED' ELSE 'SUCCESS' END,
    '[{"state": "CREATED", "date": "2026-03-02T12:00:00Z"}]', '{}', '{}', '{}', '[]', '{}', 1, 0,
    1, 0, %(noon)s::timestamptz + n * interval '3 seconds', now(), CASE WHEN n > %(count)s THEN 'LOOP' END
FROM generate_series(1, %(count)s + 10) AS n
"""


def seed(tenant: str, count: int) -> None:
    with tenant_scope(tenant), connection.cursor() as cursor:
        cursor.execute(SEED, {"tenant": tenant, "noon": NOON, "count": count})


@pytest.fixture
def many(people):
    seed(ACME, MANY)
    seed(GLOBEX, 7)


def hour(**query):
    return {"begin": iso(NOON), "end": iso(NOON + timedelta(hours=1, seconds=1)), **query}


def states(found):
    counted = Counter()
    for each in found["counts"]:
        counted[each["state"]] += each["count"]
    return dict(counted)


def test_all_are_counted_and_not_the_newest_alone(read, many):
    found = read("executions/activity", **hour(intervals="61"))
    assert (found["total"], found["interval"], found["begin"]) == (MANY, 120, iso(NOON))
    assert states(found) == {"FAILED": 300, "SUCCESS": 900}
    starts = [each["start"] for each in found["counts"]]
    assert starts == sorted(starts)
    assert len(set(starts)) == 31, "thirty of two minutes, and the last that begins with the hour"
    whole = [each for each in found["counts"] if each["start"] == iso(NOON + timedelta(minutes=2))]
    assert {each["state"]: each["count"] for each in whole} == {"FAILED": 10, "SUCCESS": 30}


def test_what_a_list_finds_is_what_is_counted(read, many):
    for narrowed in ({"filters[state][IN]": "FAILED"}, {"filters[namespace][PREFIX]": "lab"}, {"q": "hell"}):
        found = read("executions/activity", **hour(**narrowed))
        assert found["total"] == read("executions/search", size="1", **narrowed)["total"]
        assert found["total"] >= 300


def test_without_a_begin_the_chart_reaches_back_to_the_oldest(read, many):
    found = read("executions/activity", end=iso(NOON + timedelta(days=400)), intervals="40")
    assert (found["begin"], found["total"]) == (iso(NOON + timedelta(seconds=3)), MANY)
    assert found["interval"] == 14 * 86_400
    longer = read("executions/activity", end=iso(NOON + timedelta(days=4000)), intervals="40")
    assert longer["interval"] % 86_400 == 0
    assert len({each["start"] for each in longer["counts"]}) == 1


def test_never_more_intervals_than_asked_for(read, many):
    found = read("executions/activity", **hour(begin=iso(NOON + timedelta(minutes=59, seconds=50)), intervals="3"))
    assert len({each["start"] for each in found["counts"]}) <= 3
    assert found["total"] == 4


def test_only_what_the_reader_may_see_is_counted(read, people, many):
    seer = make_person("lab@acme.test")
    bind(ACME, seer, "Viewer", "lab")
    assert read("executions/activity", who=seer, **hour())["total"] == MANY / 2
    stranger = make_person("stranger@acme.test")
    read("executions/activity", status=404, who=stranger, **hour())


def test_nothing_has_no_interval(read, people):
    assert read("executions/activity") == {"total": 0, "counts": []}


@pytest.mark.parametrize("wrong", [{"begin": "soon"}, {"end": "late"}, {"intervals": "1"}, {"intervals": "100000"}])
def test_what_cannot_be_read_is_refused_by_its_name(read, people, wrong):
    answer = read("executions/activity", status=400, **wrong)
    assert f"`{next(iter(wrong))}`" in answer.json()["message"]


def test_one_statement_counts_by_an_index(transactional_db, postgres, read, many, monkeypatch):
    sent, add = [], Pipeline.add

    def heard(pipeline, statement, values=()):
        sent.append((statement, values))
        return add(pipeline, statement, values)

    analyze(postgres, "execution")
    monkeypatch.setattr(Pipeline, "add", heard)
    read("executions/activity", begin=iso(NOON + timedelta(minutes=58)), end=iso(NOON + timedelta(hours=1)))
    [(statement, values)] = [(text, given) for text, given in sent if '"execution"' in text]
    with tenant_scope(ACME), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}", values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert [line for line in plan.splitlines() if "Index Cond" in line and "start_date >=" in line], plan
    assert "Seq Scan" not in plan
