"""Objects that come to a bucket start executions, each once, over the API of S3 as moto speaks it."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from typing import Any

import pytest

from control_plane.kernel.words.egress import EgressPolicy
from flows.model.parse import parse_flow, parse_trigger
from plugins.contracts import PluginError
from plugins.storage.s3 import S3Storage
from plugins.triggers.s3_trigger import S3Trigger
from tests.plugins.storage.peers import moto  # noqa: F401  # a fixture
from tests.plugins.tasks.memory import MemoryContext
from workers.runtime.services import Way

TYPE = "io.kestra.plugin.aws.s3.Trigger"


@pytest.fixture
def bucket(moto: str) -> Iterator[S3Storage]:  # noqa: F811
    made = S3Storage(
        f"inbox-{os.urandom(6).hex()}",
        endpoint=moto,
        region="us-east-1",
        access_key="t",
        secret_key="t",
        path_style=True,
    )
    made._client.ask("PUT", f"{moto}/{made.bucket}")
    yield made
    made.close()


def put(bucket: S3Storage, *keys: str) -> None:
    for key in keys:
        bucket.put(key, io.BytesIO(f"content of {key}".encode()))


def look(ctx: MemoryContext, bucket: S3Storage, **more: Any) -> list[str]:
    """The keys of the objects that a look starts with."""
    place = {"bucket": bucket.bucket, "endpointOverride": bucket.endpoint, "forcePathStyle": True}
    keys = {"accessKeyId": "t", "secretKeyId": "t"}
    trigger = parse_trigger({"id": "inbox", "type": TYPE, **place, **keys, **more})
    assert isinstance(trigger, S3Trigger)
    before = len(ctx.starts.begun)
    assert trigger.evaluate(ctx) is None
    return sorted(each["key"] for begun in ctx.starts.begun[before:] for each in begun["objects"])


def test_each_object_starts_once_and_the_execution_finds_its_content(ctx: MemoryContext, bucket: S3Storage) -> None:
    assert look(ctx, bucket) == []
    put(bucket, "in/a.csv", "in/b.csv", "other.txt")
    assert look(ctx, bucket, prefix="in/") == ["in/a.csv", "in/b.csv"]
    (object_, _) = sorted(ctx.starts.begun[0]["objects"], key=lambda each: str(each["key"]))
    assert ctx.text(object_["uri"]) == "content of in/a.csv"
    assert object_["size"] == len("content of in/a.csv")
    assert look(ctx, bucket, prefix="in/") == []
    bucket.put("in/a.csv", io.BytesIO(b"changed"))
    assert look(ctx, bucket, prefix="in/") == ["in/a.csv"]


def test_only_objects_that_fit_and_only_so_many_at_once(ctx: MemoryContext, bucket: S3Storage) -> None:
    put(bucket, "a.csv", "b.csv", "c.txt")
    assert len(look(ctx, bucket, regexp=r".*\.csv", maxKeys=1)) == 1
    assert len(look(ctx, bucket, regexp=r".*\.csv", maxKeys=1)) == 1
    assert look(ctx, bucket, regexp=r".*\.csv", maxKeys=1) == []


def test_objects_are_moved_or_deleted_once_their_execution_is_certain(ctx: MemoryContext, bucket: S3Storage) -> None:
    put(bucket, "in/a")
    ctx.starts.refuses = True
    with pytest.raises(PluginError, match="nothing begins"):
        look(ctx, bucket, prefix="in/", action="DELETE")
    assert [each.key for each in bucket.list("")] == ["in/a"]
    ctx.starts.refuses = False
    assert look(ctx, bucket, prefix="in/", action="MOVE", moveTo={"key": "done"}) == ["in/a"]
    assert [each.key for each in bucket.list("")] == ["done/a"]
    put(bucket, "in/b")
    assert look(ctx, bucket, prefix="in/", action="DELETE") == ["in/b"]
    assert [each.key for each in bucket.list("in/")] == []


def test_a_bucket_that_is_not_there_and_a_server_that_may_not_be_reached_are_told(
    ctx: MemoryContext, bucket: S3Storage
) -> None:
    other = S3Storage("nothing-like-it", endpoint=bucket.endpoint)
    with pytest.raises(PluginError, match=r"404|NoSuchBucket|not"):
        look(ctx, other)
    ctx.services["http"] = Way(EgressPolicy())
    with pytest.raises(PluginError, match="private"):
        look(ctx, bucket)


def test_the_credentials_of_the_machine_are_never_used(ctx: MemoryContext, bucket: S3Storage) -> None:
    with pytest.raises(PluginError, match="are needed"):
        look(ctx, bucket, accessKeyId="{{ '' }}")
    document = f"id: f\nnamespace: a.b\ntasks: [{{id: a, type: io.kestra.plugin.core.debug.Return, format: x}}]\ntriggers: [{{id: t, type: {TYPE}, bucket: b}}]"
    with pytest.raises(Exception, match="accessKeyId"):
        parse_flow(document)
