"""What a WorkingDirectory keeps of one run for the next: the files that match, in one archive."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import IO

from plugins.contracts import LogLevel, PluginError, RunContext
from plugins.contracts.services import Executions
from plugins.working_directory.files import (
    find_files,
    make_folders,
    matcher,
    open_found,
    readable_name,
    safe_path,
    write_file,
)

ARCHIVE = "cache.zip"
_SPOOLED = 8 * 1024 * 1024
_LINK = 0o777 | stat.S_IFLNK


def restore_cache(ctx: RunContext, ttl: timedelta | None) -> None:
    """Lay into the directory what an earlier run has kept, unless its time is over. A broken archive is left alone."""
    uri = _caches(ctx).find_cache(ttl=_seconds(ttl))
    if uri is None:
        ctx.log(LogLevel.DEBUG, "There is no cache for this directory")
        return
    with tempfile.SpooledTemporaryFile(_SPOOLED) as spool:
        try:
            with ctx.open(uri) as source:
                shutil.copyfileobj(source, spool)
            count = _unpack(spool, ctx.workdir)
        except (PluginError, OSError, zipfile.BadZipFile) as error:
            ctx.log(LogLevel.WARN, f"The cache of this directory cannot be used: {error}")
            return
    ctx.log(LogLevel.DEBUG, f"{count} files came from the cache")


def keep_cache(ctx: RunContext, patterns: Iterable[str], ttl: timedelta | None) -> None:
    """Keep what matches, unless what was kept before still counts. A cache is no result: the task does not fail."""
    caches = _caches(ctx)
    if caches.find_cache(ttl=_seconds(ttl)) is not None:
        return
    with tempfile.SpooledTemporaryFile(_SPOOLED) as spool:
        try:
            count = _pack(ctx, spool, list(patterns))
            if count:
                spool.seek(0)
                caches.keep_cache(uri=ctx.store(spool, ARCHIVE))  # type: ignore[arg-type]  # it is a BinaryIO but for its name
        except (PluginError, OSError) as error:
            ctx.log(LogLevel.WARN, f"The cache of this directory cannot be kept: {error}")


def _caches(ctx: RunContext) -> Executions:
    caches: Executions = ctx.service("executions")
    return caches


def _seconds(ttl: timedelta | None) -> float | None:
    return None if ttl is None else ttl.total_seconds()


def _pack(ctx: RunContext, target: IO[bytes], patterns: list[str]) -> int:
    """Files with their rights, and links as links: what they lead to is never read. What cannot be kept is named."""
    count, directory = 0, ctx.workdir
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in find_files(directory, patterns):
            try:
                _add(archive, name, path)
            except (PluginError, PermissionError, UnicodeError) as error:
                ctx.log(LogLevel.WARN, f"`{readable_name(name)}` is left out of the cache: {error}")
            else:
                count += 1
        for name, goal in _links(directory, patterns):
            about = zipfile.ZipInfo(name)
            about.external_attr = _LINK << 16
            archive.writestr(about, goal)
            count += 1
    return count


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    name.encode()  # a name that is no text cannot stand in an archive
    with open_found(path) as source:
        about = zipfile.ZipInfo(name)
        about.external_attr = (os.fstat(source.fileno()).st_mode & 0xFFFF) << 16
        about.compress_type = zipfile.ZIP_DEFLATED
        with archive.open(about, "w", force_zip64=True) as entry:
            shutil.copyfileobj(source, entry)


def _links(directory: Path, patterns: list[str]) -> Iterator[tuple[str, str]]:
    matches = matcher(patterns)
    for folder, names, files in os.walk(directory, followlinks=False):
        for path in (Path(folder, name) for name in (*names, *files)):
            name = path.relative_to(directory).as_posix()
            if path.is_symlink() and name.isprintable() and matches(name):
                yield name, os.readlink(path)


def _unpack(source: IO[bytes], directory: Path) -> int:
    """Files first: none is ever written through a link."""
    with zipfile.ZipFile(source) as archive:
        entries = [about for about in archive.infolist() if not about.is_dir()]
        links = [about for about in entries if stat.S_ISLNK(about.external_attr >> 16)]
        for about in entries:
            if about not in links:
                with archive.open(about) as content:
                    path = write_file(directory, about.filename, content)  # type: ignore[arg-type]  # it reads as one
                path.chmod((about.external_attr >> 16) & 0o755 | 0o600)
        for about in links:
            path = safe_path(directory, about.filename)
            make_folders(directory, path.parent)
            if not os.path.lexists(path):
                path.symlink_to(archive.read(about).decode())
    return len(entries)
