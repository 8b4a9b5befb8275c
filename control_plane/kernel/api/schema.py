"""What handlers take and give, declared for the API's description alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from control_plane.kernel.api.answers import QueryFilter
from control_plane.kernel.permissions import Permission

H = TypeVar("H", bound=Callable[..., Any])
JSON = "application/json"


@dataclass(frozen=True)
class Content:
    """A body that is no JSON of a type: a text, a file, a form. Without a type it is text or bytes as they are."""

    media: tuple[str, ...]
    kind: Any = None
    is_required: bool = True


@dataclass(frozen=True)
class Parameter:
    """One parameter of an operation, when its name and type do not say all."""

    name: str
    kind: Any = str
    is_required: bool = False
    place: str = "query"


Query = tuple[tuple[str, Any] | Parameter, ...]
FILTERS: Query = (("filters", list[QueryFilter]),)
PAGE: Query = (("page", int), ("size", int))
PAGED: Query = (*PAGE, ("sort", list[str]), *FILTERS)

YAML = Content(("application/x-yaml",))
TEXT = Content(("text/plain",))
BYTES = Content(("application/octet-stream",))
CSV = Content(("text/csv",))
NOTHING = Content(())
INPUTS = Content(("multipart/form-data", JSON), dict[str, Any], is_required=False)


@dataclass(frozen=True)
class Shape:
    """What a handler takes and gives: types, whose names become components of the description."""

    body: Any = None
    query: Query = ()
    answer: Any = None
    status: int = 200
    empty: tuple[int, ...] = ()
    """Statuses that it may answer with instead, without a body."""
    names: Mapping[str, str] = field(default_factory=dict)
    """How clients call parts of the path that have another name in our code."""


def shaped(
    *,
    body: Any = None,
    query: Query = (),
    answer: Any = None,
    status: int = 200,
    names: Mapping[str, str] | None = None,
) -> Callable[[H], H]:
    """Declare a handler's body, its query parameters as (name, type), and its answer."""

    def declare(handler: H) -> H:
        handler.__dict__["shape"] = Shape(body, query, answer, status, names=names or {})
        return handler

    return declare


def describe(*handlers: Callable[..., Any], **declared: Any) -> None:
    """The same from beside the endpoint: what is said here is added to what the handlers have been given already."""
    for handler in handlers:
        handler.__dict__["shape"] = replace(shape_of(handler), **declared)


@dataclass(frozen=True)
class Stream:
    """Events sent as they happen, at an address that no handler of Django's serves."""

    path: str
    right: Permission
    event: Any
    told: str
    query: Query = ()


STREAMS: list[Stream] = []


def shape_of(handler: Any) -> Shape:
    shape: Shape = getattr(handler, "shape", Shape())
    return shape


def parameters_of(query: Query) -> Sequence[Parameter]:
    return [each if isinstance(each, Parameter) else Parameter(*each) for each in query]
