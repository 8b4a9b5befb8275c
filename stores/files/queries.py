"""Reads of the files of a namespace."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from control_plane.kernel.words.errors import NotFound
from stores.files.paths import ROOT, below, file_path
from stores.models import NamespaceFile, NamespaceFileRevision


def find_file(namespace: str, path: str) -> NamespaceFile | None:
    """The file or folder of a path that is plain already."""
    return NamespaceFile.objects.filter(namespace=namespace, path=path).first()


def get_entry(namespace: str, path: str) -> NamespaceFile:
    """A file or a folder. Raises NotFound."""
    plain = file_path(path)
    found = find_file(namespace, plain)
    if found is None:
        raise NotFound(f"'{plain[:200]}' was not found in namespace '{namespace}'")
    return found


def get_file(namespace: str, path: str) -> NamespaceFile:
    """A file. Raises NotFound, for a folder too."""
    found = get_entry(namespace, path)
    if found.is_folder:
        raise NotFound(f"'{found.path[:200]}' is a folder")
    return found


def get_revision(file: NamespaceFile, revision: int) -> NamespaceFileRevision:
    """Raises NotFound."""
    found = file.revisions.filter(revision=revision).first()
    if found is None:
        raise NotFound(f"'{file.path[:200]}' has no revision {revision}")
    assert isinstance(found, NamespaceFileRevision)
    return found


def entries_in(namespace: str, folder: str) -> QuerySet[NamespaceFile]:
    """What lies directly in a folder, folders first. Raises NotFound where there is no such folder."""
    if folder != ROOT:
        found = get_entry(namespace, folder)
        if not found.is_folder:
            raise NotFound(f"'{folder[:200]}' is no folder")
    return NamespaceFile.objects.filter(namespace=namespace, folder=folder).order_by("-is_folder", "path")


def at_and_below(namespace: str, path: str) -> QuerySet[NamespaceFile]:
    """The file or folder of that path, and everything in it."""
    return NamespaceFile.objects.filter(Q(path=path) | Q(path__startswith=below(path)), namespace=namespace)


def files_of(namespace: str) -> QuerySet[NamespaceFile]:
    """Every file, in the order of their paths."""
    return NamespaceFile.objects.filter(namespace=namespace, is_folder=False).order_by("path")
