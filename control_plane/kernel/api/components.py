"""Types as JSON schemas; what has a name becomes a component of the API's description."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

Mode = Literal["validation", "serialization"]
Json = dict[str, Any]


class _Schemas(GenerateJsonSchema):
    """A property that may be absent is left out when it has no value, so it is never null."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        return inner if schema.get("default") is None else super().default_schema(schema)

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schema_of(kind: Any, registry: ComponentRegistry, mode: Mode = "serialization") -> Json:
    """The schema of a type; the named types it is made of go into the registry."""
    schema, named = _generated(kind, mode)
    for name, definition in named.items():
        _register(registry, name, definition)
    return schema


@cache
def _generated(kind: Any, mode: Mode) -> tuple[Json, dict[str, Json]]:
    # In a list even the outermost type is referred to by its name.
    adapter: TypeAdapter[Any] = TypeAdapter(list[kind])
    whole = adapter.json_schema(
        mode=mode, ref_template="#/components/schemas/{model}", schema_generator=_Schemas, by_alias=True
    )
    named = {name: _untitled(schema) for name, schema in whole.get("$defs", {}).items()}
    return _untitled(whole.get("items", {})), named


def _register(registry: ComponentRegistry, name: str, schema: Json) -> None:
    kind = ResolvedComponent.SCHEMA
    component = ResolvedComponent(name=name, type=kind, schema=schema, object=name)  # type: ignore[no-untyped-call]  # the library has no types here
    if component in registry and registry[component].schema != schema:
        raise ValueError(f"two different types of the API are called {name}")
    registry.register_on_missing(component)


def _untitled(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {
            key: _untitled(value) for key, value in schema.items() if not (key == "title" and isinstance(value, str))
        }
    return [_untitled(each) for each in schema] if isinstance(schema, list) else schema
