"""JSON schemas of plugins and other pieces of a flow: for the editor, the documentation and the API."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import pairwise
from typing import Any

from pydantic import AliasChoices
from pydantic.fields import FieldInfo
from pydantic.json_schema import models_json_schema

from plugins.catalog.registry import Registry, name_of, registry, title_of
from plugins.contracts import Condition, Model, Plugin, Runner, Task, Trigger

DIALECT = "https://json-schema.org/draft/2020-12/schema"
KINDS: tuple[type[Plugin], ...] = (Task, Trigger, Condition, Runner)
_PREFIX = "#/$defs/"


@cache
def schema(type_name: str) -> dict[str, Any] | None:
    """The JSON schema of one plugin, by any of its names; None when there is no such plugin. Not to be changed.

    Tasks, triggers and conditions inside it are described by what all of them have.
    """
    found = registry().find(type_name)
    if found is None:
        return None
    definitions, names = describe([found.plugin])
    for kind in KINDS:
        name = names.get(kind)
        if name is not None:
            definitions[name] = _any_plugin(kind)
    own = definitions.pop(names[found.plugin])
    return {"$schema": DIALECT, **own, "$defs": definitions}


def flow_schema_of(root: type[Model], plugins: Registry) -> dict[str, Any]:
    """The JSON schema of a whole document, in which a `type` selects the properties that may follow."""
    everything = plugins.all()
    definitions, names = describe([root, *everything])
    for kind in KINDS:
        if kind in names:
            members = [names[plugin] for plugin in everything if issubclass(plugin, kind) and not is_internal(plugin)]
            definitions[names[kind]] = _one_of(members)
    return {"$schema": DIALECT, "$ref": _PREFIX + names[root], "$defs": definitions}


def is_internal(plugin: type[Plugin]) -> bool:
    """Whether it is a part of another plugin that no author writes."""
    return bool(getattr(plugin, "IS_INTERNAL", False))


def describe(models: Iterable[type[Model]]) -> tuple[dict[str, Any], dict[type[Model], str]]:
    """The definitions of these classes and of all they use, and the name of each class among them."""
    wanted = list(dict.fromkeys([*_with_variants(models), *KINDS]))
    references, raw = models_json_schema([(model, "validation") for model in wanted], by_alias=True)
    keys = {model: references[(model, "validation")]["$ref"].removeprefix(_PREFIX) for model in wanted}
    renamed = {keys[model]: _definition_name(model, keys[model]) for model in wanted}
    definitions = {renamed.get(key, key): _renamed(value, renamed) for key, value in raw.get("$defs", {}).items()}
    names = {model: renamed[keys[model]] for model in wanted}
    for model, name in names.items():
        definitions[name] = _finished(model, definitions[name])
    for model, name in names.items():
        if model.VARIANTS and "VARIANTS" in vars(model):
            definitions[name] = _one_of([names[variant] for variant in dict.fromkeys(model.VARIANTS.values())])
    return definitions, names


def _with_variants(models: Iterable[type[Model]]) -> Iterable[type[Model]]:
    seen: set[type[Model]] = set()
    waiting = list(models)
    while waiting:
        model = waiting.pop(0)
        if model not in seen:
            seen.add(model)
            yield model
            waiting += [*model.VARIANTS.values(), *_used_by(model)]


def _used_by(model: type[Model]) -> list[type[Model]]:
    return [used for info in model.model_fields.values() for used in _models_in(info.annotation)]


def _models_in(annotation: Any) -> list[type[Model]]:
    if inspect.isclass(annotation) and issubclass(annotation, Model):
        return [annotation]
    return [found for inner in getattr(annotation, "__args__", ()) for found in _models_in(inner)]


def _definition_name(model: type[Model], key: str) -> str:
    if issubclass(model, Plugin) and model.TYPE:
        return model.TYPE
    return model.__name__ if key.endswith(f"__{model.__name__}") else key


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str):
            key = reference.removeprefix(_PREFIX)
            return {**value, "$ref": _PREFIX + names.get(key, key)}
        return {key: _renamed(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    return value


def _finished(model: type[Model], definition: dict[str, Any]) -> dict[str, Any]:
    """With what only the class knows: its title, its words about each property, other names, type, examples."""
    properties = {name: _plain_property(about) for name, about in definition.get("properties", {}).items()}
    finished = {**definition, "properties": properties, "description": inspect.getdoc(model) or ""}
    docs = _property_docs(model)
    for attribute, info in model.model_fields.items():
        name, *others = names_of(attribute, info)
        if name not in properties:
            continue
        if attribute in docs:
            properties[name].setdefault("description", docs[attribute])
        for other in others:
            properties[other] = properties[name] if has_equal_names(info) else {**properties[name], **_DEPRECATED}
        if is_deprecated(info):
            properties[name] |= _DEPRECATED
        if others and name in finished.get("required", ()):
            finished["required"] = [required for required in finished["required"] if required != name]
            finished["anyOf"] = [{"required": [choice]} for choice in (name, *others)]
    if issubclass(model, Plugin) and model.TYPE:
        properties["type"] = _type_property(model)
        finished |= {"title": title_of(model), "examples": list(model.EXAMPLES), "x-name": name_of(model)}
    if model.DEPRECATED:
        finished |= {**_DEPRECATED, "x-deprecated": model.DEPRECATED}
    return finished


_DEPRECATED = {"deprecated": True, "$deprecated": True}
"""In the word of the standard, and in that of the clients of the contract."""


def is_deprecated(info: FieldInfo) -> bool:
    """By pydantic's mark, which warns whoever reads the attribute, or by that of the schema alone, which does not."""
    extra = info.json_schema_extra
    return bool(info.deprecated) or (isinstance(extra, dict) and extra.get("deprecated") is True)


