"""What is in the files of a namespace: each revision is an object of the storage that is never written again."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from control_plane.kernel.config import config
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.errors import TooLarge
from control_plane.kernel.words.ids import new_id
from stores.models import NamespaceFile, NamespaceFileRevision
from stores.storage.keys import namespace_files_prefix
from stores.storage.place import storage

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """A content that no file has yet."""

    path: str
    blob: str
    size: int


def check_size(size: int) -> None:
    """Raises TooLarge for what no file of a namespace may hold."""
    most = config().limits.namespace_file_bytes
    if size > most:
        raise TooLarge(f"a file of a namespace holds at most {most} bytes")


class Keeping:
    """Contents put into the storage of one namespace, until a file has them."""

    def __init__(self, tenant: str, namespace: str) -> None:
        self.prefix = namespace_files_prefix(tenant, namespace)
        self.kept: list[Kept] = []

    def put(self, path: str, source: BinaryIO) -> Kept:
        blob = new_id()
        self.kept.append(Kept(path, blob, 0))
        self.kept[-1] = Kept(path, blob, storage().put(self.prefix + blob, source))
        return self.kept[-1]

    def forget(self) -> None:
        forget(self.prefix, [each.blob for each in self.kept])


@contextmanager
def keeping(tenant: str, namespace: str) -> Iterator[Keeping]:
    """What is put is deleted again when the block fails."""
    contents = Keeping(tenant, namespace)
    try:
        yield contents
    except BaseException:
        contents.forget()
        raise


def forget(prefix: str, blobs: Iterable[str]) -> None:
    """Delete contents that no file has any more. What fails is left behind and logged."""
    for blob in blobs:
        try:
            storage().delete(prefix + blob)
        except Exception:
            logger.exception("a content is left behind: %s", prefix + blob)


def prefix_of(namespace: str) -> str:
    """Keys of the contents of a namespace's files begin with this."""
    return namespace_files_prefix(current_tenant(), namespace)


def key_of_content(file: NamespaceFile, revision: NamespaceFileRevision | None = None) -> str:
    """Where the content lies in the storage: of one revision, else the present one."""
    return prefix_of(file.namespace) + (revision.blob if revision is not None else file.blob)
