"""Carrying the files of a tenant, or of a namespace, over to the place that its settings name now.

Reads find a file in either place meanwhile, and writes go to the new one, so nothing has to stop. What was carried is
deleted where it was; whoever begins again goes on with what is left.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from control_plane.kernel.actor import SYSTEM, Context
from control_plane.kernel.config import config
from control_plane.kernel.egress import policy_of
from control_plane.kernel.words.errors import Conflict, NotFound, Unavailable
from control_plane.kernel.words.ids import new_id
from plugins.storage.port import AlreadyThere, ObjectMissing, ObjectStorage, StoredObject
from plugins.storage.settings import storage_settings
from stores.storage import choice
from stores.storage.choice import Layout, forget_layouts, layout_of
from stores.storage.keys import namespace_at, namespace_prefix, tenant_prefix
from tenants.queries import exists_tenant
from tenants.services.storage_places import (
    choose_namespace_storage,
    choose_tenant_storage,
    forget_former_namespace_storage,
    forget_former_tenant_storage,
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many files, and bytes, are carried over, of how many that were there when it began."""

    files: int = 0
    size: int = 0
    all_files: int = 0
    all_size: int = 0

    def with_one(self, size: int) -> Progress:
        return replace(self, files=self.files + 1, size=self.size + size)


Tell = Callable[[Progress], None]


@dataclass(frozen=True)
class Scope:
    """Whose files: of a tenant, save those of namespaces with places of their own, or of one such namespace."""

    tenant: str
    namespace: str = ""

    @property
    def prefix(self) -> str:
        return namespace_prefix(self.tenant, self.namespace) if self.namespace else tenant_prefix(self.tenant)


def choose(scope: Scope, said: Mapping[str, Any]) -> None:
    """Let files be written there from now on. What cannot be reached is not chosen."""
    _require(scope)
    if said.get("type"):
        probe(str(said["type"]), said.get("configuration") or {})
    if scope.namespace:
        ctx = Context(SYSTEM, tenant_id=scope.tenant)
        choose_namespace_storage(ctx, name=scope.namespace, said=said)
    else:
        choose_tenant_storage(Context(SYSTEM), tenant_id=scope.tenant, said=said)
    forget_layouts()


def probe(kind: str, configuration: Mapping[str, Any]) -> None:
    """Write, read and delete something of no meaning. Raises what the storage says."""
    opened = storage_settings(kind, configuration).open(policy_of(config()))
    with closing(opened):
        key = f"probe/{new_id()}"
        opened.put(key, io.BytesIO(b"probe"))
        try:
            with opened.open(key) as stream:
                if stream.read() != b"probe":
                    raise Unavailable("the storage gave something else than what was put")
        finally:
            opened.delete(key)


def waiting(scope: Scope) -> Progress:
    """What is still to be carried over."""
    _require(scope)
    files = size = 0
    for _, found in _left(scope):
        files, size = files + 1, size + found.size
    return Progress(all_files=files, all_size=size)


def present(scope: Scope) -> Progress:
    """What is there, wherever it lies: all of it would be carried over to a new place."""
    _require(scope)
    layout, files, size = layout_of(scope.tenant), 0, 0
    for source in layout.of(scope.namespace):
        for found in _of_scope(layout, scope, source):
            files, size = files + 1, size + found.size
    return Progress(all_files=files, all_size=size)


def move(scope: Scope, tell: Tell = lambda progress: None) -> Progress:
    """Carry everything over, then forget where it was. Safe to break off, and to begin again; safe if two do it.

    Servers that have not heard of the change yet go on writing to the old place for some seconds, so the last look
    begins after those.
    """
    began = time.monotonic()
    progress = waiting(scope)
    tell(progress)
    while True:
        is_last = time.monotonic() - began > choice.KNOWN_SECONDS
        before = progress.files
        for source, found in _left(scope):
            _carry(layout_of(scope.tenant).of(scope.namespace)[0], source, found)
            progress = progress.with_one(found.size)
            tell(progress)
        if progress.files > before:
            continue
        if is_last:
            break
        time.sleep(max(0.0, choice.KNOWN_SECONDS - (time.monotonic() - began)) + 0.01)
    _forget(scope, progress.files)
    return progress


def _left(scope: Scope) -> Iterator[tuple[ObjectStorage, StoredObject]]:
    """What lies in a former place of the scope. Conflict while a namespace in it is being moved by itself: it may
    still look for files where this one had them."""
    forget_layouts()
    layout = layout_of(scope.tenant)
    for name, places in layout.places.items():
        is_inside = name != scope.namespace and (not scope.namespace or name.startswith(f"{scope.namespace}."))
        if is_inside and len(places) > 1:
            raise Conflict(f"the files of namespace {name} are being moved: finish that first")
    for source in layout.places.get(scope.namespace, ())[1:]:
        for found in _of_scope(layout, scope, source):
            yield source, found


def _of_scope(layout: Layout, scope: Scope, source: ObjectStorage) -> Iterator[StoredObject]:
    """But for what belongs to a namespace that has said something else."""
    owner = layout.owner(scope.namespace)
    for found in source.list(scope.prefix):
        if layout.owner(namespace_at(found.key.partition("/")[2])) == owner:
            yield found


def _carry(target: ObjectStorage, source: ObjectStorage, found: StoredObject) -> None:
    """A file that was written anew meanwhile stays as it is now; one that was deleted meanwhile is not brought back."""
    try:
        with source.open(found.key) as stream:
            size = target.put(found.key, stream, only_new=True)
    except ObjectMissing:
        return
    except AlreadyThere:
        source.delete(found.key)
        return
    kept = target.stat(found.key)
    if kept is not None and kept.size != size:
        raise Conflict(f"`{found.key}` was put whole, and is {kept.size} bytes long instead of {size}")
    if not source.delete(found.key):
        target.delete(found.key)


def _forget(scope: Scope, files: int) -> None:
    if scope.namespace:
        ctx = Context(SYSTEM, tenant_id=scope.tenant)
        forget_former_namespace_storage(ctx, name=scope.namespace, files=files)
    else:
        forget_former_tenant_storage(Context(SYSTEM), tenant_id=scope.tenant, files=files)
    forget_layouts()


def _require(scope: Scope) -> None:
    if not exists_tenant(scope.tenant):
        raise NotFound(f"there is no tenant {scope.tenant}")
