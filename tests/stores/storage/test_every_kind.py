"""A tenant moves from the storage of the instance to each kind there is, on a server of that kind, and back."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from stores.storage.choice import instance_storage, layout_of
from stores.storage.moving import Scope, choose, move
from stores.storage.place import storage
from tests.cast import ACME, Cast
from tests.plugins.storage.peers import azurite, fake_gcs, versitygw  # noqa: F401  # fixtures
from tests.plugins.storage.test_object_storage import DEVELOPERS, DEVELOPERS_KEY, azure, gcs, s3
from tests.stores.storage.test_routed import key_of, put, read

pytestmark = pytest.mark.django_db
Said = dict[str, Any]


def of_s3(url: str) -> Said:
    made = s3(url, "testtest")
    made.close()
    keys = {"accessKeyId": "test", "secretAccessKey": "testtest", "forcePathStyle": True}
    return {"type": "s3", "configuration": {"bucket": made.bucket, "endpoint": url, "region": "us-east-1", **keys}}


def of_minio(url: str) -> Said:
    made = s3(url, "testtest")
    made.close()
    host, _, port = url.removeprefix("http://").partition(":")
    keys = {"accessKey": "test", "secretKey": "testtest", "region": "us-east-1", "partSize": "5MB"}
    return {
        "type": "minio",
        "configuration": {"bucket": made.bucket, "endpoint": host, "port": int(port), "secure": False, **keys},
    }


def of_gcs(url: str) -> Said:
    made = gcs(url)
    made.close()
    return {"type": "gcs", "configuration": {"bucket": made.bucket, "endpoint": url, "projectId": "p", "prefix": "a/b"}}


def of_azure(url: str) -> Said:
    made = azure(url)
    made.close()
    text = f"AccountName={DEVELOPERS};AccountKey={DEVELOPERS_KEY};BlobEndpoint={url}/{DEVELOPERS};"
    return {"type": "azure", "configuration": {"container": made.container, "connectionString": text}}


KINDS: dict[str, tuple[str, Callable[[str], Said]]] = {
    "s3": ("versitygw", of_s3),
    "minio": ("versitygw", of_minio),
    "gcs": ("fake_gcs", of_gcs),
    "azure": ("azurite", of_azure),
}


@pytest.mark.parametrize(
    "kind", [name if name == "gcs" else pytest.param(name, marks=pytest.mark.nightly) for name in KINDS]
)
def test_a_tenant_moves_there_and_back(cast: Cast, request: pytest.FixtureRequest, kind: str):
    server, said = KINDS[kind]
    files = {key_of(ACME, "prod", f"Größe {number}/日本.csv"): os.urandom(number << 20) for number in (0, 1, 17)}
    for key, content in files.items():
        put(key, content)
    choose(Scope(ACME), said(request.getfixturevalue(server)))
    assert move(Scope(ACME)).files == len(files)
    assert [each.key for each in instance_storage().list(f"{ACME}/")] == []
    assert {key: read(key) for key in files} == files
    there = layout_of(ACME).places[""][0]
    assert [each.key for each in there.list(f"{ACME}/")] == sorted(files)
    choose(Scope(ACME), {})
    assert move(Scope(ACME)).files == len(files)
    assert {key: read(key) for key in files} == files and list(there.list("")) == []
    assert [each.key for each in storage().list(f"{ACME}/")] == sorted(files)
    there.close()
