"""Files of tenants and namespaces lie where these say, and are found where they were before."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from audit.models import AuditEntry
from control_plane.kernel.config import override
from control_plane.kernel.scope import instance_scope, tenant_scope
from control_plane.kernel.words.errors import Conflict, Invalid
from plugins.storage.local import LocalStorage
from plugins.storage.over_http import StorageRefused
from plugins.storage.port import ObjectMissing
from stores.background.rotation import rotate_key
from stores.storage.choice import forget_layouts, instance_storage, layout_of
from stores.storage.keys import execution_prefix, namespace_at, namespace_files_prefix
from stores.storage.place import storage
from tenants.models import Tenant
from tenants.services.namespaces import create_namespace, delete_namespace, update_namespace
from tenants.services.tenants import update_tenant
from tests.cast import ACME, GLOBEX, Cast
from tests.stores.storage.conftest import Bucket

pytestmark = pytest.mark.django_db
RUN = "a" * 22


def put(key: str, content: bytes = b"x") -> None:
    storage().put(key, io.BytesIO(content))


def read(key: str) -> bytes:
    with storage().open(key) as stream:
        return stream.read()


def key_of(tenant: str, namespace: str, name: str = "f") -> str:
    return execution_prefix(tenant, namespace, "flow", RUN) + name


def say(cast: Cast, said: dict[str, Any], namespace: str = "", tenant: str = ACME) -> None:
    if not namespace:
        update_tenant(cast.root.context(), tenant_id=tenant, name=tenant, settings=said)
        return
    ctx = cast.olga.context(tenant)
    create_namespace(ctx, name=namespace, variables={}, settings=said)


def lies_in(key: str) -> list[bool]:
    """For each place of the key, whether it is there."""
    tenant, _, rest = key.partition("/")
    return [each.stat(key) is not None for each in layout_of(tenant).of(namespace_at(rest))]


def test_without_a_word_everything_lies_in_the_storage_of_the_instance(cast: Cast):
    put(key_of(ACME, "prod"))
    assert instance_storage().stat(key_of(ACME, "prod")) is not None
    assert isinstance(instance_storage(), LocalStorage)


def test_files_of_a_tenant_lie_in_its_own_bucket_alone(cast: Cast, bucket: Bucket):
    say(cast, bucket())
    for tenant in (ACME, GLOBEX):
        put(key_of(tenant, "prod"))
    assert instance_storage().stat(key_of(ACME, "prod")) is None
    assert instance_storage().stat(key_of(GLOBEX, "prod")) is not None
    assert lies_in(key_of(ACME, "prod"))[0] and read(key_of(ACME, "prod")) == b"x"


def test_the_nearest_namespace_that_says_something_decides(cast: Cast, bucket: Bucket):
    say(cast, bucket())
    say(cast, bucket(), "prod.eng")
    for namespace in ("prod", "prod.eng", "prod.eng.deep", "prod.engine"):
        put(key_of(ACME, namespace))
        put(namespace_files_prefix(ACME, namespace) + "blob")
    layout = layout_of(ACME)
    own, of_tenant = layout.of("prod.eng")[0], layout.of("prod")[0]
    found = {place: {each.key for each in place.list(f"{ACME}/")} for place in (own, of_tenant)}
    for namespace in ("prod.eng", "prod.eng.deep"):
        assert key_of(ACME, namespace) in found[own] and key_of(ACME, namespace) not in found[of_tenant]
    for namespace in ("prod", "prod.engine"):
        assert key_of(ACME, namespace) in found[of_tenant] and key_of(ACME, namespace) not in found[own]
    assert len(found[own]) == len(found[of_tenant]) == 4


def test_a_list_joins_all_places_in_order(cast: Cast, bucket: Bucket):
    say(cast, bucket())
    say(cast, bucket(), "b")
    keys = sorted(key_of(ACME, namespace) for namespace in ("a", "b", "b.c", "d"))
    for key in keys:
        put(key)
    assert [each.key for each in storage().list(f"{ACME}/")] == keys
    assert [each.key for each in storage().list(f"{ACME}/b/")] == keys[1:3]
    assert storage().delete_prefix(f"{ACME}/") == 4
    assert list(storage().list(f"{ACME}/")) == []


def test_what_was_written_before_is_read_copied_and_deleted_where_it_is(cast: Cast, bucket: Bucket):
    old, other = key_of(ACME, "prod"), key_of(ACME, "prod", "copy")
    put(old, b"old")
    say(cast, bucket())
    assert lies_in(old) == [False, True]
    found = storage().stat(old)
    assert read(old) == b"old" and found is not None and found.size == 3
    assert [each.key for each in storage().list(f"{ACME}/")] == [old]
    storage().copy(old, other)
    assert lies_in(other) == [True, False]
    put(old, b"newer")
    assert (
        read(old) == b"newer" and [each.size for each in storage().list(old.rpartition("/")[0] + "/")] == [5, 3][::-1]
    )
    assert storage().delete(old) is True
    assert lies_in(old) == [False, False] and storage().delete(old) is False
    with pytest.raises(ObjectMissing):
        storage().open(old)


def test_two_changes_are_both_remembered_and_shown_to_nobody(cast: Cast, bucket: Bucket):
    first, second = bucket(), bucket()
    put(key_of(ACME, "prod", "1"))
    say(cast, first)
    put(key_of(ACME, "prod", "2"))
    say(cast, second)
    put(key_of(ACME, "prod", "3"))
    assert len(layout_of(ACME).places[""]) == 3
    assert [each.key[-1] for each in storage().list(f"{ACME}/")] == ["1", "2", "3"]
    shown = cast.root.client.get(f"/api/v1/tenants/{ACME}").json()
    assert "storageBefore" not in shown and shown["storageConfiguration"]["secretKey"] == "******"
    with instance_scope():
        assert not any("key-that-nobody-sees" in entry.body for entry in AuditEntry.objects.all())
        assert "key-that-nobody-sees" not in json.dumps(Tenant.objects.get(id=ACME).settings)


def test_another_key_for_the_same_bucket_is_no_other_place(cast: Cast, bucket: Bucket):
    said = bucket()
    say(cast, said)
    places = layout_of(ACME).places[""]
    again = {**said["storageConfiguration"], "accessKey": "another", "secretKey": "******"}
    say(cast, {**said, "storageConfiguration": again})
    assert len(layout_of(ACME).places[""]) == len(places)


def test_a_key_that_is_not_sent_again_goes_nowhere_else(cast: Cast, bucket: Bucket):
    said = bucket()
    say(cast, said)
    elsewhere = {**said["storageConfiguration"], "endpoint": "https://evil.test", "secretKey": "******"}
    with pytest.raises(Invalid, match="must be given again"):
        say(cast, {**said, "storageConfiguration": elsewhere})


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a folder of ours": ({"storageType": "local", "storageConfiguration": {"path": "/etc"}}, "storageType"),
    "nobody's": ({"storageType": "floppy"}, "storageType"),
    "no type": ({"storageConfiguration": {"bucket": "b"}}, "storageType"),
    "no bucket": ({"storageType": "s3"}, "storageConfiguration.bucket"),
    "no address": (
        {"storageType": "s3", "storageConfiguration": {"bucket": "b", "endpoint": "file:///etc"}},
        "storageConfiguration.endpoint",
    ),
    "no account": ({"storageType": "azure", "storageConfiguration": {"container": "c"}}, "storageConfiguration"),
    "an unknown property": (
        {"storageType": "gcs", "storageConfiguration": {"bucket": "b", "bukket": "c"}},
        "storageConfiguration.bukket",
    ),
}


@pytest.mark.parametrize("name", list(WRONG))
def test_what_is_wrong_is_named(cast: Cast, name: str):
    said, path = WRONG[name]
    with pytest.raises(Invalid) as refused:
        say(cast, said)
    assert refused.value.violations[0].path == path


def test_it_is_said_over_the_api_as_the_documentation_writes_it(cast: Cast, bucket: Bucket):
    said = bucket()
    body = {"id": ACME, "name": "Acme", **said}
    answer = cast.root.client.put(f"/api/v1/tenants/{ACME}", json.dumps(body), content_type="application/json")
    assert answer.status_code == 200, answer.content
    put(key_of(ACME, "prod"))
    assert lies_in(key_of(ACME, "prod"))[0]


def test_a_namespace_whose_files_lie_elsewhere_is_not_forgotten(cast: Cast, bucket: Bucket):
    say(cast, bucket(), "prod")
    ctx = cast.olga.context(ACME)
    with pytest.raises(Conflict, match="orrery storage move"):
        delete_namespace(ctx, name="prod")
    update_namespace(ctx, name="prod", description="", variables={}, settings={})
    with pytest.raises(Conflict):
        delete_namespace(ctx, name="prod")


def test_an_inner_address_is_reached_only_where_tasks_may_go(cast: Cast, bucket: Bucket):
    """A namespace may not have the control plane ask what its flows may not."""
    say(cast, bucket(), "prod")
    with override(egress={"allow_private": False, "allow_self": False}), pytest.raises(StorageRefused, match="private"):
        put(key_of(ACME, "prod"))
    put(key_of(ACME, "other"))


def test_a_sleeping_bucket_costs_its_own_tenant_alone(cast: Cast):
    gone = {"storageType": "s3", "storageConfiguration": {"bucket": "b", "endpoint": "http://127.0.0.1:1"}}
    gone["storageConfiguration"] |= {"accessKey": "a", "secretKey": "b", "timeoutSeconds": 0.2}  # type: ignore[operator]  # both are maps
    say(cast, gone)
    layout_of(ACME).places[""][0]._client._pause = lambda seconds: None  # type: ignore[attr-defined]  # no waiting
    answer = cast.olga.client.get(f"/api/v1/{ACME}/namespaces/prod/files/stats?path=/none")
    assert answer.status_code == 404, "what is in the database needs no bucket"
    put(key_of(GLOBEX, "prod"))
    with tenant_scope(GLOBEX):
        assert read(key_of(GLOBEX, "prod")) == b"x"


def test_every_place_opens_under_a_new_key_of_the_instance(cast: Cast, bucket: Bucket):
    """The present ones and the former ones."""
    say(cast, bucket())
    put(key_of(ACME, "prod"))
    say(cast, bucket())
    say(cast, bucket(), "prod")
    keys = {"encryption_key": "another encryption key for tests, longer than thirty two"}
    with override(**keys, previous_encryption_keys=("an encryption key for tests alone",)):
        assert rotate_key(lambda line: None).left == 0
    with override(**keys, previous_encryption_keys=()):
        forget_layouts()
        assert read(key_of(ACME, "prod")) == b"x"
        assert lies_in(key_of(ACME, "prod")) == [False, False, True, False]


@pytest.mark.parametrize(
    ("key", "namespace"),
    [
        (key_of(ACME, "a.b.c"), "a.b.c"),
        (key_of(ACME, "a.executions.c"), "a.executions.c"),
        (key_of(ACME, "a", "executions/x/y"), "a"),
        (namespace_files_prefix(ACME, "a.b") + "blob", "a.b"),
        (namespace_files_prefix(ACME, "a.b") + "flow/executions/x", "a.b"),
    ],
)
def test_a_key_tells_its_namespace(key: str, namespace: str):
    assert namespace_at(key.partition("/")[2]) == namespace
