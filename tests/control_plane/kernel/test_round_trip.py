from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection

from control_plane.kernel import plans
from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.plans import Plans, plans_of
from control_plane.kernel.scope import ScopeError, asked_alone, planned_scope, tenant_scope

ECHO = "SELECT %s::text, %s::int, %s::text[], %s::timestamptz"
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def told(*values: object, statement: str = ECHO) -> list[tuple[object, ...]]:
    with tenant_scope("acme"):
        pipeline = Pipeline()
        place = pipeline.add(statement, values)
        return pipeline.run()[place]


@pytest.mark.django_db
def test_a_planned_statement_answers_as_it_did_before_it_was_planned() -> None:
    values = ("it's \\ 100 %s; $1", 7, ["a,b", "'"], MOMENT)
    answers = [told(*values) for _ in range(4)]
    assert answers == [[values]] * 4
    assert plans_of(connection.connection).name_of(ECHO) is not None


@pytest.mark.django_db
def test_nothing_given_stays_nothing() -> None:
    assert [told(None, None, None, None) for _ in range(3)] == [[(None,) * 4]] * 3


@pytest.mark.django_db
def test_wrong_numbers_of_values_are_refused_planned_or_not() -> None:
    for _ in range(3):
        with pytest.raises(ValueError, match="3 values for 4 places"):
            told("a", 1, [])
        told("a", 1, [], MOMENT)


@pytest.mark.django_db
def test_plans_are_made_anew_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "FRESH_SECONDS", 0.0)
    assert [told(str(number), 1, [], MOMENT)[0][0] for number in range(4)] == ["0", "1", "2", "3"]


def test_what_comes_once_and_what_has_no_plan_is_not_planned() -> None:
    known = Plans()
    assert not known.wanted("SELECT 1")
    assert known.wanted("SELECT 1")
    assert [known.wanted("SET LOCAL ROLE NONE") for _ in range(3)] == [False] * 3
    long = "SELECT " + "1," * plans.LONGEST
    assert [known.wanted(long) for _ in range(3)] == [False] * 3


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("\nUPDATE job SET key = %s WHERE false", "write"),
        ("WITH gone AS (DELETE FROM job WHERE id = %s RETURNING id) SELECT * FROM gone", "write"),
        ("SELECT id FROM job WHERE id = %s FOR UPDATE", "read"),
        ("WITH found AS (SELECT id FROM job WHERE id = %s FOR UPDATE) SELECT * FROM found", "read"),
    ],
)
def test_the_name_of_a_plan_says_whether_it_writes(statement: str, kind: str) -> None:
    for _ in range(2):
        told("x", statement=statement)
    assert (plans_of(connection.connection).name_of(statement) or "").startswith(kind)


@pytest.mark.django_db
def test_one_that_is_asked_alone_sees_one_tenant_and_leaves_none_behind() -> None:
    setting = "SELECT NULLIF(current_setting('orrery.tenant', true), '')"
    for tenant in ("acme", "globex", "acme"):
        pipeline = Pipeline()
        place = pipeline.add(setting)
        assert asked_alone(tenant, pipeline)[place] == [(tenant,)]
        with connection.cursor() as cursor:
            cursor.execute(setting)
            assert cursor.fetchone() == (None,)


@pytest.mark.django_db
def test_one_that_is_asked_alone_is_refused_where_a_scope_is_open() -> None:
    pipeline = Pipeline()
    pipeline.add("SELECT 1")
    with tenant_scope("acme"), pytest.raises(ScopeError):
        asked_alone("acme", pipeline)


@pytest.mark.django_db
def test_nothing_can_be_asked_where_questions_are_planned() -> None:
    with planned_scope("acme"):
        with pytest.raises(ScopeError), tenant_scope("acme"):
            pass
        with pytest.raises(ScopeError), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    with tenant_scope("acme"), pytest.raises(ScopeError), planned_scope("acme"):
        pass
