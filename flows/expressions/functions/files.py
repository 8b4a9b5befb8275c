"""Functions about files of the execution and of the namespace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from flows.expressions.errors import ArgumentError, EvaluationError, ServiceError
from flows.expressions.filters.arguments import optional_text
from flows.expressions.frame import MISSING, Frame
from flows.expressions.registry import Needs, Taint, function
from flows.expressions.taint import plain_text
from flows.expressions.text import text_of

STORAGE = "kestra://"
OWNERS = ("flow", "execution", "trigger")


@function("read", taint=Taint.EXACT, needs=Needs.SERVICES, touches=OWNERS)
def read(frame: Frame, path: Any, namespace: Any = None) -> Any:
    """The text of a file."""
    return _ask(frame, frame.env.services.read, path, namespace)


@function("fileSize", taint=Taint.EXACT, needs=Needs.SERVICES, touches=OWNERS)
def file_size(frame: Frame, path: Any, namespace: Any = None) -> Any:
    """How many bytes a file has."""
    return _ask(frame, frame.env.services.file_size, path, namespace)


@function("fileExists", taint=Taint.EXACT, needs=Needs.SERVICES, touches=OWNERS)
def file_exists(frame: Frame, path: Any, namespace: Any = None) -> Any:
    """Whether there is such a file."""
    return _ask(frame, frame.env.services.file_exists, path, namespace)


@function("isFileEmpty", taint=Taint.EXACT, needs=Needs.SERVICES, touches=OWNERS)
def is_file_empty(frame: Frame, path: Any, namespace: Any = None) -> Any:
    """Whether a file has no content."""
    return _ask(frame, frame.env.services.is_file_empty, path, namespace)


@function("fileURI", taint=Taint.EXACT, needs=Needs.SERVICES)
def file_uri(frame: Frame, path: Any, namespace: Any = None) -> Any:
    """The address of a namespace file."""
    return frame.env.services.file_uri(_path(frame, path), optional_text("namespace", namespace))


def _ask(frame: Frame, question: Callable[[str, str | None], Any], path: Any, namespace: Any) -> Any:
    """Ask about a file that the running execution may reach; whoever answers checks that again."""
    name = _path(frame, path)
    if name.startswith(STORAGE) and not belongs(name, frame.lookup) and not frame.env.services.may_read(name):
        raise ServiceError(f"Unable to read the file '{name}' as it didn't belong to the current execution")
    return question(name, optional_text("namespace", namespace))


def _path(frame: Frame, path: Any) -> str:
    name = plain_text(text_of(path, frame.run))
    if not name:
        raise ArgumentError("The argument `path` must name a file")
    if ".." in unquote(name).replace("\\", "/").split("/"):
        raise EvaluationError("Path must not contain '../'")
    return name


def belongs(uri: str, lookup: Callable[[str], Any]) -> bool:
    """Whether a file of the internal storage lies in the folder of this execution or of the one that started it. Others
    that it may read are known to whoever answers for the storage alone."""
    flow, execution, trigger = (_map(lookup(name)) for name in OWNERS)
    own = _folder(flow.get("namespace"), flow.get("id"), execution.get("id"))
    parent = _folder(trigger.get("namespace"), trigger.get("flowId"), trigger.get("executionId"))
    path = "/" + uri.removeprefix(STORAGE).lstrip("/")
    return any(folder is not None and path.startswith(folder) for folder in (own, parent))


def _map(value: Any) -> Mapping[str, Any]:
    return value if value is not MISSING and isinstance(value, Mapping) else {}


def _folder(namespace: Any, flow: Any, execution: Any) -> str | None:
    parts = (namespace, flow, execution)
    if not all(isinstance(part, str) and part for part in parts):
        return None
    return f"/{namespace.replace('.', '/')}/{_slug(flow)}/executions/{execution}/"


def _slug(flow: str) -> str:
    """How the id of a flow stands in the names of its folders."""
    return "".join(sign for sign in flow.replace(".", "-") if sign.isalnum() or sign in "-_").lower()
