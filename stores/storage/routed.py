"""One storage for all files of the instance: each key leads to the place of its tenant and namespace."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import BinaryIO

from plugins.storage.port import ObjectMissing, ObjectStorage, StoredObject
from stores.storage.choice import instance_storage, layout_of
from stores.storage.keys import is_tenant, namespace_at


class RoutedStorage:
    """A file is written where it belongs now, and read there or else where it was before; it is deleted in both."""

    def put(self, key: str, source: BinaryIO, *, only_new: bool = False) -> int:
        return _places_of(key)[0].put(key, source, only_new=only_new)

    def open(self, key: str, start: int = 0, length: int | None = None) -> BinaryIO:
        *others, last = _places_of(key)
        for each in others:
            try:
                return each.open(key, start, length)
            except ObjectMissing:
                continue
        return last.open(key, start, length)

    def stat(self, key: str) -> StoredObject | None:
        return next((found for each in _places_of(key) if (found := each.stat(key)) is not None), None)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        for _, found in self.located(prefix):
            yield found

    def located(self, prefix: str) -> Iterator[tuple[ObjectStorage, StoredObject]]:
        """What `list` gives, each with the place in which it lies."""
        storages = _places_below(prefix)
        if len(storages) == 1:
            for found in storages[0].list(prefix):
                yield storages[0], found
            return
        merged = heapq.merge(*(_numbered(number, each, prefix) for number, each in enumerate(storages)))
        for key, group in groupby(merged, key=lambda each: each[0]):
            there = {number: found for _, number, found in group}
            for place in _places_of(key):
                number = storages.index(place)
                if number in there:
                    yield place, there[number]
                    break

    def delete(self, key: str) -> bool:
        gone = [each.delete(key) for each in _places_of(key)]
        return any(gone)

    def delete_prefix(self, prefix: str) -> int:
        storages = _places_below(prefix)
        if len(storages) == 1:
            return storages[0].delete_prefix(prefix)
        return sum(self.delete(found.key) for found in self.list(prefix))

    def copy(self, source: str, target: str) -> None:
        now = _places_of(target)[0]
        for each in _places_of(source):
            if each == now:
                try:
                    return now.copy(source, target)
                except ObjectMissing:
                    continue
            if each.stat(source) is not None:
                with each.open(source) as stream:
                    now.put(target, stream)
                return
        raise ObjectMissing

    def close(self) -> None:
        """The places stay open: others read and write there."""


def everything_of(tenant: str) -> list[ObjectStorage]:
    """All places in which files of a tenant may lie, as long as it is there."""
    return list(_places_below(f"{tenant}/"))


def _numbered(number: int, storage: ObjectStorage, prefix: str) -> Iterator[tuple[str, int, StoredObject]]:
    for found in storage.list(prefix):
        yield found.key, number, found


def _places_of(key: str) -> Sequence[ObjectStorage]:
    """The place of a key, then those where it may still lie."""
    tenant, _, rest = key.partition("/")
    if not is_tenant(tenant):
        return (instance_storage(),)
    layout = layout_of(tenant)
    return layout.places[""] if len(layout.places) == 1 else layout.of(namespace_at(rest))


def _places_below(prefix: str) -> Sequence[ObjectStorage]:
    """All places in which a key may lie that begins so."""
    tenant, slash, rest = prefix.partition("/")
    if not slash or not is_tenant(tenant):
        return (instance_storage(),)
    layout = layout_of(tenant)
    if len(layout.places) == 1:
        return layout.places[""]
    found: list[ObjectStorage] = []
    for name, places in layout.places.items():
        folder = f"{name.replace('.', '/')}/" if name else ""
        if rest.startswith(folder) or folder.startswith(rest):
            found += places
    return list(dict.fromkeys(found))
