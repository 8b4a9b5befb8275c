"""Contents in the storage that no file of a namespace has: what a crash has left behind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from plugins.storage.port import StoredObject
from stores.models import NamespaceFileRevision
from stores.storage.keys import namespace_content


@dataclass(frozen=True, slots=True)
class StoredContent:
    """One content: where it lies, of which namespace, and what a revision would call it."""

    key: str
    namespace: str
    blob: str
    changed: datetime
    size: int


def contents(stored: Iterable[StoredObject], after: str | None = None) -> Iterator[StoredContent]:
    """Those among stored objects, which come in the order of their keys, after a key."""
    for each in stored:
        place = namespace_content(each.key)
        if place is not None and (after is None or each.key > after):
            yield StoredContent(each.key, *place, each.modified, each.size)


def without_file(found: Iterable[StoredContent]) -> list[StoredContent]:
    """Those that no revision of a file has; inside the tenant's scope."""
    looked_at = list(found)
    blobs = [each.blob for each in looked_at]
    owned = set(NamespaceFileRevision.objects.filter(blob__in=blobs).values_list("blob", flat=True))
    return [each for each in looked_at if each.blob not in owned]
