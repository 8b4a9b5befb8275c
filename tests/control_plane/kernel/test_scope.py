"""The first wall: nothing is read or written outside of a tenant's scope, and a scope is a transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import psycopg
import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from psycopg.pq import TransactionStatus

from control_plane.embedded.postgres import SUPERUSER, Postgres
from control_plane.kernel.plans import known_plans
from control_plane.kernel.scope import (
    ScopeError,
    across_tenants,
    after_rollback,
    ask_instance,
    current_owner,
    current_tenant,
    instance_scope,
    scope_asking,
    tenant_or_none,
    tenant_scope,
    write_last,
)
from tenants.models import Namespace

pytestmark = pytest.mark.django_db


def setting() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('orrery.tenant', true)")
        return cursor.fetchone()[0] or ""


def role() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return cursor.fetchone()[0]


def make(tenant: str, *names: str) -> None:
    with tenant_scope(tenant):
        for name in names:
            Namespace.objects.create(name=name)


def test_rows_are_not_to_be_had_outside_of_a_scope():
    for reach in (Namespace.objects.count, Namespace.objects.all, lambda: Namespace(name="x").save(), current_tenant):
        with pytest.raises(ScopeError):
            reach()


def test_a_scope_is_a_transaction_that_ends_the_setting():
    with tenant_scope("acme"):
        assert (current_tenant(), setting(), connection.in_atomic_block) == ("acme", "acme", True)
    assert (tenant_or_none(), setting(), connection.in_atomic_block) == (None, "", False)


def test_rows_get_the_tenant_of_the_scope_and_are_seen_only_there():
    make("acme", "a")
    make("globex", "b")
    with tenant_scope("acme"):
        assert [(row.name, row.tenant_id) for row in Namespace.objects.all()] == [("a", "acme")]


def test_entering_the_same_tenant_again_is_free_and_another_raises():
    with tenant_scope("acme"):
        with tenant_scope("acme"):
            assert current_tenant() == "acme"
        with pytest.raises(ScopeError), tenant_scope("globex"):
            pass
        with pytest.raises(ScopeError), instance_scope():
            pass
        assert current_tenant() == "acme"


def test_a_scope_refuses_to_be_opened_in_a_transaction():
    with transaction.atomic(), pytest.raises(RuntimeError), tenant_scope("acme"):
        pass


def test_an_exception_rolls_back_and_then_runs_what_was_asked_for():
    seen: list[object] = []
    with pytest.raises(ZeroDivisionError), tenant_scope("acme"):
        Namespace.objects.create(name="x")
        after_rollback(lambda: seen.append((tenant_or_none(), connection.in_atomic_block)))
        raise ZeroDivisionError
    assert seen == [(None, False)]
    with tenant_scope("acme"):
        assert not Namespace.objects.exists()


def test_what_waits_for_a_rollback_does_not_run_after_a_commit():
    with tenant_scope("acme"):
        after_rollback(lambda: pytest.fail("it was committed"))
    with pytest.raises(ScopeError):
        after_rollback(lambda: None)


def test_a_row_of_another_tenant_is_not_written():
    row = Namespace(name="x", tenant_id="globex")
    with tenant_scope("acme"), pytest.raises(ScopeError):
        row.save()


def test_a_tenant_may_be_entered_inside_the_instances_scope_and_ends_with_its_block():
    make("acme", "a")
    with instance_scope():
        assert current_owner() == ""
        with tenant_scope("acme"):
            assert Namespace.objects.count() == 1
        assert setting() == ""
        with tenant_scope("globex"):
            assert Namespace.objects.count() == 0
        with pytest.raises(ScopeError):
            Namespace.objects.count()


def test_a_look_across_tenants_is_by_another_role_and_ends_with_its_block():
    for opened in (lambda: across_tenants("a test"), instance_scope):
        with opened():
            if role() == "orrery_app":
                with across_tenants("a test"):
                    assert role() == "orrery_service"
                assert role() == "orrery_app"
        assert role() == "orrery_app"
    with tenant_scope("acme"), pytest.raises(ScopeError), across_tenants("a test"):
        pass
    with pytest.raises(ScopeError), across_tenants(""):
        pass


def test_the_serving_role_does_not_inherit_what_the_service_role_may():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolinherit OR rolsuper OR rolbypassrls, pg_has_role(current_user, 'orrery_service', 'USAGE')"
            " FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (False, False)


def test_the_second_wall_stands_without_the_first():
    make("acme", "a")
    make("globex", "b")
    with tenant_scope("acme"), connection.cursor() as cursor:
        cursor.execute("SELECT name FROM namespace")
        assert cursor.fetchall() == [("a",)]
        cursor.execute("UPDATE namespace SET description = 'x'")
        assert cursor.rowcount == 1
        cursor.execute("DELETE FROM namespace WHERE tenant_id = 'globex'")
        assert cursor.rowcount == 0


def test_the_second_wall_keeps_rows_from_being_put_into_another_tenant():
    from django.db import ProgrammingError

    make("acme", "a")
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        tenant_scope("acme"),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE namespace SET tenant_id = 'globex'")


def test_without_any_scope_the_second_wall_shows_nothing():
    make("acme", "a")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM namespace")
        assert cursor.fetchone() == (0,)


def test_a_scope_answers_a_question_in_the_round_trip_that_opens_it():
    with scope_asking("acme", "SELECT %s, NULL, current_setting('orrery.tenant', true)", "it's 100%s {}") as rows:
        assert rows == [("it's 100%s {}", None, "acme")]
        assert (current_tenant(), setting(), connection.in_atomic_block) == ("acme", "acme", True)
    with scope_asking(None, "SELECT 1 WHERE false") as rows:
        assert (rows, current_owner()) == ([], "")
    assert (tenant_or_none(), setting(), connection.in_atomic_block) == (None, "", False)


def test_a_question_that_comes_again_is_planned_once():
    question = "SELECT %s, current_setting('orrery.tenant', true)"
    for tenant in ("acme", "globex", "acme", "globex"):
        with scope_asking(tenant, question, f"{tenant}'s") as rows:
            assert rows == [(f"{tenant}'s", tenant)]
    known = known_plans(connection.connection)
    assert known is not None and known.name_of(question) is not None


def test_a_question_is_asked_only_where_no_scope_is_open():
    with tenant_scope("acme"), pytest.raises(ScopeError):
        scope_asking("acme", "SELECT 1")


def test_a_question_that_fails_leaves_no_scope_and_no_transaction():
    with pytest.raises(DatabaseError), scope_asking("acme", "SELECT 1 / 0"):
        pass
    assert (tenant_or_none(), connection.in_atomic_block) == (None, False)
    with tenant_scope("acme"):
        assert setting() == "acme"


def cut_the_connection(postgres: Postgres) -> None:
    """As a restart of the server does, while nobody looks."""
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    with psycopg.connect(postgres.url(SUPERUSER), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])


def test_a_connection_that_was_lost_between_two_requests_is_replaced(postgres: Postgres):
    make("acme", "a")
    cut_the_connection(postgres)
    connection.health_check_done = False
    with tenant_scope("acme"):
        assert Namespace.objects.count() == 1


def test_a_connection_that_is_lost_within_a_request_is_an_error(postgres: Postgres):
    make("acme", "a")
    cut_the_connection(postgres)
    with pytest.raises(OperationalError), tenant_scope("acme"):
        pass
    with tenant_scope("acme"):
        assert Namespace.objects.count() == 1


def test_a_question_about_the_instance_is_asked_again_where_its_connection_was_lost(postgres: Postgres):
    for _ in range(2):
        assert ask_instance("SELECT %s::int + 1", [1]) == [(2,)]
    cut_the_connection(postgres)
    connection.health_check_done = False
    assert ask_instance("SELECT %s::int + 1", [2]) == [(3,)]
    cut_the_connection(postgres)
    with pytest.raises((OperationalError, psycopg.OperationalError)):
        ask_instance("SELECT %s::int + 1", [3])
    connection.close()


NAMESPACE = (
    "INSERT INTO namespace (id, tenant_id, name, description, variables, settings, created_at)"
    " SELECT %s, current_setting('orrery.tenant'), %s, '', '{}', '{}', now()"
)


def names(tenant: str) -> list[str]:
    with tenant_scope(tenant):
        return [namespace.name for namespace in Namespace.objects.order_by("name")]


@contextmanager
def ends_by_itself() -> Iterator[None]:
    """Nothing is left for the driver to commit when the scope does."""
    found = []
    commit = connection.commit

    def looking() -> None:
        found.append(connection.connection.info.transaction_status)
        commit()

    with patch.object(connection, "commit", looking):
        yield
    assert found == [TransactionStatus.IDLE]


def test_what_is_written_last_commits_in_the_same_round_trip():
    with ends_by_itself(), tenant_scope("acme"):
        Namespace.objects.create(name="first")
        write_last(NAMESPACE, ["1", "last"])
        write_last(NAMESPACE, ["2", "very last"])
        assert [namespace.name for namespace in Namespace.objects.all()] == ["first"]
    assert names("acme") == ["first", "last", "very last"]


def test_where_the_last_write_fails_nothing_was_written():
    rolled_back = []
    with pytest.raises(DatabaseError), tenant_scope("acme"):
        after_rollback(lambda: rolled_back.append(tenant_or_none()))
        Namespace.objects.create(name="first")
        write_last(NAMESPACE, ["1", "last"])
        write_last("SELECT 1 / %s::int", [0])
    assert names("acme") == [] and rolled_back == [None]


def test_an_exception_leaves_the_last_write_out():
    with pytest.raises(ZeroDivisionError), tenant_scope("acme"):
        write_last(NAMESPACE, ["1", "last"])
        raise ZeroDivisionError
    assert names("acme") == []


def test_a_tenant_inside_the_instances_scope_writes_its_last_before_it_ends():
    with instance_scope():
        with tenant_scope("acme"):
            write_last(NAMESPACE, ["1", "acme's"])
        with tenant_scope("globex"):
            write_last(NAMESPACE, ["2", "globex's"])
    assert (names("acme"), names("globex")) == (["acme's"], ["globex's"])


def test_outside_of_a_scope_nothing_is_last():
    with pytest.raises(ScopeError):
        write_last(NAMESPACE, ["1", "x"])
