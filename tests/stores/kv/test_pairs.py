"""Key-value pairs as people and jobs set and read them."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from audit.models import AuditEntry
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import Conflict, Forbidden, Gone, NotFound
from iam.authorization import versions
from iam.models import Binding, Role
from stores.jobs.calls import call
from stores.kv import transitions
from stores.kv.queries import get_entry
from stores.kv.services import delete_pairs, put_pair
from stores.kv.values import read_value
from stores.models import KvEntry
from tests.cast import ACME, make_cast, make_person
from tests.stores.conftest import job_place

pytestmark = pytest.mark.django_db

PLACE = job_place("company.team")


def put(editor, key, text, namespace="company.team", **more):
    return put_pair(editor, namespace=namespace, key=key, value=read_value(text), **more)


def ask(service, method, **arguments):
    with tenant_scope("acme"):
        return call(PLACE, service, method, arguments)


def test_a_pair_counts_its_revisions(editor):
    put(editor, "a", "1")
    assert put(editor, "a", "2").revision == 2
    with tenant_scope("acme"):
        assert get_entry("company.team", "a").value == 2


def test_two_first_writes_of_one_key_come_one_after_the_other(editor, monkeypatch):
    """Both have found no pair before either makes one."""
    together, look = threading.Barrier(2, timeout=10), transitions.locked
    looked = threading.local()

    def found(namespace, key):
        pair = look(namespace, key)
        if not hasattr(looked, "once"):
            looked.once = True
            together.wait()
        return pair

    def write(text):
        try:
            return put(editor, "new", text).revision
        finally:
            connection.close()

    monkeypatch.setattr(transitions, "locked", found)
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(write, ("1", "2"))) == [1, 2]


def test_whoever_comes_second_to_a_new_key_changes_it_and_needs_the_right_to(monkeypatch):
    """The first one has made the pair while the second, who may only make pairs, was looking."""
    cast = make_cast()
    maker = make_person("maker@acme.test", tenants=[ACME])
    with tenant_scope(ACME):
        role = Role.objects.create(name="maker", permissions={"KVSTORE": ["CREATE", "VIEW"]})
        Binding.objects.create(role=role, user=maker.user)
        versions.move_tenant(ACME)
    look, seen = transitions.locked, []

    def made_meanwhile(namespace, key):
        pair = look(namespace, key)
        if not seen:
            seen.append(pair)
            with ThreadPoolExecutor(1) as pool:
                pool.submit(in_its_own_connection, lambda: put(cast.olga.context(ACME), "new", "1")).result()
        return pair

    monkeypatch.setattr(transitions, "locked", made_meanwhile)
    with pytest.raises(Forbidden):
        put(maker.context(ACME), "new", "2")
    assert seen == [None]
    with tenant_scope(ACME):
        assert get_entry("company.team", "new").value == 1


def in_its_own_connection(write):
    try:
        return write()
    finally:
        connection.close()


def test_what_is_there_is_not_overwritten_where_that_was_not_wished(editor):
    said = r"^Cannot set value for key 'a'. Key already exists and `overwrite` is set to `false`\.$"
    put(editor, "a", "1")
    with pytest.raises(Conflict, match=said):
        put(editor, "a", "2", overwrite=False)
    with pytest.raises(Conflict, match=said):
        ask("kv", "put", key="a", value=2, overwrite=False)
    assert ask("kv", "find", key="a")["value"] == 1


def test_an_expired_pair_is_gone_and_one_that_never_was_is_not_found(editor):
    put(editor, "a", "1", ttl=timedelta(seconds=-1))
    with tenant_scope("acme"):
        with pytest.raises(Gone, match=r"^The requested value has expired$"):
            get_entry("company.team", "a")
        with pytest.raises(NotFound):
            get_entry("company.team", "b")
    assert ask("kv", "find", key="a") is None


def test_deleting_tells_what_was_there(editor):
    put(editor, "a", "1")
    put(editor, "old", "1", ttl=timedelta(seconds=-1))
    assert delete_pairs(editor, namespace="company.team", keys=["a", "a", "old", "never"]) == ["a"]


def test_the_audit_trail_learns_of_a_change_but_not_of_the_value(editor):
    put(editor, "a", '"hunter2"')
    with tenant_scope("acme"):
        body = AuditEntry.objects.get().body
    assert "hunter2" not in body and "valueFingerprint" in body


def test_a_job_sees_what_its_parents_set_nearest_first(editor):
    put(editor, "a", '"top"', namespace="company")
    assert ask("kv", "find", key="a")["value"] == "top"
    put(editor, "a", '"own"')
    assert ask("kv", "find", key="a") == {"value": "own", "type": "STRING"}


@pytest.mark.parametrize("namespace", ["other", "company.teams", "company.team2"])
def test_a_job_reaches_no_namespace_beside_its_own(namespace):
    with pytest.raises(Forbidden):
        ask("kv", "find", key="a", namespace=namespace)


def test_a_job_may_be_kept_from_overwriting():
    ask("kv", "put", key="a", value=1)
    with pytest.raises(Conflict):
        ask("kv", "put", key="a", value=2, overwrite=False)
    assert ask("kv", "keys", prefix="a") == ["a"]
    assert ask("kv", "delete", key="a") is True


@pytest.mark.parametrize(
    ("criteria", "left"),
    [
        ({}, ["a", "ab", "b"]),
        ({"expired_only": False}, []),
        ({"expired_only": False, "key_pattern": "a*"}, ["b", "old"]),
        ({"key_pattern": "A*"}, ["a", "ab", "b", "old"]),
    ],
)
def test_a_job_purges_what_has_expired_or_matches(editor, criteria, left):
    put(editor, "old", "1", ttl=timedelta(seconds=-1))
    for key in ("a", "ab", "b"):
        put(editor, key, "1")
    put(editor, "below", "1", namespace="company.team.sub", ttl=timedelta(seconds=-1))
    asked = {"namespace": None, "key_pattern": None, "expired_only": True, "children": False, **criteria}
    with tenant_scope("acme"):
        before = KvEntry.objects.count()
        gone = ask("kv", "purge", **asked)
        assert sorted(KvEntry.objects.filter(namespace="company.team").values_list("key", flat=True)) == left
        assert KvEntry.objects.count() == before - gone
        assert ask("kv", "purge", **{**asked, "key_pattern": "below", "children": True}) == 1


def test_a_state_is_kept_per_flow_unless_it_is_the_namespaces():
    ask("state", "write", name="s", data={"n": 1}, namespace_wide=False, value=None)
    assert ask("state", "read", name="s", namespace_wide=False, value=None) == {"n": 1}
    assert ask("state", "read", name="s", namespace_wide=True, value=None) is None
    assert ask("state", "delete", name="s", namespace_wide=False, value=None) is True


def test_what_no_store_serves_is_named():
    with pytest.raises(Exception, match=r"no store serves `kv\.drop`"):
        ask("kv", "drop")
    with pytest.raises(Exception, match="other arguments"):
        ask("kv", "find", colour="red")
