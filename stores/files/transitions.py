"""The only writer of the files of a namespace. Writers of one namespace come one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import Max, QuerySet, Value
from django.db.models.functions import Concat, Length, Substr

from control_plane.kernel.scope import after_commit, current_tenant
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import BadParameter, Conflict
from plugins.storage.port import NameTaken
from stores.files.contents import Kept, forget, prefix_of
from stores.files.paths import ancestors, below, check_length, parent
from stores.files.queries import at_and_below, files_of, get_entry
from stores.models import NamespaceFile, NamespaceFileRevision
from tenants.namespaces.names import check_namespace

_BATCH = 1000


def hold(namespace: str) -> None:
    """Let nobody else write into the namespace until the end of the transaction."""
    with connection.cursor() as cursor:
        name = f"files:{current_tenant()}:{namespace}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def write(namespace: str, contents: Sequence[Kept], author: str) -> list[NamespaceFile]:
    """The next revision of each file, with the folders it needs. Each path comes once.

    Raises NameTaken where a folder is needed and a file is, or the other way round.
    """
    check_namespace(namespace)
    hold(namespace)
    paths = [each.path for each in contents]
    there = _make_folders(namespace, {folder for path in paths for folder in ancestors(path)}, paths)
    written = [_written(there.get(each.path), namespace, each) for each in contents]
    is_new = [file for file in written if file.path not in there]
    NamespaceFile.objects.bulk_create(is_new, batch_size=_BATCH)
    NamespaceFile.objects.bulk_update(
        [file for file in written if file.path in there],
        ["revision", "size", "blob", "updated_at"],
        batch_size=_BATCH,
    )
    NamespaceFileRevision.objects.bulk_create((_revision(file, author) for file in written), batch_size=_BATCH)
    return written


def make_folder(namespace: str, path: str) -> NamespaceFile:
    """A folder, with those it lies in. NameTaken when something is there already."""
    check_namespace(namespace)
    hold(namespace)
    if at_and_below(namespace, path).exists():
        raise NameTaken(f"'{path[:200]}' is there already")
    _make_folders(namespace, [*ancestors(path), path], [])
    return get_entry(namespace, path)


def remove(rows: QuerySet[NamespaceFile]) -> list[str]:
    """Delete files with all their revisions; the names of their contents, to be deleted after the commit."""
    revisions = NamespaceFileRevision.objects.filter(file__in=rows.order_by().values("pk"))
    blobs = list(revisions.values_list("blob", flat=True))
    revisions.delete()
    rows.delete()
    return blobs


def remove_revisions(namespace: str, revisions: Sequence[NamespaceFileRevision]) -> int:
    """Delete revisions of files of the namespace, and a file with its last one; return how many. Their contents go
    after the commit."""
    hold(namespace)
    blobs = [row.blob for row in revisions]
    NamespaceFileRevision.objects.filter(pk__in=[row.pk for row in revisions]).delete()
    # The newest is the last to go, so the content of a file that stays is still there.
    files = {row.file_id for row in revisions}
    with_revisions = files_of(namespace).filter(revisions__isnull=False).order_by().values("pk")
    gone: QuerySet[NamespaceFile] = NamespaceFile.objects.filter(pk__in=files).exclude(pk__in=with_revisions)
    gone.delete()
    prefix = prefix_of(namespace)
    after_commit(lambda: forget(prefix, blobs))
    return len(blobs)


def move(namespace: str, source: NamespaceFile, target: str) -> int:
    """Give a file or a folder another path, and with it everything in the folder; return how many files went along.

    Conflict when something is there already.
    """
    if target == source.path or target.startswith(below(source.path)):
        raise BadParameter(f"'{source.path[:200]}' cannot be moved into itself")
    if at_and_below(namespace, target).exists():
        raise Conflict(f"'{target[:200]}' is there already")
    _make_folders(namespace, ancestors(target), [])
    inside = NamespaceFile.objects.filter(namespace=namespace, path__startswith=below(source.path))
    longest = inside.aggregate(longest=Max(Length("path")))["longest"] or 0
    check_length(target + "x" * max(0, longest - len(source.path)))
    rest = len(source.path) + 1
    count = inside.update(
        path=Concat(Value(target), Substr("path", rest)), folder=Concat(Value(target), Substr("folder", rest))
    )
    NamespaceFile.objects.filter(pk=source.pk).update(path=target, folder=parent(target), updated_at=now())
    return count + 1


def _make_folders(namespace: str, folders: Iterable[str], files: Sequence[str]) -> dict[str, NamespaceFile]:
    """The folders that are not there yet are made; returns what there is of the files."""
    needed = set(folders)
    found: dict[str, NamespaceFile] = {}
    wanted = sorted({*needed, *files})
    for start in range(0, len(wanted), _BATCH):
        part = wanted[start : start + _BATCH]
        found |= {row.path: row for row in NamespaceFile.objects.filter(namespace=namespace, path__in=part)}
    for path in wanted:
        row = found.get(path)
        if path in needed and (path in files if row is None else not row.is_folder):
            raise NameTaken(f"'{path[:200]}' is a file, and a folder of that name is needed")
        if path in files and row is not None and row.is_folder:
            raise NameTaken(f"'{path[:200]}' is a folder")
    made = [_row(namespace, path, is_folder=True) for path in sorted(needed - set(found))]
    NamespaceFile.objects.bulk_create(made, batch_size=_BATCH)
    return {path: row for path, row in found.items() if not row.is_folder}


def _row(namespace: str, path: str, *, is_folder: bool = False) -> NamespaceFile:
    row = NamespaceFile(namespace=namespace, path=path, folder=parent(path), is_folder=is_folder)
    row.tenant_id = current_tenant()
    return row


def _written(there: NamespaceFile | None, namespace: str, content: Kept) -> NamespaceFile:
    file = there or _row(namespace, content.path)
    file.revision, file.size, file.blob, file.updated_at = file.revision + 1, content.size, content.blob, now()
    return file


def _revision(file: NamespaceFile, author: str) -> NamespaceFileRevision:
    row = NamespaceFileRevision(file=file, revision=file.revision, size=file.size, blob=file.blob, author=author)
    row.tenant_id = file.tenant_id
    return row
