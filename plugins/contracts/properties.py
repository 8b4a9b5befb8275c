"""A value that may be an expression."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Generic, TypeVar, get_args

from pydantic import GetCoreSchemaHandler, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, core_schema

from control_plane.kernel.words.durations import Duration

T = TypeVar("T")


class Property(Generic[T]):
    """A value that may be an expression: a T, or a text the worker renders and converts to T just before `run`.

    `source` is exactly what the author wrote. Read it with `RunContext.render`; a plugin never evaluates it itself.
    """

    __slots__ = ("adapter", "misfit", "source")

    def __init__(
        self, source: Any, adapter: TypeAdapter[Any] | None = None, misfit: ValidationError | None = None
    ) -> None:
        self.source = source
        self.adapter = adapter
        self.misfit = misfit
        """Why a text without expressions is no T. It may be written, and fails where it is read."""

    @property
    def is_dynamic(self) -> bool:
        """Whether anything in it must be rendered: a text with `{{` or `{%`, however deep."""
        return _has_expression(self.source)

    def convert(self, rendered: Any) -> T:
        """The rendered value as a T. Raises pydantic's ValidationError, which names what was expected."""
        if self.adapter is None:
            return rendered  # type: ignore[no-any-return]  # an unparametrised Property promises nothing
        return self.adapter.validate_python(rendered)  # type: ignore[no-any-return]  # the adapter was built for T

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        (inner,) = get_args(source) or (Any,)
        inner = Duration if inner is timedelta else inner
        adapter: TypeAdapter[Any] = TypeAdapter(inner)

        def build(value: Any) -> Property[Any]:
            if isinstance(value, Property):
                return value
            if _has_expression(value):
                return cls(value, adapter)
            try:
                adapter.validate_python(value)
            except ValidationError as misfit:
                if not isinstance(value, str):
                    raise
                return cls(value, adapter, misfit)
            return cls(value, adapter)

        return core_schema.no_info_plain_validator_function(
            build,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda prop: prop.source),
            metadata={
                "pydantic_js_functions": [lambda _schema, js: _or_expression(js(handler.generate_schema(inner)))]
            },
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Property) and self.source == other.source

    def __hash__(self) -> int:
        return hash(repr(self.source))

    def __repr__(self) -> str:
        return f"Property({self.source!r})"


def _or_expression(schema: dict[str, Any]) -> dict[str, Any]:
    """The JSON schema of a value that may also be given as an expression."""
    if schema == {} or (schema.get("type") == "string" and not {"enum", "pattern", "format"} & set(schema)):
        return schema
    return {"anyOf": [schema, {"type": "string", "pattern": r"\{[{%]", "title": "an expression"}], "x-dynamic": True}


def _has_expression(value: Any) -> bool:
    if isinstance(value, str):
        return "{{" in value or "{%" in value
    if isinstance(value, Mapping):
        return any(_has_expression(key) or _has_expression(item) for key, item in value.items())
    return isinstance(value, list) and any(_has_expression(item) for item in value)
