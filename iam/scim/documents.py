"""What a client says of a resource, as it is kept: our names, our types, and nothing that nobody asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from iam.scim.attributes import Attribute, Attributes, Kind
from iam.scim.expressions import Path, resolve
from iam.scim.refusals import InvalidPath, InvalidValue

Document = dict[str, Any]
LONGEST_TEXT = 4_000
MOST_VALUES = 200
LARGEST = 64_000
_SET_BY_US = frozenset({"id", "schemas", "meta"})


def normalized(kind: Kind, said: Mapping[str, Any]) -> Document:
    """The document of a body, without what is no attribute or ours to say. InvalidValue for wrong types."""
    document: Document = {}
    for key, value in said.items():
        if key.lower() not in _SET_BY_US:
            put(kind, document, key, value)
    return checked(kind, document)


def put(kind: Kind, document: Document, key: str, value: Any) -> None:
    """One member of a body; `name.givenName` and a URN with an attribute are names too."""
    try:
        path = resolve(kind, key)
    except InvalidPath:
        return
    if path.is_read_only:
        return
    if path.attribute is None:
        _put_extension(kind, document, str(path.extension), value)
    else:
        set_at(document, path, coerced(path.leaf or path.attribute, value, key))


def _put_extension(kind: Kind, document: Document, urn: str, value: Any) -> None:
    if value is None:
        document.pop(urn, None)
        return
    if not isinstance(value, dict):
        raise InvalidValue(f"`{urn}` must be an object")
    inner = parts(kind.extensions[urn], value, urn)
    if inner:
        document[urn] = {**document.get(urn, {}), **inner}


def parts(attributes: Attributes, said: Mapping[str, Any], where: str) -> Document:
    found = {}
    for key, value in said.items():
        attribute = attributes.get(key.lower())
        if attribute is None or attribute.is_read_only:
            continue
        kept = coerced(attribute, value, f"{where}.{attribute.name}")
        if kept is not None:
            found[attribute.name] = kept
    return found


def set_at(document: Document, path: Path, value: Any) -> None:
    """Put a value where the path says, None takes it away; a whole that holds nothing any more goes, too."""
    assert path.attribute is not None
    home = document.setdefault(path.extension, {}) if path.extension else document
    if path.sub is None:
        _set(home, path.attribute.name, value)
    elif path.attribute.is_many:
        items = home.setdefault(path.attribute.name, []) or [{}]
        home[path.attribute.name] = items
        for item in items:
            _set(item, path.sub.name, value)
        _set(home, path.attribute.name, [item for item in items if item])
    else:
        inner = dict(home.get(path.attribute.name) or {})
        _set(inner, path.sub.name, value)
        _set(home, path.attribute.name, inner)
    if path.extension and not home:
        del document[path.extension]


def _set(home: Document, name: str, value: Any) -> None:
    if value in (None, [], {}):
        home.pop(name, None)
    else:
        home[name] = value


def coerced(attribute: Attribute, value: Any, where: str) -> Any:
    """The value as its type; None for nothing. Texts that mean yes or no are taken for it: a client says "False"."""
    if value is None:
        return None
    if attribute.is_many:
        items = value if isinstance(value, list) else [value]
        if len(items) > MOST_VALUES:
            raise InvalidValue(f"`{where}` has more than {MOST_VALUES} values")
        kept = [_single(attribute, item, where) for item in items if item is not None]
        return one_primary([item for number, item in enumerate(kept) if item != {} and item not in kept[:number]])
    return _single(attribute, value, where)


def one_primary(items: list[Any]) -> list[Any]:
    """No more than one value is the first of all: the one that was said last."""
    primary = [number for number, item in enumerate(items) if isinstance(item, dict) and item.get("primary") is True]
    for number in primary[:-1]:
        items[number] = {**items[number], "primary": False}
    return items


def _single(attribute: Attribute, value: Any, where: str) -> Any:
    if attribute.is_complex:
        if isinstance(value, str) and "value" in attribute.subs:
            value = {"value": value}
        if not isinstance(value, dict):
            raise InvalidValue(f"`{where}` must be an object")
        return parts(attribute.subs, value, where)
    if attribute.type == "boolean":
        return _yes_or_no(value, where)
    if attribute.type in ("integer", "decimal"):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidValue(f"`{where}` must be a number")
        return value
    return _text(value, where)


def _yes_or_no(value: Any, where: str) -> bool:
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    if not isinstance(value, bool):
        raise InvalidValue(f"`{where}` must be true or false")
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise InvalidValue(f"`{where}` must be a text")
    if len(value) > LONGEST_TEXT:
        raise InvalidValue(f"`{where}` is longer than {LONGEST_TEXT} characters")
    if "\x00" in value:
        raise InvalidValue(f"`{where}` holds a NUL character")
    return value


def checked(kind: Kind, document: Document) -> Document:
    """The document, when it holds what it must, and no more than is kept."""
    for attribute in kind.attributes.values():
        value = document.get(attribute.name)
        if attribute.is_required and (not isinstance(value, str) or not value.strip()):
            raise InvalidValue(f"`{attribute.name}` is needed")
    for name in ("userName", "externalId", "displayName"):
        if len(document.get(name, "")) > 255:
            raise InvalidValue(f"`{name}` is longer than 255 characters")
    if len(json.dumps(document)) > LARGEST:
        raise InvalidValue(f"more than {LARGEST} bytes are kept of no {kind.name}")
    return document


def folded(document: Document) -> Document:
    """The same with every text in small letters, to be searched without regard to case."""
    return {key: _fold(value) for key, value in document.items()}


def _fold(value: Any) -> Any:
    if isinstance(value, str):
        return value.lower()
    if isinstance(value, dict):
        return {key: _fold(inner) for key, inner in value.items()}
    return [_fold(inner) for inner in value] if isinstance(value, list) else value


class Projection:
    """Which attributes are shown: those asked for, or all but some. `id` and `schemas` always are."""

    def __init__(self, kind: Kind, wanted: Iterable[str] = (), left_out: Iterable[str] = ()) -> None:
        self._wanted = self._paths(kind, wanted)
        self._left_out = self._paths(kind, left_out)

    @staticmethod
    def _paths(kind: Kind, names: Iterable[str]) -> list[Path]:
        found = []
        for name in names:
            try:
                found.append(resolve(kind, name))
            except InvalidPath:
                continue
        return found

    def shows(self, name: str) -> bool:
        """Whether any of the attribute is shown, so that what is not need not be read."""
        if self._wanted:
            return any(path.attribute is not None and path.attribute.name == name for path in self._wanted)
        return not any(_is_whole(path, name) for path in self._left_out)

    def asks_for(self, name: str, sub: str) -> bool:
        """Whether a part is named that is told to nobody else."""
        asked = ((path.attribute, path.sub) for path in self._wanted)
        return any(each and part and (each.name, part.name) == (name, sub) for each, part in asked)

    def __call__(self, shown: Document) -> Document:
        if self._wanted:
            found: Document = {key: shown[key] for key in ("schemas", "id") if key in shown}
            for path in self._wanted:
                _copy(path, shown, found)
            return found
        kept = dict(shown)
        for path in self._left_out:
            _leave_out(path, kept)
        return kept


def _is_whole(path: Path, name: str) -> bool:
    return path.extension is None and path.sub is None and path.attribute is not None and path.attribute.name == name


def _copy(path: Path, source: Document, found: Document) -> None:
    if path.attribute is None:
        if path.extension in source:
            found[str(path.extension)] = source[str(path.extension)]
        return
    home = source.get(path.extension, {}) if path.extension else source
    if path.attribute.name not in home:
        return
    target = found.setdefault(path.extension, {}) if path.extension else found
    value = home[path.attribute.name]
    if path.sub is None:
        target[path.attribute.name] = value
    elif isinstance(value, list):
        items = target.setdefault(path.attribute.name, [{} for _ in value])
        for item, whole in zip(items, value, strict=True):
            if path.sub.name in whole:
                item[path.sub.name] = whole[path.sub.name]
    else:
        inner = target.setdefault(path.attribute.name, {})
        if path.sub.name in value:
            inner[path.sub.name] = value[path.sub.name]


def _leave_out(path: Path, kept: Document) -> None:
    if path.attribute is None:
        kept.pop(str(path.extension), None)
        return
    if path.attribute.name in ("id", "schemas"):
        return
    if path.extension:
        if path.extension not in kept:
            return
        kept[path.extension] = dict(kept[path.extension])
    home = kept[path.extension] if path.extension else kept
    value = home.get(path.attribute.name)
    if path.sub is None:
        home.pop(path.attribute.name, None)
    elif isinstance(value, list):
        home[path.attribute.name] = [{k: v for k, v in item.items() if k != path.sub.name} for item in value]
    elif isinstance(value, dict):
        home[path.attribute.name] = {k: v for k, v in value.items() if k != path.sub.name}
