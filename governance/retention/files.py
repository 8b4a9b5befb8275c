"""What lies in the internal storage and belongs to nobody, or to an execution whose files have grown old."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from executions.queries.expiring import expired_executions, roots_of
from executions.queries.stored_folders import Folder, folders, without_execution
from executions.record.files import forget_below
from governance.retention.deciding import Step
from governance.retention.rules import Kind
from stores.files.contents import forget
from stores.files.orphans import StoredContent, contents, without_file
from stores.storage.keys import namespace_content, namespace_prefix, tenant_prefix
from stores.storage.place import storage

Stored = Folder | StoredContent


@dataclass(frozen=True, slots=True)
class Doomed:
    """What of the stored is to go."""

    folders: Sequence[Folder]
    contents: Sequence[StoredContent]

    @property
    def count(self) -> int:
        return sum(each.count for each in self.folders) + len(self.contents)


def walk(tenant: str, namespace: str, after: str = "") -> Iterator[Stored]:
    """All folders and contents in a namespace and below, or in the tenant, in the order of their keys."""
    top = namespace_prefix(tenant, namespace) if namespace else tenant_prefix(tenant)
    stored = storage().list(top)
    for is_content, group in groupby(stored, key=lambda each: namespace_content(each.key) is not None):
        read = contents if is_content else folders
        yield from read(group, after)


def place_of(stored: Stored) -> str:
    """Where a walk goes on after it."""
    return stored.prefix if isinstance(stored, Folder) else stored.key


def doomed(
    found: Sequence[Stored], steps: Sequence[Step], abandoned: datetime, kinds: Sequence[Kind] = (Kind.FILES,)
) -> Doomed:
    """Those of them that nobody owns, changed last before `abandoned`, and those of executions that have grown old by
    steps of these kinds; inside the tenant's scope."""
    here = [each for each in found if isinstance(each, Folder)]
    others = [each for each in found if isinstance(each, StoredContent) and each.changed < abandoned]
    gone = {each.execution_id for each in without_execution(each for each in here if each.changed < abandoned)}
    gone |= _grown_old([each.execution_id for each in here], [step for step in steps if step.kind in kinds])
    return Doomed([each for each in here if each.execution_id in gone], without_file(others))


def _grown_old(ids: Sequence[str], steps: Sequence[Step]) -> set[str]:
    """One question for each rule, whatever the number of folders. A turn is as old as the execution of its loop."""
    roots = roots_of(ids) if steps else {}
    old: set[str] = set()
    for step in steps:
        asked = expired_executions(step.expired).filter(id__in=set(roots.values()))
        old |= set(asked.values_list("id", flat=True))
    return {each for each, root in roots.items() if root in old}


def forget_all(gone: Doomed) -> None:
    """Delete them; what fails is left behind, logged, and found by the next walk."""
    forget_below([each.prefix for each in gone.folders])
    forget("", [each.key for each in gone.contents])
