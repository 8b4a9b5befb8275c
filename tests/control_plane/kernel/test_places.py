"""Lists that are narrowed to namespaces and their children: who is in them, and by what work they are counted."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.db import connection
from django.db.models import Q, QuerySet

from control_plane.embedded.postgres import Postgres
from control_plane.kernel import places
from control_plane.kernel.collation import is_bytewise
from control_plane.kernel.places import count, counting
from control_plane.kernel.scope import tenant_scope
from executions.models import Execution
from executions.queries.search import WITHOUT_TURNS, light_rows
from stores.models import KvEntry
from tests.cast import ACME, GLOBEX
from tests.factories import make_row
from tests.statistics import analyze

pytestmark = pytest.mark.django_db

NAMES = ("prod", "prod.a", "prod.a.b", "prod-a", "prod_a", "prodx", "pro", "dev", "dev.x", "dev0", "test", "test.a")
SEED = """
INSERT INTO execution (id, tenant_id, namespace, flow_id, flow_revision, revision_id, state, history, labels, inputs,
    variables, breakpoints, attempt_number, task_run_count, frame, start_date, end_date, updated_at, version, log_seq,
    kind)
SELECT left(md5(%(tenant)s || n), 22), %(tenant)s, 'team' || n %% 200 || CASE n %% 3 WHEN 0 THEN '.below' ELSE '' END,
    'flow', 1, 'revision', 'SUCCESS', '[]', '{}', '{}', '{}', '[]', 1, 1, '{}',
    now() - n * interval '1 second', now(), now(), 1, 0, CASE n %% 50 WHEN 0 THEN 'LOOP' END
FROM generate_series(1, %(count)s) AS n"""


@pytest.fixture(params=[True, False], ids=["bytewise", "otherwise"])
def order(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param and not is_bytewise():
        pytest.skip("this database orders texts otherwise")
    monkeypatch.setattr(places, "is_bytewise", lambda: request.param)


@pytest.fixture
def entries() -> None:
    for tenant in (ACME, GLOBEX):
        with tenant_scope(tenant):
            for name in NAMES:
                make_row(KvEntry, namespace=name)


def under(*above: str) -> list[str]:
    return sorted(name for name in NAMES if any(name == each or name.startswith(f"{each}.") for each in above))


@pytest.mark.parametrize("above", [("prod",), ("dev", "prod.a"), ("dev", "prod", "test"), ("nothing",)])
def test_a_list_holds_the_namespaces_and_their_children_and_is_counted_so(
    order: None, entries: None, above: tuple[str, ...]
):
    with tenant_scope(ACME):
        found = KvEntry.objects.filter(namespace__within=above)
        assert sorted(found.values_list("namespace", flat=True)) == under(*above)
        assert count(found) == len(under(*above))
        assert count(found.filter(~Q(namespace="prod"))) == len(set(under(*above)) - {"prod"})


def test_a_condition_beside_others_that_also_let_in_is_counted_as_it_stands(order: None, entries: None):
    with tenant_scope(ACME):
        either = KvEntry.objects.filter(Q(namespace__within=("prod",)) | Q(namespace="prodx"))
        assert count(either) == len(under("prod")) + 1
        neither = KvEntry.objects.exclude(namespace__within=("prod", "dev"))
        assert count(neither) == len(NAMES) - len(under("prod", "dev"))
        twice = KvEntry.objects.filter(namespace__within=("prod", "dev")).filter(namespace__within=("prod.a", "dev.x"))
        assert count(twice) == len(under("prod.a", "dev.x"))


def test_what_is_told_apart_by_less_than_its_namespace_is_counted_once(order: None, entries: None):
    with tenant_scope(ACME):
        keys = KvEntry.objects.filter(namespace__within=("prod", "dev")).values("tenant_id").distinct()
        assert count(keys) == 1


def test_where_no_row_can_match_nothing_is_asked(entries: None):
    with tenant_scope(ACME):
        assert counting(KvEntry.objects.filter(pk__in=[], namespace__within=("prod",))) is None
        assert count(KvEntry.objects.filter(pk__in=[], namespace__within=("prod",))) == 0


@pytest.fixture
def executions(transactional_db: None, postgres: Postgres) -> None:
    """Of 200 namespaces, with half as many children."""
    with tenant_scope(ACME), connection.cursor() as cursor:
        cursor.execute(SEED, {"tenant": ACME, "count": 6_000})
    analyze(postgres, "execution")


def narrowed() -> QuerySet[Execution, tuple[object, ...]]:
    names = tuple(f"team{n * 20}" for n in range(10))
    return light_rows().filter(Q(namespace__within=names) & WITHOUT_TURNS).order_by("-start_date", "pk")


def plan_of(sql: str, values: Sequence[object]) -> str:
    """Of so few rows a scan would be as good, so each row that is read is made dear: what matters is what can be done."""
    with tenant_scope(ACME), connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_material = off"
        )
        cursor.execute("SET LOCAL cpu_tuple_cost = 1")
        cursor.execute(f"EXPLAIN (COSTS OFF) {sql}", values)
        return "\n".join(line for (line,) in cursor.fetchall())


def test_executions_of_a_few_namespaces_are_counted_from_an_index_range_by_range(executions: None):
    if not is_bytewise():
        pytest.skip("this database orders texts otherwise")
    with tenant_scope(ACME):
        asked = counting(narrowed())
        assert asked is not None
        plan = plan_of(*asked)
        assert count(narrowed()) == len(narrowed()) > 100
    assert "Index Only Scan using execution_of_flow" in plan, plan
    assert "namespace >= place.lowest" in plan.partition("Index Cond:")[2].partition("\n")[0], plan
    assert "Seq Scan" not in plan


def test_the_newest_of_them_are_found_without_reading_and_sorting_all(executions: None):
    with tenant_scope(ACME):
        sql, values = narrowed()[:50].query.get_compiler(connection=connection).as_sql()
        plan = plan_of(sql, values)
    assert "Index Scan using execution_latest" in plan and "Presorted Key: start_date" in plan, plan
