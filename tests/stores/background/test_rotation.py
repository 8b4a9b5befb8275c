"""A new key of the instance: everything is wrapped anew while both keys open, and afterwards the old one is not needed."""

from __future__ import annotations

import json

import pytest
from django.db import connection

from audit.models import AuditEntry, AuditKey
from control_plane.kernel.config import config, override
from control_plane.kernel.crypto import CannotDecrypt, earlier_key_ids, encrypt
from control_plane.kernel.scope import instance_scope, tenant_scope
from executions.record.sealed_texts import opened, sealed
from stores.background import rotation
from stores.background.rotation import rotate_key
from stores.models import KvEntry, Secret, TenantKey
from stores.secrets import built_in, tenant_keys
from stores.secrets.choice import choice
from stores.secrets.reading import revealed
from stores.secrets.services import put_secret
from tenants.models import Namespace
from tenants.services.namespaces import create_namespace
from tests.cast import ACME, Cast, make_cast

pytestmark = pytest.mark.django_db
OLD = "an encryption key for tests alone"
NEW = "another encryption key for tests, longer than thirty two"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture(autouse=True)
def _no_key_is_known_from_before() -> None:
    tenant_keys._known.clear()


def rotated():
    return override(encryption_key=NEW, previous_encryption_keys=(OLD,))


def alone():
    tenant_keys._known.clear()
    return override(encryption_key=NEW, previous_encryption_keys=())


def put(cast: Cast, key: str, value: str) -> None:
    put_secret(cast.olga.context(ACME), namespace="prod", key=key, value=value)


def kept_before(cast: Cast) -> None:
    """A secret as it was set before tenants had keys."""
    with tenant_scope(ACME):
        row = Secret(namespace="prod", key="OLD", name="OLD")
        row._stamp()
        row.sealed = encrypt(b"from before", belongs_to=row.belonged_to)
        row.save()


def test_everything_opens_under_the_new_key_alone(cast: Cast) -> None:
    put(cast, "PW", "hunter2")
    kept_before(cast)
    vault = {"secretType": "vault", "secretConfiguration": {"address": "https://v", "token": {"token": "hvs.x"}}}
    create_namespace(cast.olga.context(ACME), name="dev", variables={}, settings=vault)
    with tenant_scope(ACME):
        cipher = json.dumps({"type": "encrypted", "value": encrypt(b"c", belongs_to=("cipher", ACME))})
        KvEntry.objects.create(namespace="prod", key="C", type="STRING", value=cipher)
    lines: list[str] = []
    with rotated():
        done = rotate_key(lines.append)
        assert (done.changed, done.left) == (4, 0)
        assert lines == ["acme: 4 values", "globex: 0 values"]
        assert rotate_key(lines.append).changed == 0
    with alone(), tenant_scope(ACME):
        assert revealed("prod", "PW") == "hunter2"
        assert revealed("prod", "OLD") == "from before"
        assert choice("dev").configuration()["token"] == {"token": "hvs.x"}
        assert Namespace.objects.get(name="dev").settings["secretConfiguration"]["address"] == "https://v"
    with tenant_scope(ACME):
        entries = AuditEntry.objects.filter(object_id__startswith="instance-key:")
        told = {each.object_id: json.loads(each.body)["detail"]["valuesWrappedAnew"] for each in entries}
    tables = ("tenant_key", "secret", "namespace", "kv_entry")
    assert told == {f"instance-key:{table}": 1 for table in tables}


def test_before_it_the_old_key_is_needed(cast: Cast) -> None:
    put(cast, "PW", "hunter2")
    with alone(), tenant_scope(ACME), pytest.raises(CannotDecrypt):
        revealed("prod", "PW")


def test_secrets_are_set_and_read_while_both_keys_hold(cast: Cast) -> None:
    put(cast, "BEFORE", "one")
    with rotated():
        put(cast, "MEANWHILE", "two")
        rotate_key(print)
        put(cast, "AFTER", "three")
        with tenant_scope(ACME):
            assert [revealed("prod", key) for key in ("BEFORE", "MEANWHILE", "AFTER")] == ["one", "two", "three"]


