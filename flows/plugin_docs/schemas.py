"""JSON schemas as the API hands them out: of what a flow is made of, and of single plugins and inputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from flows.model.inputs.definitions import INPUT_TYPES
from flows.model.schema import flow_schema
from plugins.catalog.schemas import DIALECT, schema
from plugins.contracts import Plugin

_TASK, _TRIGGER = "Task", "Trigger"
Schema = dict[str, Any]


def schema_of(kind: str) -> Schema | None:
    """The schema of a FLOW, TASK or TRIGGER; None for what this instance does not have. Not to be changed."""
    make = _KINDS.get(kind)
    return make() if make else None


@cache
def _task_schema() -> Schema:
    return _part(_TASK)


@cache
def _trigger_schema() -> Schema:
    return _part(_TRIGGER)


def _part(name: str) -> Schema:
    """The same definitions, entered at another of them."""
    whole = flow_schema()
    return {"$schema": DIALECT, "$ref": f"#/$defs/{name}", "$defs": whole["$defs"]}


_KINDS: dict[str, Callable[[], Schema]] = {"FLOW": flow_schema, "TASK": _task_schema, "TRIGGER": _trigger_schema}
KINDS = tuple(_KINDS)


def properties_of(kind: str) -> Schema:
    """The schema of what that kind always has, whatever its `type` is; empty for an unknown kind."""
    found = schema_of(kind)
    if found is None:
        return {}
    definitions = found["$defs"]
    top = definitions[found["$ref"].rpartition("/")[2]]
    branches = [definitions[each["$ref"].rpartition("/")[2]] for each in top.get("anyOf", ())] or [top]
    shared = set.intersection(*(set(each["properties"]) for each in branches))
    properties = {name: _of_any_type(name, branches) for name in branches[0]["properties"] if name in shared}
    required = [
        name for name in branches[0].get("required", ()) if all(name in b.get("required", ()) for b in branches)
    ]
    return {"$schema": DIALECT, "type": "object", "properties": properties, "required": required, "$defs": definitions}


def _of_any_type(name: str, branches: Sequence[Schema]) -> Schema:
    """A property that is a constant of each type may be any of them."""
    own: Schema = branches[0]["properties"][name]
    return {"type": "string"} if len(branches) > 1 and "const" in own else own


def plugin_schema(plugin: type[Plugin]) -> Schema:
    """One plugin's properties, as its page shows them."""
    found = schema(plugin.TYPE) or {}
    own = {key: value for key, value in found.items() if key != "$defs"}
    return {"properties": own, "outputs": outputs_of(plugin), "definitions": found.get("$defs", {})}


def outputs_of(plugin: type[Plugin]) -> Schema:
    """What it brings, as the schema of a map; empty when it brings nothing."""
    described = {name: {"title": name, **about} for name, about in sorted(plugin.OUTPUTS.items())}
    return {"type": "object", "properties": described} if described else {}


def input_types() -> list[tuple[str, str]]:
    """Every type an input can have, with the name of its schema."""
    return [(name, model.__name__) for name, model in INPUT_TYPES.items()]


@cache
def input_schema(type_name: str) -> Schema | None:
    """The properties of an input of that type."""
    model = INPUT_TYPES.get(type_name)
    if model is None:
        return None
    found = model.model_json_schema(by_alias=True)
    return {"properties": found, "outputs": {}, "definitions": found.pop("$defs", {})}
