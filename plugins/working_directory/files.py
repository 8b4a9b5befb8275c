"""Files of a task's working directory: putting them in, finding them again, and never stepping out of it."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import re2

from plugins.contracts import LogLevel, PluginError, RunContext
from plugins.contracts.services import NamespaceFiles

STORAGE = "kestra://"
NAMESPACE = "nsfile://"
HOST = "file://"
_CHUNK = 1 << 20

Matcher = Callable[[str], bool]


def safe_path(directory: Path, name: str) -> Path:
    """Where a file of that name lies in the directory. Raises PluginError for a name that leads anywhere else."""
    path = PurePosixPath(name)
    parts = [part for part in path.parts if part not in ("/", ".")]
    if not parts or ".." in parts or "\x00" in name or "\\" in name or len(os.fsencode(name)) > 4096:
        raise PluginError(f"`{name}` is no name of a file in the working directory", retryable=False)
    if any(len(os.fsencode(part)) > 255 for part in parts):
        raise PluginError(f"`{name[:64]}...` has a part that is longer than 255 bytes", retryable=False)
    return directory.joinpath(*parts)


def write_file(directory: Path, name: str, content: bytes | BinaryIO) -> Path:
    """Write a file into the directory, with the folders it needs, never through a symbolic link."""
    path = safe_path(directory, name)
    make_folders(directory, path.parent)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o644)
    except OSError as error:
        raise PluginError(f"`{name}` cannot be written: {error.strerror}", retryable=False) from error
    with os.fdopen(descriptor, "wb") as target:
        if isinstance(content, bytes):
            target.write(content)
        else:
            shutil.copyfileobj(content, target, _CHUNK)
    return path


def make_folders(directory: Path, folder: Path) -> None:
    """The folders down to that one, none of them a link. Raises PluginError."""
    current = directory
    for part in folder.relative_to(directory).parts:
        current /= part
        if current.is_symlink():
            raise PluginError(f"`{current.name}` is a symbolic link", retryable=False)
        try:
            current.mkdir(exist_ok=True)
        except OSError as error:
            raise PluginError(f"`{current.name}` is no folder: {error.strerror}", retryable=False) from error


def open_source(ctx: RunContext, uri: str) -> BinaryIO | None:
    """A stream of what `kestra://`, `nsfile://` names; None when the text is no address. `file://` is refused."""
    if uri.startswith(STORAGE):
        return ctx.open(uri)
    if uri.startswith(NAMESPACE):
        namespace, _, path = uri.removeprefix(NAMESPACE).partition("/")
        files: NamespaceFiles = ctx.service("files")
        return files.open(path=f"/{path}", namespace=namespace or None)
    if uri.startswith(HOST):
        raise PluginError(f"The path {uri.removeprefix(HOST)} is not authorized", retryable=False)
    return None


def put_input_files(ctx: RunContext, files: Mapping[str, Any]) -> None:
    """Write each file into the working directory: its content, or what its address names."""
    for name, value in files.items():
        text = value if isinstance(value, str) else "" if value is None else ctx.render_any("{{ it }}", {"it": value})
        source = open_source(ctx, text)
        if source is None:
            write_file(ctx.workdir, name, text.encode())
            continue
        with source:
            write_file(ctx.workdir, name, source)


def find_files(directory: Path, patterns: Iterable[str]) -> Iterator[tuple[str, Path]]:
    """Regular files below the directory that match a pattern, by relative name, sorted. Links are never followed."""
    matches = matcher(patterns)
    for name, path in sorted(_regular_files(directory)):
        if matches(readable_name(name)):
            yield name, path


def _regular_files(directory: Path) -> Iterator[tuple[str, Path]]:
    for folder, _, names in os.walk(directory, followlinks=False):
        for name in names:
            path = Path(folder, name)
            if stat.S_ISREG(path.lstat().st_mode):
                yield path.relative_to(directory).as_posix(), path


def refuse_links(directory: Path) -> None:
    """Raise PluginError when a symbolic link lies in the directory: a library would follow it anywhere."""
    for folder, names, files in os.walk(directory, followlinks=False):
        for name in (*names, *files):
            if Path(folder, name).is_symlink():
                raise PluginError(f"`{name}` is a symbolic link", retryable=False)


def open_found(path: Path) -> BinaryIO:
    """Open a file that a task left: a regular file with one name, no link to something of somebody else."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    about = os.fstat(descriptor)
    if not stat.S_ISREG(about.st_mode) or about.st_nlink > 1:
        os.close(descriptor)
        raise PluginError("it is no ordinary file, but a link to one with other names", retryable=False)
    return os.fdopen(descriptor, "rb")