def test_one_that_was_stopped_goes_on_where_it_was(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with tenant_scope(ACME):
        for number in range(5):
            row = Secret(namespace="prod", key=f"K{number}")
            row._stamp()
            row.sealed = encrypt(f"v{number}".encode(), belongs_to=row.belonged_to)
            row.save()
    monkeypatch.setattr(rotation, "BATCH", 2)
    done, count = rotation._row_rotated, iter(range(100))

    def stops(*arguments):
        if next(count) == 3:
            raise KeyboardInterrupt
        return done(*arguments)

    with rotated():
        monkeypatch.setattr(rotation, "_row_rotated", stops)
        with pytest.raises(KeyboardInterrupt):
            rotate_key(print)
        monkeypatch.setattr(rotation, "_row_rotated", done)
        assert rotate_key(print).changed == 3
    with alone(), tenant_scope(ACME):
        assert [revealed("prod", f"K{number}") for number in range(5)] == [f"v{number}" for number in range(5)]


def test_what_opens_in_no_known_place_is_counted_and_stays(cast: Cast) -> None:
    with tenant_scope(ACME):
        stray = encrypt(b"x", belongs_to=("elsewhere",))
        KvEntry.objects.create(namespace="prod", key="STRAY", type="STRING", value=stray)
    with rotated():
        assert rotate_key(print).left == 1
        with tenant_scope(ACME):
            assert KvEntry.objects.get().value == stray


def test_another_key_signs_the_trail_from_then_on(cast: Cast) -> None:
    from audit.background.system import ensure_key

    ensure_key()
    with rotated():
        rotate_key(print)
        with instance_scope():
            old, new = AuditKey.objects.order_by("number")
            assert earlier_key_ids()[0] in old.sealed and earlier_key_ids()[0] not in new.sealed


def test_sealed_texts_of_executions_are_wrapped_anew(cast: Cast) -> None:
    from control_plane.kernel.sealed_rows import rewrapped

    with tenant_scope(ACME):
        outputs = {"a": sealed({"deep": ["it is hunter-two"]}, ["hunter-two"]), "plain": 1}
    with rotated():
        changed, count = rewrapped(outputs, [("text", ACME)], frozenset(earlier_key_ids()))
        assert (count, changed["plain"]) == (1, 1)
    with alone(), tenant_scope(ACME):
        assert opened(changed) == ({"a": {"deep": ["it is hunter-two"]}, "plain": 1}, ["hunter-two"])


def test_a_row_opens_only_where_and_when_it_belongs(cast: Cast) -> None:
    put(cast, "A", "first")
    with tenant_scope(ACME):
        first = Secret.objects.get().sealed
    put(cast, "A", "second")
    put(cast, "B", "other")
    with tenant_scope(ACME):
        a, b = Secret.objects.order_by("key")
        assert (built_in.opened(a), a.version) == ("second", b.version + 1)
        for row, foreign in ((a, first), (a, b.sealed), (b, a.sealed)):
            kept, row.sealed = row.sealed, foreign
            with pytest.raises(CannotDecrypt):
                built_in.opened(row)
            row.sealed = kept
        a.namespace = "dev"
        with pytest.raises(CannotDecrypt):
            built_in.opened(a)


def test_each_tenant_has_a_key_of_its_own_that_the_instances_key_wraps(cast: Cast) -> None:
    put(cast, "A", "v")
    put_secret(cast.otto.context("globex"), namespace="prod", key="A", value="v")
    for tenant in (ACME, "globex"):
        with tenant_scope(tenant):
            (key,) = TenantKey.objects.all()
            assert tenant_keys.tenant_key(f"tenant:{key.id}").key not in key.sealed.encode()
            assert json.loads(Secret.objects.get().sealed)["kid"] == f"tenant:{key.id}"
    with tenant_scope(ACME), pytest.raises(CannotDecrypt):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        tenant_keys.tenant_key("tenant:of-another-tenant")


def test_there_is_nothing_to_do_without_an_earlier_key(cast: Cast) -> None:
    assert config().previous_encryption_keys == ()
    assert rotate_key(print) == rotation.Rotated(0, 0)
