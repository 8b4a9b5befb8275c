"""An execution when objects come to a bucket of S3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, ClassVar, Literal

import re2

from control_plane.kernel.words.clock import iso
from control_plane.kernel.words.errors import ControlPlaneError
from plugins.contracts import PluginError, Problem, Property, RunContext
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, listed
from plugins.contracts.pieces import Model
from plugins.contracts.services import Egress, Starts
from plugins.storage.port import StoredObject
from plugins.storage.s3 import S3Storage
from plugins.triggers.seen import MOST, RemembersSeen, check_number, fresh

Action = Literal["MOVE", "DELETE", "NONE"]


class MoveTo(Model):
    """Where objects are moved to."""

    bucket: Property[str] | None = None
    """The bucket; the same one when absent."""
    key: Property[str]
    """The folder."""


class S3Trigger(RemembersSeen):
    """Look into a bucket every `interval`, and start an execution with the objects that are new or have changed.

    Their contents are kept in the internal storage. Then the objects are moved, deleted or, with NONE, remembered as
    seen.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.aws.s3.Trigger"
    TITLE: ClassVar[str] = "Start when objects come to a bucket of S3"
    OUTPUTS: ClassVar[Outputs] = {
        "objects": listed(
            "The objects: `key`, `uri` in the internal storage, `size` and `lastModified`.", {"type": "object"}
        ),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: objects_come_in
namespace: company.team
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "{{ trigger.objects ?? [] }}"
triggers:
  - id: inbox
    type: io.kestra.plugin.aws.s3.Trigger
    interval: PT1M
    bucket: inbox
    prefix: orders/
    region: eu-west-1
    accessKeyId: "{{ secret('AWS_ACCESS_KEY_ID') }}"
    secretKeyId: "{{ secret('AWS_SECRET_KEY') }}"
    action: MOVE
    moveTo:
      key: done
""",
    )

    bucket: Property[str]
    """The bucket to look into."""
    prefix: Property[str] = default("")
    """Only objects whose key begins with this."""
    regexp: Property[str] | None = None
    """Only objects whose key fits this regular expression."""
    access_key_id: Property[str]
    """The access key. Those of the worker's machine are its operator's, and are never used."""
    secret_key_id: Property[str]
    """The secret of the access key."""
    region: Property[str] = default("us-east-1")
    """The region of the bucket."""
    endpoint_override: Property[str] | None = None
    """The address of a server that speaks as S3 does."""
    force_path_style: Property[bool] = default(False)
    """Address buckets as `endpoint/bucket`."""
    action: Property[Action] = default("NONE")
    """What becomes of an object once its execution is certain."""
    move_to: MoveTo | None = None
    """Where objects are moved to, with MOVE."""
    max_keys: Property[int] = default(1000)
    """How many objects one execution gets; the others come with the next look."""

    def problems(self) -> Iterator[Problem]:
        if self.action.source == "MOVE" and self.move_to is None:
            yield Problem("MOVE needs a place to move to", "moveTo")

    def evaluate(self, ctx: RunContext) -> Mapping[str, Any] | None:
        with self._opened(ctx, ctx.render(self.bucket)) as storage:
            there = {each.key: each for each in self._objects(ctx, storage)}
            known = self.known(ctx)
            versions = {key: f"{iso(each.modified)}:{each.size}" for key, each in there.items()}
            found = fresh(known, versions, self.on, max(1, ctx.render(self.max_keys)))
            if not found.names:
                if found.known != known:
                    self.remember(ctx, found.known)
                return None
            objects = [_kept(ctx, storage, there[key], number) for number, key in enumerate(found.names)]
            starts: Starts = ctx.service("starts")
            starts.begin(found=[{"objects": objects}], key=self.key(ctx), value=dict(found.known), ttl=self.ttl(ctx))
            self._put_away(ctx, storage, found.names)
        return None

    def _objects(self, ctx: RunContext, storage: S3Storage) -> list[StoredObject]:
        pattern = _compiled(ctx.render(self.regexp)) if self.regexp is not None else None
        listed_ = storage.list(ctx.render(self.prefix))
        fits = (each for each in listed_ if not each.key.endswith("/") and (not pattern or pattern.fullmatch(each.key)))
        found = list(islice(fits, MOST + 1))
        check_number(len(found))
        return sorted(found, key=lambda each: (each.modified, each.key))

    def _put_away(self, ctx: RunContext, storage: S3Storage, keys: Sequence[str]) -> None:
        action = ctx.render(self.action)
        if action == "MOVE" and self.move_to is not None:
            bucket = ctx.render(self.move_to.bucket) if self.move_to.bucket is not None else storage.bucket
            folder = ctx.render(self.move_to.key).rstrip("/")
            with self._opened(ctx, bucket) as target:
                for key in keys:
                    _copy(storage, target, key, f"{folder}/{key.rpartition('/')[2]}")
        if action in ("MOVE", "DELETE"):
            for key in keys:
                storage.delete(key)

    @contextmanager
    def _opened(self, ctx: RunContext, bucket: str) -> Iterator[S3Storage]:
        egress: Egress = ctx.service("http")
        storage = S3Storage(
            bucket=bucket,
            endpoint=ctx.render(self.endpoint_override) if self.endpoint_override is not None else None,
            region=ctx.render(self.region),
            access_key=ctx.render(self.access_key_id),
            secret_key=ctx.render(self.secret_key_id),
            path_style=ctx.render(self.force_path_style),
            policy=egress.policy,
        )
        if not storage.access_key or not storage.secret_key:
            raise PluginError("`accessKeyId` and `secretKeyId` are needed", retryable=False)
        try:
            yield storage
        except ControlPlaneError as error:
            raise PluginError(error.message, retryable=error.status >= 500) from error
        finally:
            storage.close()


def _copy(source: S3Storage, target: S3Storage, key: str, name: str) -> None:
    if source.bucket == target.bucket:
        source.copy(key, name)
        return
    with source.open(key) as content:
        target.put(name, content)


def _compiled(text: str) -> Any:
    try:
        return re2.compile(text)
    except re2.error as error:
        raise PluginError(f"`{text}` is no regular expression: {error}", retryable=False) from None


def _kept(ctx: RunContext, storage: S3Storage, found: StoredObject, number: int) -> dict[str, Any]:
    """Each under a folder of its own: two may have one name."""
    with storage.open(found.key) as content:
        uri = ctx.store(content, f"{number}/{found.key.rpartition('/')[2]}")
    return {"key": found.key, "uri": uri, "size": found.size, "lastModified": iso(found.modified)}
