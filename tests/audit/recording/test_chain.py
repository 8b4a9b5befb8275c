"""The chain of a tenant: what is written can be verified by anybody, and nothing can be taken back."""

import psycopg
import pytest
from django.db import DataError, ProgrammingError, connection, transaction

from audit.models import AuditEntry
from audit.recording.chain import GENESIS, canonical, link
from audit.recording.trail import append
from control_plane.embedded.postgres import SUPERUSER
from control_plane.kernel.actor import SYSTEM, Change, Context
from control_plane.kernel.scope import ScopeError, instance_scope, tenant_scope

pytestmark = pytest.mark.django_db


def write(tenant: str, *names: str) -> None:
    ctx = Context(SYSTEM, tenant_id=tenant)
    changes = [Change("FLOW", name, "prod", None, {"id": name, "größe": 1.5}) for name in names]
    with tenant_scope(tenant):
        append(ctx, changes, action=None, by="test")


def test_entries_are_linked_in_sequence_without_gaps():
    write("acme", "a", "b")
    write("acme", "c")
    with tenant_scope("acme"):
        entries = list(AuditEntry.objects.order_by("seq"))
    assert [entry.seq for entry in entries] == [1, 2, 3]
    previous = GENESIS
    for entry in entries:
        assert entry.previous == previous
        assert entry.hash == link(previous, entry.seq, entry.body)
        previous = entry.hash


def test_each_tenant_and_the_instance_have_their_own_chain():
    write("acme", "a")
    write("globex", "b")
    with instance_scope():
        append(Context(SYSTEM), [Change("USER", "u", None, None, {})], action=None, by="test")
    with instance_scope():
        assert [entry.object_id for entry in AuditEntry.objects.all()] == ["u"]
    with tenant_scope("globex"):
        assert [(entry.object_id, entry.seq) for entry in AuditEntry.objects.all()] == [("b", 1)]


def test_a_tenant_sees_no_other_chain_even_by_raw_sql():
    write("acme", "a")
    with tenant_scope("globex"), connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM audit_entry), (SELECT count(*) FROM audit_head)")
        assert cursor.fetchone() == (0, 0)


@pytest.mark.parametrize("sql", ["UPDATE audit_entry SET body = ''", "DELETE FROM audit_entry", "TRUNCATE audit_entry"])
def test_the_serving_role_cannot_rewrite_entries(sql):
    write("acme", "a")
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        tenant_scope("acme"),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


def test_entries_are_not_to_be_had_outside_of_a_scope():
    with pytest.raises(ScopeError):
        AuditEntry.objects.count()


def test_rolled_back_entries_leave_no_gap():
    with pytest.raises(ZeroDivisionError), tenant_scope("acme"):
        append(Context(SYSTEM, tenant_id="acme"), [Change("FLOW", "x", None, None, {})], action=None, by="test")
        raise ZeroDivisionError
    write("acme", "a")
    with tenant_scope("acme"):
        assert [entry.seq for entry in AuditEntry.objects.all()] == [1]


def test_canonical_text_does_not_depend_on_the_order_of_keys():
    assert canonical({"b": 1, "a": {"d": None, "c": "é"}}) == canonical({"a": {"c": "é", "d": None}, "b": 1})


def test_the_test_really_runs_in_autocommit():
    assert not transaction.get_connection().in_atomic_block


@pytest.mark.parametrize("table", ["audit_entry", "audit_head"])
def test_an_insert_that_is_swallowed_is_no_insert(postgres, table: str):
    """Whoever switches the trail off so that no error comes changes nothing while it is off."""
    with psycopg.connect(postgres.url(SUPERUSER), autocommit=True) as superuser:
        superuser.execute(
            "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;"
            f" CREATE TRIGGER swallow BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION swallow()"
        )
        try:
            with pytest.raises(DataError, match="division by zero"):
                write("acme", "a")
        finally:
            superuser.execute("DROP FUNCTION swallow() CASCADE")
    write("acme", "b")
    with tenant_scope("acme"):
        assert [entry.object_id for entry in AuditEntry.objects.all()] == ["b"]
