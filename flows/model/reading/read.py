"""A document read into models: plugins found by their type, texts kept as written, every problem with its line."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import ValidationError

from flows.model.documents.scalars import Empty, canonical, is_given
from flows.model.documents.tree import plain, spot_of
from flows.model.reading.sentences import EMPTY, NO_TASKS, complaints, shown
from flows.model.reading.session import Reading
from flows.model.reading.shapes import (
    Either,
    Field,
    Flag,
    Free,
    ListOf,
    MapOf,
    Nested,
    PluginOf,
    Reader,
    Shape,
    Text,
    shape_of,
)
from flows.model.reading.suggestions import closest, did_you_mean, type_did_you_mean
from plugins.contracts import Condition, Model, Plugin, Property, Runner, Task, Trigger

M = TypeVar("M", bound=Model)

_KIND_WORDS: dict[type[Plugin], str] = {Task: "task", Trigger: "trigger", Condition: "condition", Runner: "task runner"}


class _Unreadable:
    """Stands for an entry that was refused, so that those around it are still read."""


UNREADABLE = _Unreadable()


def read_model(model: type[M], document: Any, reading: Reading) -> M | None:
    """The document as this model, or None when it cannot be built; every problem is in `reading`."""
    built = _read_nested(model, document, reading)
    return built if isinstance(built, model) else None


def read_plugin(kind: type[Plugin], document: Any, reading: Reading) -> Plugin | None:
    """The document as the plugin its `type` names, or None."""
    built = _read_plugin(kind, document, reading)
    return built if isinstance(built, Plugin) else None


def _read(reader: Reader | None, value: Any, container: Any, key: str | int, reading: Reading) -> Any:
    if value is None or reader is None:
        return value
    if type(value) is Empty:
        return "" if isinstance(reader, Text | Free) else None
    if type(reader) is Text:
        return _text(value, container, key, reading)
    if type(reader) is Flag:
        return _flag(value, reading)
    if type(reader) is Either:
        return _read(_arm(reader, value), value, container, key, reading)
    if type(reader) is ListOf:
        return _read_list(reader, value, reading)
    if type(reader) is MapOf:
        return _read_map(reader, value, reading)
    if type(reader) is Nested:
        return _read_nested(reader.model, value, reading)
    if type(reader) is PluginOf:
        return _read_plugin(reader.kind, value, reading)
    return plain(value)


def _arm(reader: Either, value: Any) -> Reader | None:
    if isinstance(value, dict):
        return reader.of_map or Free()
    if isinstance(value, list):
        return reader.of_list or Free()
    return reader.of_word


def _text(value: Any, container: Any, key: str | int, reading: Reading) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        return plain(value)
    spot = spot_of(container, key)
    if spot is None:
        return canonical(value)
    text = canonical(value) if spot.written is None or isinstance(value, bool) else spot.written
    reading.texts[(id(container.spots), key)] = text
    return text


def _flag(value: Any, reading: Reading) -> Any:
    """The words `true` and `false` alone may also be quoted."""
    if not isinstance(value, str):
        return value
    word = value.strip().lower()
    if word not in ("true", "false"):
        reading.complain(f"must be `true` or `false`, but is {shown(value)}", value=value)
        return UNREADABLE
    return word == "true"


def _read_list(reader: ListOf, value: Any, reading: Reading) -> Any:
    if not isinstance(value, list):
        return value
    items = []
    trail = reading.trail
    for index, item in enumerate(value):
        if _is_nothing(item, reader.item):
            reading.complain("must not be null", [index])
            continue
        trail.append((value, index))
        built = _read(reader.item, item, value, index, reading)
        trail.pop()
        if built is not UNREADABLE:
            items.append(built)
    return items


def _is_nothing(item: Any, reader: Reader) -> bool:
    """Whether an item of a list was left out where something is needed."""
    if type(item) is Empty:
        return not isinstance(reader, Text | Free)
    return item is None and not isinstance(reader, Free)


def _read_map(reader: MapOf, value: Any, reading: Reading) -> Any:
    if not isinstance(value, dict):
        return value
    entries = {}
    trail = reading.trail
    for key, item in value.items():
        trail.append((value, key))
        built = _read(reader.item, item, value, key, reading)
        trail.pop()
        if built is not UNREADABLE:
            entries[key] = built
    return entries


def _read_plugin(kind: type[Plugin], value: Any, reading: Reading) -> Any:
    word = _word_for(kind)
    if not isinstance(value, dict):
        reading.complain(f"must be a {word}: a map with a `type`, but is {shown(value)}")
        return UNREADABLE
    type_name = value.get("type")
    if not isinstance(type_name, str) or not type_name:
        reading.complain("must not be null" if type_name is None else f"must be the type of a {word}", ["type"])
        return UNREADABLE
    plugin = _plugin_class(kind, word, type_name, reading)
    if plugin is None:
        return UNREADABLE
    return _build(shape_of(plugin), value, reading, f"{word} `{value.get('id', type_name)}`")


def _plugin_class(kind: type[Plugin], word: str, type_name: str, reading: Reading) -> type[Plugin] | None:
    found = reading.registry.find(type_name)
    if found is None:
        known = [plugin.TYPE for plugin in reading.registry.types.values() if issubclass(plugin, kind)]
        reading.complain(f"Invalid type: {type_name}{type_did_you_mean(type_name, known)}", ["type"], type_name)
        return None
    if not issubclass(found.plugin, kind):
        other = _word_for(found.plugin)
        reading.complain(f"Invalid type: {type_name} is a {other}, but a {word} is expected here", ["type"], type_name)
        return None
    if found.replaces is not None:
        reading.replace(found.replaces, found.plugin.TYPE)
    if found.plugin.DEPRECATED:
        reading.deprecate()
    return found.plugin


def _word_for(plugin: type[Plugin]) -> str:
    return next((word for kind, word in _KIND_WORDS.items() if issubclass(plugin, kind)), "plugin")


def _read_nested(model: type[Model], value: Any, reading: Reading) -> Any:
    if not isinstance(value, dict):
        reading.complain(f"must be a map, but is {shown(value)}")
        return UNREADABLE
    chosen: type[Model] | None = model
    if model.VARIANTS:
        chosen = _variant(model, value, reading)
    if chosen is None:
        return UNREADABLE
    return _build(shape_of(chosen), value, reading, _owner(chosen, value, reading))


def _variant(model: type[Model], value: dict[str, Any], reading: Reading) -> type[Model] | None:
    name = value.get("type")
    if name is None:
        reading.complain("must not be null", ["type"])
        return None
    chosen = model.VARIANTS.get(name) if isinstance(name, str) else None
    if chosen is None:
        hint = did_you_mean(str(name), model.VARIANTS)
        reading.complain(f"Invalid type: {shown(name).strip('`')}{hint}", ["type"], name)
    elif chosen.DEPRECATED:
        reading.deprecate(["type"])
    return chosen


def _owner(model: type[Model], value: dict[str, Any], reading: Reading) -> str:
    if not reading.trail:
        return "the flow"
    key = reading.trail[-1][1]
    if isinstance(key, int) and len(reading.trail) > 1:
        singular = str(reading.trail[-2][1]).removesuffix("s")
        return f"{singular} `{value['id']}`" if isinstance(value.get("id"), str) else singular
    return f"`{key}`"


def _build(shape: Shape, value: dict[str, Any], reading: Reading, owner: str) -> Any:
    before = len(reading.violations)
    data: dict[str, Any] = {}
    faulty: set[str] = set()
    for key, item in value.items():
        field = shape.fields.get(key)
        if field is None:
            meant = _unknown(shape, key, reading, owner)
            faulty.update({meant} if meant else ())
        elif is_given(item) or (item is not None and isinstance(field.reader, Free)):
            found = len(reading.violations)
            _read_field(field, key, item, value, data, reading)
            if len(reading.violations) > found:
                faulty.add(key)
    built = _validate(shape, data, faulty, reading)
    if isinstance(built, Model):
        _tell_misfits(shape, built, value, reading)
    if shape.has_problems and isinstance(built, Model) and len(reading.violations) == before:
        for problem in built.problems():
            reading.complain(problem.message, [problem.field] if problem.field else [])
    return built


def _tell_misfits(shape: Shape, built: Model, value: dict[str, Any], reading: Reading) -> None:
    """Of what is no value of its property: whether a task is disabled must be known, all else fails when it is read."""
    for key in value:
        field = shape.fields.get(key)
        found = built.__dict__.get(field.attribute) if field is not None and field.is_dynamic else None
        if isinstance(found, Property) and found.misfit is not None:
            _, sentence, _ = next(complaints(found.misfit))
            tell = reading.complain if field is not None and field.attribute == "disabled" else reading.doubt
            tell(sentence, [key])


def _unknown(shape: Shape, key: str, reading: Reading, owner: str) -> str | None:
    """Report it; return the property that was meant, which is then no more reported as missing."""
    if reading.ignores_unknown:
        return None
    meant = closest(key, shape.names)
    hint = f", did you mean `{meant}`?" if meant else ""
    known = ", ".join(f'"{name}"' for name in dict.fromkeys(shape.names))
    reading.complain(
        f'Unrecognized field "{key}" in {owner}{hint or ","} not marked as ignorable '
        f"({len(set(shape.names))} known properties: {known})",
        [key],
        at_key=True,
    )
    return meant


def _read_field(
    field: Field, key: str, item: Any, container: dict[str, Any], data: dict[str, Any], reading: Reading
) -> None:
    if field.is_deprecated or key in field.other_names:
        reading.deprecate([key])
    reading.trail.append((container, key))
    built = _read(field.reader, item, container, key, reading)
    if field.is_dynamic and reading.check_expression is not None:
        _check_expressions(item, reading)
    reading.trail.pop()
    if built is not UNREADABLE:
        data[key] = built


def _check_expressions(value: Any, reading: Reading) -> None:
    if isinstance(value, str):
        if "{{" in value or "{%" in value or "{#" in value:
            wrong = reading.check_expression(value) if reading.check_expression else None
            if wrong is not None:
                reading.expression_problems.append(reading.violation(wrong, value=value))
    elif isinstance(value, dict):
        for key, item in value.items():
            reading.trail.append((value, key))
            _check_expressions(item, reading)
            reading.trail.pop()
    elif isinstance(value, list):
        for index, item in enumerate(value):
            reading.trail.append((value, index))
            _check_expressions(item, reading)
            reading.trail.pop()


def _validate(shape: Shape, data: dict[str, Any], faulty: set[str], reading: Reading) -> Any:
    model = shape.model
    try:
        return model.model_validate(data)
    except ValidationError as error:
        bad: set[str] = set()
        for location, message, value in complaints(error):
            name = str(location[0]) if location else ""
            bad.add(name)
            if name not in faulty:
                field = shape.fields.get(name)
                is_absent = field is not None and field.needs_content and name not in data
                sentence = EMPTY if is_absent else message
                if sentence == EMPTY and name == "tasks" and issubclass(model, Task):
                    sentence = NO_TASKS
                reading.complain(sentence, _existing(location, data), value)
    rest = {key: item for key, item in data.items() if key not in bad}
    try:
        return model.model_validate(rest)
    except ValidationError:
        return UNREADABLE


def _existing(location: tuple[str | int, ...], data: Any) -> list[str | int]:
    """The location without the names pydantic gives to the arms of a union."""
    steps: list[str | int] = []
    current = data
    for index, key in enumerate(location):
        is_there = (isinstance(current, dict) and key in current) or (
            isinstance(current, list) and isinstance(key, int)
        )
        if is_there or index == len(location) - 1 or index == 0:
            steps.append(key)
            current = current[key] if is_there and not (isinstance(key, int) and key >= len(current)) else None
    return steps
