"""What executions keep in the internal storage: a folder for each, in the order of its keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from executions.models import Execution
from plugins.storage.port import StoredObject
from stores.storage.keys import execution_folder, namespace_at


@dataclass(slots=True)
class Folder:
    """The files of one execution: where they are, how many and how large, and when one of them was changed last."""

    prefix: str
    execution_id: str
    changed: datetime
    count: int = 1
    size: int = 0

    @property
    def namespace(self) -> str:
        return namespace_at(self.prefix.partition("/")[2])


def folders(stored: Iterable[StoredObject], after: str | None = None) -> Iterator[Folder]:
    """Those among stored objects, which come in the order of their keys, after a prefix."""
    current: Folder | None = None
    for each in stored:
        place = execution_folder(each.key)
        if place is None or (after is not None and place[0] <= after):
            continue
        if current is not None and current.prefix == place[0]:
            current.count += 1
            current.size += each.size
            current.changed = max(current.changed, each.modified)
            continue
        if current is not None:
            yield current
        current = Folder(place[0], place[1], each.modified, size=each.size)
    if current is not None:
        yield current


def without_execution(found: Iterable[Folder]) -> list[Folder]:
    """Those whose execution is no more; inside the tenant's scope."""
    looked_at = list(found)
    ids = [each.execution_id for each in looked_at]
    living = set(Execution.objects.filter(id__in=ids).values_list("id", flat=True))
    return [each for each in looked_at if each.execution_id not in living]
