"""A list that is asked for in the same message as who asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection
from django.db.models import Q
from django.http import HttpRequest
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import path

from control_plane.embedded.postgres import SUPERUSER, Postgres
from control_plane.kernel.actor import Context
from control_plane.kernel.api.fast import fast_view
from control_plane.kernel.api.listing import Listing
from control_plane.kernel.api.pages import page_of
from control_plane.kernel.api.query import number
from control_plane.kernel.authorization import visible_to
from control_plane.kernel.scope import tenant_scope
from iam.authorization import versions
from iam.models import ApiToken, Binding
from tenants.models import Namespace
from tenants.permissions import NAMESPACE
from tests.cast import ACME, GLOBEX, Cast, Person, bind, make_cast

pytestmark = pytest.mark.django_db


def names():
    return Namespace.objects.values_list("name")


def search(request: HttpRequest, ctx: Context) -> Listing:
    number(request.GET, "year", 0)
    matching = visible_to(ctx, NAMESPACE.LIST, "name") & Q(name__startswith=request.GET.get("q", ""))
    return Listing(names, matching, ["name"], page_of(request.GET), lambda row: row[0])


def hasty(request: HttpRequest, ctx: Context) -> Listing:
    return Listing(names, Q(name__in=list(Namespace.objects.values_list("name", flat=True))), [], page_of({}), list)


urlpatterns = [
    path("<str:tenant>/names", fast_view(get=(NAMESPACE.LIST, search))),
    path("<str:tenant>/hasty", fast_view(get=(NAMESPACE.LIST, hasty))),
]


@pytest.fixture
def cast() -> Iterator[Cast]:
    with override_settings(ROOT_URLCONF=__name__):
        cast = make_cast()
        for tenant, prefix in ((ACME, "a"), (GLOBEX, "g")):
            with tenant_scope(tenant):
                for name in ("dev", "prod", "prod.eu", "production"):
                    Namespace.objects.create(name=f"{name}.{prefix}")
        yield cast


def read(person: Person, tenant: str = ACME, query: str = "") -> dict[str, object]:
    answer = person.client.get(f"/{tenant}/names?{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()


@contextmanager
def statements(most: int) -> Iterator[None]:
    with CaptureQueriesContext(connection) as captured:
        yield
    assert len(captured) <= most, captured.captured_queries


def test_a_known_reader_costs_one_round_trip(cast: Cast):
    first = read(cast.olga)
    for _ in range(3):
        with statements(1):
            assert read(cast.olga) == first
    assert first == {"results": ["dev.a", "prod.a", "prod.eu.a", "production.a"], "total": 4}


def test_it_costs_a_second_one_to_count_what_one_page_does_not_tell(cast: Cast):
    read(cast.olga, query="size=2")
    with statements(2):
        assert read(cast.olga, query="size=2&page=1") == {"results": ["dev.a", "prod.a"], "total": 4}
    assert read(cast.olga, query="size=2&page=2") == {"results": ["prod.eu.a", "production.a"], "total": 4}
    assert read(cast.olga, query="size=2&page=9") == {"results": [], "total": 4}


def test_everybody_sees_what_is_theirs_whoever_asked_before(cast: Cast):
    for _ in range(3):
        assert read(cast.lena)["results"] == ["prod.a", "prod.eu.a"]
        assert read(cast.otto, GLOBEX)["results"] == ["dev.g", "prod.eu.g", "prod.g", "production.g"]
        assert read(cast.olga, query="q=dev")["results"] == ["dev.a"]
        assert [cast.otto.client.get(f"/{ACME}/names").status_code for _ in range(2)] == [404, 404]
        assert cast.anonymous.get(f"/{ACME}/names").status_code == 401


def test_a_right_that_was_taken_is_gone_with_the_very_next_read(cast: Cast):
    assert [len(read(cast.vera)["results"]) for _ in range(2)] == [4, 4]
    with tenant_scope(ACME):
        Binding.objects.filter(user_id=cast.vera.user.id).delete()
        versions.move_tenant(ACME)
    bind(ACME, cast.vera, "Viewer", namespace="dev")
    assert read(cast.vera)["results"] == ["dev.a"]
    with tenant_scope(ACME):
        Binding.objects.filter(user_id=cast.vera.user.id).delete()
        versions.move_tenant(ACME)
    assert cast.vera.client.get(f"/{ACME}/names").status_code == 403


def test_a_token_that_was_revoked_reads_nothing_more(cast: Cast):
    assert [len(read(cast.vera)["results"]) for _ in range(2)] == [4, 4]
    ApiToken.objects.filter(user_id=cast.vera.user.id).delete()
    versions.move_identities()
    assert cast.vera.client.get(f"/{ACME}/names").status_code == 401


def test_what_is_wrong_with_a_question_is_told_to_who_may_ask_alone(cast: Cast):
    for _ in range(2):
        assert cast.olga.client.get(f"/{ACME}/names?year=x").status_code == 400
        assert cast.anonymous.get(f"/{ACME}/names?year=x").status_code == 401
        assert cast.otto.client.get(f"/{ACME}/names?year=x").status_code == 404


def test_a_lost_connection_is_replaced(cast: Cast, postgres: Postgres):
    read(cast.olga)
    expected = read(cast.olga)
    with psycopg.connect(postgres.url(SUPERUSER), autocommit=True) as superuser:
        superuser.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid = %s",
            [connection.connection.info.backend_pid],
        )
    assert [read(cast.olga) for _ in range(3)] == [expected] * 3


def test_nothing_of_a_tenant_is_left_on_the_connection(cast: Cast):
    for _ in range(2):
        read(cast.olga)
    with connection.cursor() as cursor:
        cursor.execute("SELECT NULLIF(current_setting('orrery.tenant', true), ''), count(*) FROM namespace")
        assert cursor.fetchone() == (None, 0)


def test_a_handler_that_asks_by_itself_goes_the_long_way(cast: Cast):
    for _ in range(3):
        assert cast.olga.client.get(f"/{ACME}/hasty").json()["total"] == 4