def store_output_files(ctx: RunContext, directory: Path, patterns: Iterable[str]) -> dict[str, str]:
    """Keep the matching files; return their addresses by relative name. One that cannot be kept is named in a warning:
    the others are. Raises PluginError when nothing can be kept for now."""
    kept = {}
    for name, path in find_files(directory, patterns):
        try:
            name.encode()  # nobody could ask for a file whose name is no text
            with open_found(path) as source:
                kept[name] = ctx.store(source, name)
        except OSError as error:
            ctx.log(LogLevel.WARN, f"The output file `{readable_name(name)}` was not kept: {error.strerror}")
        except UnicodeError:
            ctx.log(LogLevel.WARN, f"The output file `{readable_name(name)}` was not kept: its name is no text")
        except PluginError as error:
            if error.retryable:
                raise
            ctx.log(LogLevel.WARN, f"The output file `{readable_name(name)}` was not kept: {error}")
    return kept


def readable_name(name: str) -> str:
    """Names of files are bytes, which need not be text."""
    return name.encode("utf-8", "replace").decode()


def matcher(patterns: Iterable[str], *, recursive: bool = False) -> Matcher:
    """Says whether a relative name matches one of the patterns: globs, or `glob:` and `regex:` with the kind in front.

    A plain pattern is matched from the root of the directory; with `recursive` (namespace files) only when it begins
    with a slash, and at any depth otherwise.
    """
    compiled = [_compile(pattern, recursive) for pattern in patterns]

    def matches(name: str) -> bool:
        relative = name.lstrip("/")
        return any(one.fullmatch(relative) or one.fullmatch(f"/{relative}") for one in compiled)

    return matches


def _compile(pattern: str, recursive: bool) -> Any:
    try:
        if pattern.startswith("regex:"):
            return re2.compile(pattern.removeprefix("regex:"))
        if pattern.startswith("glob:"):
            return re2.compile(glob_to_regex(pattern.removeprefix("glob:")))
        if recursive and not pattern.startswith("/"):
            return re2.compile(glob_to_regex(f"**/{pattern}"))
        return re2.compile(glob_to_regex("/" + pattern.removeprefix("./").lstrip("/")))
    except re2.error as error:
        raise PluginError(f"`{pattern}` is no pattern of file names: {error}", retryable=False) from None


def glob_to_regex(glob: str) -> str:
    """A glob as a regular expression: `*` stays in a folder, `**` does not, `?`, `[a-z]`, `{one,other}`."""
    pieces, place, depth = [], 0, 0
    while place < len(glob):
        char = glob[place]
        if char == "*":
            is_deep = glob.startswith("**", place)
            pieces.append(".*" if is_deep else "[^/]*")
            place += 2 if is_deep else 1
            continue
        if char == "[" and (end := glob.find("]", place + 2)) > 0:
            pieces.append(_character_class(glob[place + 1 : end]))
            place = end + 1
            continue
        if char in "{},":
            piece, depth = _alternatives(char, depth)
            pieces.append(piece)
        else:
            pieces.append("[^/]" if char == "?" else re2.escape(char))
        place += 1
    return "(?s)" + "".join(pieces) + ")" * depth


def _character_class(inner: str) -> str:
    negated = inner.startswith("!")
    body = inner[negated:].replace("\\", "\\\\").replace("[", "\\[").replace("^", "\\^")
    return f"[{'^' if negated else ''}{body}]"


def _alternatives(char: str, depth: int) -> tuple[str, int]:
    if char == "{":
        return "(?:", depth + 1
    if depth == 0:
        return re2.escape(char), 0
    return ("|", depth) if char == "," else (")", depth - 1)
