"""Paths inside a namespace: `/folder/file.txt`, whichever way a client writes it."""

from __future__ import annotations

from stores.models import LONGEST_PATH
from stores.storage.keys import BadAddress, plain_path

ROOT = "/"


def file_path(path: str) -> str:
    """The path of a file or a folder below the topmost. Raises BadAddress."""
    found = folder_path(path)
    if found == ROOT:
        raise BadAddress("a path below the topmost folder is needed")
    return found


def folder_path(path: str) -> str:
    """The same where the topmost folder is meant too: `/`, or nothing."""
    given = path.removesuffix("/")
    return check_length(plain_path(given)) if given else ROOT


def check_length(path: str) -> str:
    """The path. Raises BadAddress for one that is too long."""
    if len(path.encode()) > LONGEST_PATH:
        raise BadAddress(f"a path is at most {LONGEST_PATH} bytes long")
    return path


def parent(path: str) -> str:
    return path.rpartition("/")[0] or ROOT


def ancestors(path: str) -> list[str]:
    """The folders that a path lies in, outermost first, without the topmost."""
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(2, len(parts))]


def below(path: str) -> str:
    """What the paths of everything in a folder begin with."""
    return path if path == ROOT else f"{path}/"
