"""Secrets: set by people, read by jobs, never shown."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.http import QueryDict

from audit.models import AuditEntry
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import Forbidden, Invalid, NotFound
from stores.jobs.calls import call
from stores.models import Secret
from stores.secrets import services
from stores.secrets.queries import inherited_keys
from stores.secrets.services import delete_secret, describe_secret, put_secret
from tests.stores.conftest import job_place

pytestmark = pytest.mark.django_db

TEAM = {"namespace": "company.team"}


def read(key, place="company.team", **more):
    with tenant_scope("acme"):
        return call(job_place(place), "secrets", "read", {"key": key, **more})


def test_a_job_reads_it_in_any_case_and_the_row_does_not_show_it(editor):
    put_secret(editor, **TEAM, key="db_password", value="hunter2")
    assert read("DB_Password") == "hunter2"
    with tenant_scope("acme"):
        assert "hunter2" not in Secret.objects.get().sealed


def test_a_key_is_shown_as_it_was_given_and_looked_up_in_any_case(editor):
    put_secret(editor, **TEAM, key="Db_Password", value="one")
    with tenant_scope("acme"):
        assert inherited_keys("company.team")["company.team"] == ["Db_Password"]
    put_secret(editor, **TEAM, key="db_password", value="two")
    with tenant_scope("acme"):
        assert [secret.shown_key for secret in Secret.objects.all()] == ["db_password"]
    assert read("DB_PASSWORD") == "two"


def test_two_first_writes_of_one_key_come_one_after_the_other(editor, monkeypatch):
    """Both have found no secret before either makes one; what was written last is kept."""
    together, look = threading.Barrier(2, timeout=10), services._locked
    looked = threading.local()

    def found(namespace, key):
        secret = look(namespace, key)
        if not hasattr(looked, "once"):
            looked.once = True
            together.wait()
        return secret

    def write(value):
        try:
            return put_secret(editor, **TEAM, key="new" if value == "1" else "NEW", value=value).id
        finally:
            connection.close()

    monkeypatch.setattr(services, "_locked", found)
    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(write, ("1", "2")))) == 1
    assert read("NEW") in ("1", "2")
    with tenant_scope("acme"):
        actions = AuditEntry.objects.filter(resource="SECRET").order_by("seq").values_list("action", flat=True)
        assert list(actions) == ["CREATE", "UPDATE"]


@pytest.mark.parametrize(("op", "value"), [("EQUALS", "DB_password"), ("REGEX", "^db"), ("IN", "x,db_PASSWORD")])
def test_a_list_is_narrowed_by_keys_in_any_case(editor, client, op, value):
    from stores.api.secret_lists import SecretFilters

    put_secret(editor, **TEAM, key="Db_Password", value="one")
    put_secret(editor, **TEAM, key="other", value="one")
    with tenant_scope("acme"):
        found = Secret.objects.filter(SecretFilters.matching(QueryDict(f"filters[key][{op}]={value}")))
        assert [secret.shown_key for secret in found] == ["Db_Password"]


def test_children_inherit_and_may_override(editor):
    put_secret(editor, namespace="company", key="K", value="top")
    assert read("K") == "top"
    put_secret(editor, **TEAM, key="K", value="own")
    assert read("K") == "own"
    assert read("K", place="company") == "top"
    with tenant_scope("acme"):
        assert inherited_keys("company.team") == {"company.team": ["K"], "company": ["K"]}


def test_a_stranger_namespace_is_refused():
    with pytest.raises(Forbidden):
        read("K", namespace="other")


def test_a_missing_one_is_named(editor):
    with pytest.raises(NotFound, match="Cannot find secret for key 'K'"):
        read("K")


def test_what_is_told_about_it_changes_without_its_value(editor):
    put_secret(editor, **TEAM, key="K", value="v", description="old")
    describe_secret(editor, **TEAM, key="k", description="new", tags=[{"key": "a", "value": "b"}])
    assert read("K") == "v"
    with tenant_scope("acme"):
        assert Secret.objects.get().tags == [{"key": "a", "value": "b"}]


def test_the_audit_trail_never_learns_the_value(editor):
    put_secret(editor, **TEAM, key="K", value="hunter2")
    put_secret(editor, **TEAM, key="K", value="hunter3")
    delete_secret(editor, **TEAM, key="K")
    with tenant_scope("acme"):
        entries = list(AuditEntry.objects.order_by("seq"))
    assert [entry.action for entry in entries] == ["CREATE", "UPDATE", "DELETE"]
    assert not any("hunter" in entry.body for entry in entries)


@pytest.mark.parametrize(("key", "value"), [("", "v"), ("a b", "v"), ("K", ""), ("K", "x" * 70_000)])
def test_bad_keys_and_values_are_refused_by_field(editor, key, value):
    with pytest.raises(Invalid) as refused:
        put_secret(editor, **TEAM, key=key, value=value)
    assert refused.value.violations[0].path in ("key", "value")
