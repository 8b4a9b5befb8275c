"""Write, move and delete files of a namespace.

A content is in the storage before a row names it, and is deleted after the commit in which none does any more: so a
file is never there without what is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from audit.recording.commands import Target, Targets, command
from audit.recording.trail import Action
from control_plane.kernel.actor import Context
from control_plane.kernel.authorization import needed, require
from control_plane.kernel.scope import after_commit, after_rollback
from control_plane.kernel.words.errors import NotFound
from stores.files import transitions
from stores.files.contents import Kept, forget, prefix_of
from stores.files.paths import file_path
from stores.files.queries import at_and_below, find_file, get_entry, get_file, get_revision
from stores.models import NamespaceFile
from stores.permissions import NAMESPACE_FILE
from tenants.namespaces.names import check_namespace

MOST_TOLD = 100
"""So many paths of an archive are told by name."""


def file_to_put(ctx: Context, *, namespace: str, path: str) -> Target:
    """UPDATE for a file that is there, else CREATE."""
    found = find_file(namespace, file_path(path))
    if found is None:
        return Target(None, namespace, exists=False, permission=NAMESPACE_FILE.CREATE)
    absent = needed(NAMESPACE_FILE.CREATE, namespace)
    return Target(found, namespace, permission=NAMESPACE_FILE.UPDATE, absent=absent)


def check_may_put(ctx: Context, *, namespace: str, path: str) -> str:
    """The plain path, before its content is taken in. What this refuses, `put_file` would refuse."""
    check_namespace(namespace)
    target = file_to_put(ctx, namespace=namespace, path=path)
    require(ctx, target.permission or NAMESPACE_FILE.CREATE, namespace, absent=target.absent)
    return file_path(path)


@command(NAMESPACE_FILE.CREATE, on=file_to_put)
def put_file(ctx: Context, *, namespace: str, path: str, content: Kept) -> NamespaceFile:
    """Write a file, or its next revision."""
    prefix = prefix_of(namespace)
    after_rollback(lambda: forget(prefix, [content.blob]))
    before = _shown(ctx.target) if isinstance(ctx.target, NamespaceFile) else None
    (file,) = transitions.write(namespace, [content], ctx.actor.name)
    ctx.record(NAMESPACE_FILE.name, file.path, namespace=namespace, before=before, after=_shown(file))
    return file


def files_to_put(ctx: Context, *, namespace: str, contents: Sequence[Kept]) -> list[Target]:
    """UPDATE beside CREATE where one of the files is there already."""
    paths = [each.path for each in contents]
    targets = [Target(None, namespace, exists=False)]
    if NamespaceFile.objects.filter(namespace=namespace, path__in=paths).exists():
        targets.append(Target(None, namespace, permission=NAMESPACE_FILE.UPDATE))
    return Targets(targets, NAMESPACE_FILE.CREATE)


@command(NAMESPACE_FILE.CREATE, on=files_to_put)
def put_files(ctx: Context, *, namespace: str, contents: Sequence[Kept]) -> list[NamespaceFile]:
    """Write many files at once, all or none. One entry tells of all of them."""
    prefix = prefix_of(namespace)
    after_rollback(lambda: forget(prefix, [each.blob for each in contents]))
    files = transitions.write(namespace, contents, ctx.actor.name)
    paths = [file.path for file in files]
    ctx.record(NAMESPACE_FILE.name, "", namespace=namespace, after={"count": len(paths), "paths": paths[:MOST_TOLD]})
    return files


@command(NAMESPACE_FILE.CREATE, on="{namespace}")
def make_folder(ctx: Context, *, namespace: str, path: str) -> NamespaceFile:
    """An empty folder."""
    folder = transitions.make_folder(namespace, file_path(path))
    ctx.record(NAMESPACE_FILE.name, folder.path, namespace=namespace, after=_shown(folder))
    return folder


@command(NAMESPACE_FILE.UPDATE, on="{namespace}")
def move_entry(ctx: Context, *, namespace: str, source: str, target: str) -> int:
    """Give a file or a folder another path; return how many files and folders went along."""
    transitions.hold(namespace)
    entry = get_entry(namespace, source)
    before, plain = _shown(entry), file_path(target)
    count = transitions.move(namespace, entry, plain)
    ctx.record(NAMESPACE_FILE.name, plain, namespace=namespace, before=before, after={**before, "path": plain})
    return count


@command(NAMESPACE_FILE.DELETE, on="{namespace}")
def delete_entry(ctx: Context, *, namespace: str, path: str) -> bool:
    """A file with all its revisions, or a folder with everything in it. False when there is none."""
    transitions.hold(namespace)
    plain = file_path(path)
    entry = find_file(namespace, plain)
    if entry is None:
        return False
    rows = at_and_below(namespace, plain)
    count = rows.count()
    _forget_later(namespace, transitions.remove(rows))
    told: dict[str, Any] = {"filesDeleted": count} if entry.is_folder else {}
    ctx.record(NAMESPACE_FILE.name, plain, namespace=namespace, before=_shown(entry), **told)
    return True


@command(NAMESPACE_FILE.DELETE, on="{namespace}", action=Action.DELETE)
def delete_revisions(ctx: Context, *, namespace: str, path: str, revisions: Sequence[int]) -> int:
    """Old revisions of a file, never the present one; return how many."""
    transitions.hold(namespace)
    file = get_file(namespace, path)
    for number in revisions:
        if number == file.revision:
            raise NotFound(f"revision {number} is the present one, and goes with its file alone")
        get_revision(file, number)
    doomed = file.revisions.filter(revision__in=revisions)
    blobs = list(doomed.values_list("blob", flat=True))
    doomed.delete()
    _forget_later(namespace, blobs)
    if blobs:
        ctx.record(NAMESPACE_FILE.name, file.path, namespace=namespace, revisionsDeleted=sorted(set(revisions)))
    return len(blobs)


def _forget_later(namespace: str, blobs: Sequence[str]) -> None:
    prefix = prefix_of(namespace)
    after_commit(lambda: forget(prefix, blobs))


def _shown(file: NamespaceFile) -> dict[str, Any]:
    if file.is_folder:
        return {"path": file.path, "type": "Directory"}
    return {"path": file.path, "size": file.size, "revision": file.revision}