def _plain_property(about: Mapping[str, Any]) -> dict[str, Any]:
    """Without a made-up title, and without the null that stands for a property left out."""
    kept = {key: value for key, value in about.items() if key != "title" and not (key == "default" and value is None)}
    arms = kept.get("anyOf")
    if not isinstance(arms, list) or {"type": "null"} not in arms:
        return kept
    others = [arm for arm in arms if arm != {"type": "null"}]
    rest = {key: value for key, value in kept.items() if key != "anyOf"}
    return {**others[0], **rest} if len(others) == 1 else {**rest, "anyOf": others}


def _type_property(plugin: type[Plugin]) -> dict[str, Any]:
    own: dict[str, Any] = {"const": plugin.TYPE}
    if not plugin.ALIASES:
        return own
    return {"anyOf": [own, {"enum": list(plugin.ALIASES), "deprecated": True}]}


def has_equal_names(info: FieldInfo) -> bool:
    """Whether none of the names of a field is better than the others."""
    extra = info.json_schema_extra
    return isinstance(extra, dict) and extra.get("x-equal-names") is True


def names_of(attribute: str, info: FieldInfo) -> list[str]:
    """Every name a document may use for a field, the present one first."""
    alias = info.validation_alias
    if isinstance(alias, AliasChoices):
        return [choice for choice in alias.choices if isinstance(choice, str)]
    return [alias] if isinstance(alias, str) else [info.alias or attribute]


def _any_plugin(kind: type[Plugin]) -> dict[str, Any]:
    return {
        "type": "object",
        "title": kind.__name__,
        "description": inspect.getdoc(kind) or "",
        "properties": {"id": {"type": "string"}, "type": {"type": "string"}},
        "required": ["type"],
        "additionalProperties": True,
    }


def _one_of(names: Iterable[str]) -> dict[str, Any]:
    members = [{"$ref": _PREFIX + name} for name in names]
    return {"type": "object", "required": ["type"], "anyOf": members, "discriminator": {"propertyName": "type"}}


@cache
def _property_docs(model: type[Model]) -> dict[str, str]:
    """The text written under each field, its own before those it inherits."""
    docs: dict[str, str] = {}
    for owner in reversed(model.__mro__):
        if owner is not Model and issubclass(owner, Model):
            docs |= _docs_in(owner)
    return {name: text for name, text in docs.items() if name in model.model_fields}


@cache
def _docs_in(owner: type[Model]) -> dict[str, str]:
    found = {}
    for field, text in pairwise(_body_of(owner)):
        is_field = isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if is_field and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            found[field.target.id] = inspect.cleandoc(str(text.value.value))  # type: ignore[attr-defined]  # a Name
    return found


def _body_of(owner: type[Model]) -> list[ast.stmt]:
    if "." not in owner.__qualname__:
        return _bodies_in(owner.__module__).get(owner.__name__, [])
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(owner)))
    except (OSError, TypeError, SyntaxError):
        return []
    return tree.body[0].body if tree.body and isinstance(tree.body[0], ast.ClassDef) else []


@cache
def _bodies_in(module: str) -> dict[str, list[ast.stmt]]:
    """The classes at the top of a module: read once, as many share one."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (KeyError, OSError, TypeError, SyntaxError):
        return {}
    return {node.name: node.body for node in tree.body if isinstance(node, ast.ClassDef)}
