"""Shapes that answers of every app share, as the API's description names them."""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, NotRequired, TypeVar

from pydantic import Field
from typing_extensions import TypedDict

T = TypeVar("T")

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Uri = Annotated[str, Field(json_schema_extra={"format": "uri"})]

Operation = Literal[
    "EQUALS",
    "NOT_EQUALS",
    "GREATER_THAN",
    "LESS_THAN",
    "GREATER_THAN_OR_EQUAL_TO",
    "LESS_THAN_OR_EQUAL_TO",
    "IN",
    "NOT_IN",
    "STARTS_WITH",
    "ENDS_WITH",
    "CONTAINS",
    "REGEX",
    "PREFIX",
]


class QueryFilter(TypedDict):
    """One filter. In an address it is written `filters[field][OPERATION]=value`."""

    field: str
    operation: Operation
    value: Any


class PagedResults(TypedDict, Generic[T]):
    """A page of a list, and how long the whole list is."""

    results: list[T]
    total: int


class Event(TypedDict, Generic[T]):
    """One event of a stream; `id` says whether it is the first, one of many, or the last."""

    id: Literal["start", "progress", "end"]
    data: T


class FieldProblem(TypedDict):
    """What is wrong, and where: the path of a property, and the place in a source."""

    message: str
    path: str
    line: NotRequired[int]
    column: NotRequired[int]


class FieldProblems(TypedDict):
    errors: list[FieldProblem]


class SelfLink(TypedDict):
    href: str
    templated: bool


class Links(TypedDict):
    self: SelfLink


class Refusal(TypedDict):
    """Why nothing was done. `code` is for programs, `requestId` for whoever reads the server's log, `reference` for the
    admin who is asked why."""

    message: str
    code: str
    requestId: str
    reference: NotRequired[str]
    _links: Links
    _embedded: NotRequired[FieldProblems]


class BulkResponse(TypedDict):
    """How many were acted on."""

    count: int


class Label(TypedDict):
    key: str
    value: str


class IdWithNamespace(TypedDict):
    """A flow as requests about many name it."""

    namespace: str
    id: str


class BulkErrorResponse(TypedDict):
    """Why nothing was done: what is wrong with each of those named."""

    message: str
    invalids: NotRequired[dict[str, Any]]
