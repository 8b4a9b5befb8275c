"""How each field of a model is read: found once per class from its annotations."""

from __future__ import annotations

import enum
import inspect
import types
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from plugins.catalog.schemas import has_equal_names, is_deprecated, names_of
from plugins.contracts import Model, Plugin, Property


@dataclass(frozen=True, slots=True)
class Text:
    """A text: an unquoted word is taken as it was written."""


@dataclass(frozen=True, slots=True)
class Free:
    """Anything: words have their YAML meaning."""


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""


@dataclass(frozen=True, slots=True)
class ListOf:
    item: Reader


@dataclass(frozen=True, slots=True)
class MapOf:
    item: Reader


@dataclass(frozen=True, slots=True)
class Nested:
    model: type[Model]


@dataclass(frozen=True, slots=True)
class PluginOf:
    """A plugin of a kind, found by its `type`."""

    kind: type[Plugin]


@dataclass(frozen=True, slots=True)
class Either:
    """Whichever fits what was written: a map, a list or a word."""

    of_map: Reader | None
    of_list: Reader | None
    of_word: Reader | None


Reader = Text | Flag | Free | ListOf | MapOf | Nested | PluginOf | Either


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `name` is what documents call it; `is_dynamic` means that expressions in it are rendered."""

    attribute: str
    name: str
    reader: Reader | None
    is_dynamic: bool
    is_deprecated: bool
    other_names: frozenset[str] = frozenset()
    """Older names, which still work and are told."""
    needs_content: bool = False
    """An empty list or map is no better than none."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields of a class by every name a document may use for them."""

    model: type[Model]
    fields: dict[str, Field]
    has_problems: bool

    @property
    def names(self) -> list[str]:
        return [field.name for field in self.fields.values()]


@cache
def shape_of(model: type[Model]) -> Shape:
    """The shape of a class; its annotations are looked at once."""
    fields: dict[str, Field] = {}
    for attribute, info in model.model_fields.items():
        names = names_of(attribute, info)
        others = frozenset(() if has_equal_names(info) else names[1:])
        dynamic, deprecated = _is_dynamic(attribute, info), is_deprecated(info)
        reader = _reader(info.annotation)
        has_least = any(getattr(rule, "min_length", None) for rule in info.metadata)
        needs_content = has_least and isinstance(reader, ListOf | MapOf | Either)
        field = Field(attribute, names[0], reader, dynamic, deprecated, others, needs_content)
        for name in names:
            fields[name] = field
    return Shape(model, fields, model.problems is not Model.problems)


_NEVER_RENDERED = frozenset({"id", "type", "description", "version", "display_name"})


def _is_dynamic(attribute: str, info: FieldInfo) -> bool:
    return attribute not in _NEVER_RENDERED and not _mentions_models(info.annotation)


def _mentions_models(annotation: Any) -> bool:
    if inspect.isclass(annotation) and issubclass(annotation, Model):
        return True
    return any(_mentions_models(inner) for inner in get_args(annotation))


def _reader(annotation: Any) -> Reader | None:
    origin = get_origin(annotation)
    arguments = get_args(annotation)
    if origin is Annotated:
        return _reader(arguments[0])
    if origin is Property:
        return None if arguments[0] is bool else _reader(arguments[0])
    if origin in (Union, types.UnionType):
        return _either([argument for argument in arguments if argument is not type(None)])
    if origin is list and arguments:
        return ListOf(_reader(arguments[0]) or Free())
    if origin is dict and arguments:
        return MapOf(_reader(arguments[1]) or Free())
    if origin is Literal:
        return Text() if all(isinstance(word, str) for word in arguments) else None
    return _plain_reader(annotation)


def _plain_reader(annotation: Any) -> Reader | None:
    if annotation is Any or annotation in (dict, list, object):
        return Free()
    if annotation is bool:
        return Flag()
    if not inspect.isclass(annotation):
        return None
    if issubclass(annotation, Plugin):
        return PluginOf(annotation)
    if issubclass(annotation, Model):
        return Nested(annotation)
    if annotation is str or issubclass(annotation, str | enum.Enum):
        return Text()
    return None


def _either(arms: list[Any]) -> Reader | None:
    readers = [_reader(arm) for arm in arms]
    if len(readers) == 1:
        return readers[0]
    if any(isinstance(reader, Free) for reader in readers):
        return Free()
    maps = [reader for reader in readers if isinstance(reader, MapOf | Nested | PluginOf)]
    # Which of several models is meant is for their validation to say.
    of_map: Reader | None = Free() if len(maps) > 1 else next(iter(maps), None)
    of_list = next((reader for reader in readers if isinstance(reader, ListOf)), None)
    all_text = all(
        reader is None or isinstance(reader, Text) for reader in readers if not isinstance(reader, _CONTAINERS)
    )
    has_other = any(reader is None for reader in readers)
    return Either(of_map, of_list, Text() if all_text and not has_other and Text() in readers else None)


_CONTAINERS = (MapOf, ListOf, Nested, PluginOf)
