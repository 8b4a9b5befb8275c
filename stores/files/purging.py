"""Delete old revisions of namespace files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from fnmatch import fnmatchcase
from itertools import groupby
from typing import Any

from django.db.models import Q

from audit.recording.commands import command
from audit.recording.trail import Action
from control_plane.kernel.actor import Context
from control_plane.kernel.places import within
from stores.files import transitions
from stores.models import NamespaceFileRevision
from stores.permissions import NAMESPACE_FILE

Wanted = Callable[[str], bool]


@command(NAMESPACE_FILE.DELETE, on="{namespace}", action=Action.DELETE)
def purge_revisions(
    ctx: Context,
    *,
    namespace: str,
    includes_children: bool = False,
    namespace_pattern: str | None = None,
    wanted: Wanted,
    before: datetime | None = None,
    keep: int | None = None,
) -> int:
    """Revisions written before a moment, and all but the newest `keep` of each file; return how many.

    A file goes with its last revision. One entry for each namespace tells how many.
    """
    rows = _revisions(namespace, includes_children).select_related("file")
    if keep is None:
        rows = rows.filter(created_at__lt=before) if before is not None else rows.none()
    doomed: dict[str, list[NamespaceFileRevision]] = {}
    for _, group in groupby(rows.order_by("file__namespace", "file__path", "-revision"), lambda row: row.file_id):
        revisions = list(group)
        file = revisions[0].file
        if (namespace_pattern is None or fnmatchcase(file.namespace, namespace_pattern)) and wanted(file.path):
            doomed.setdefault(file.namespace, []).extend(_too_old(revisions, before, keep))
    return sum(_purged(ctx, owner, revisions) for owner, revisions in doomed.items() if revisions)


def _revisions(namespace: str, includes_children: bool) -> Any:
    column = "file__namespace"
    where = within(column, namespace) if includes_children else Q(**{column: namespace})
    return NamespaceFileRevision.objects.filter(where)


def _too_old(
    newest_first: list[NamespaceFileRevision], before: datetime | None, keep: int | None
) -> list[NamespaceFileRevision]:
    beyond = newest_first[keep:] if keep is not None else newest_first
    return [row for row in beyond if before is None or row.created_at < before]


def _purged(ctx: Context, namespace: str, revisions: list[NamespaceFileRevision]) -> int:
    count = transitions.remove_revisions(namespace, revisions)
    ctx.record(NAMESPACE_FILE.name, "", namespace=namespace, revisionsDeleted=count)
    return count
