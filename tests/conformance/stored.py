"""What a case needs to stand there before it begins: files, pairs, secrets."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any

Json = Mapping[str, Any]
Text = Callable[[str], str]
KNOWN = frozenset(
    {
        "flows",
        "kv",
        "env",
        "config",
        "storage_files",
        "namespace_files",
        "execution_storage_files",
        "working_dir",
        "items_ion",
        "http_server",
        "custom_types",
        "executions",
        "logs",
        "triggers",
        "templates",
        "network",
        "server_type",
    }
)
_TYPES = frozenset({"$instant", "$double", "$float32", "$long", "$date", "$duration", "$uri", "$char"})


def check_needs(needs: Json) -> None:
    """A need that nobody knows fails the case."""
    unknown = needs.keys() - KNOWN
    assert not unknown, f"the needs {sorted(unknown)} are unknown"


def plain_value(value: Any) -> Any:
    """Typed values as JSON holds them."""
    if isinstance(value, Mapping):
        if len(value) == 1 and next(iter(value)) in _TYPES:
            return next(iter(value.values()))
        return {key: plain_value(each) for key, each in value.items()}
    return [plain_value(each) for each in value] if isinstance(value, list) else value


def secrets_of(needs: Json) -> dict[str, str]:
    """Variables `SECRET_NAME` of the server, which hold base64."""
    prefix = "SECRET_"
    env = needs.get("env") or {}
    return {
        name.removeprefix(prefix).upper(): base64.b64decode(value).decode()
        for name, value in env.items()
        if name.startswith(prefix)
    }


def stored_pairs(needs: Json) -> dict[tuple[str, str], Any]:
    pairs = needs.get("kv") or {}
    return {(space, key): plain_value(value) for space, each in pairs.items() for key, value in each.items()}


def namespace_files(needs: Json, text: Text) -> dict[str, dict[str, bytes]]:
    """By namespace and path; a list of files has a namespace in each."""
    given = needs.get("namespace_files") or {}
    if isinstance(given, list):
        found: dict[str, dict[str, bytes]] = {}
        for file in given:
            found.setdefault(file["namespace"], {})[file["path"]] = file_content(file, text)
        return found
    return {space: {path: _bytes(each, text) for path, each in files.items()} for space, files in given.items()}


def _bytes(value: Any, text: Text) -> bytes:
    return file_content(value, text) if isinstance(value, Mapping) else filled(str(value), text).encode()


def file_content(file: Json, text: Text) -> bytes:
    """`content`, `lines` as a list or a rule, or the content of another file by `file` or `from`."""
    if "content" in file:
        return filled(str(file["content"]), text).encode()
    if "lines" in file:
        return _lines(file["lines"]).encode()
    name = file.get("file") or file.get("from")
    assert name is not None, f"the file {file} has no content"
    return text(name.removeprefix("$file:")).encode()


def filled(content: str, text: Text) -> str:
    return text(content.removeprefix("$file:")) if content.startswith("$file:") else content


def _lines(given: Any) -> str:
    if isinstance(given, list):
        return "".join(f"{line}\n" for line in given)
    if isinstance(given, int):
        return "".join(f"{line}\n" for line in range(given))
    found = re.fullmatch(r"(\d+) lines: str\(i\)(?:\.rjust\((\d+)\))? for i in range\((?:(\d+), *)?(\d+)\)", given)
    assert found is not None, f"the rule for lines {given} is unknown"
    numbers = range(int(found[3] or 0), int(found[4]))
    return "".join(str(number).rjust(int(found[2] or 0)) + "\n" for number in numbers)
