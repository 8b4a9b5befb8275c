"""PATCH (RFC 7644, 3.5.2): operations on a document, with the habits of the clients that send them."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from iam.scim.attributes import Attribute, Kind
from iam.scim.documents import Document, checked, coerced, one_primary, parts, put, set_at
from iam.scim.expressions import Path, Target, parse_target
from iam.scim.matching import matches, said_equal
from iam.scim.profiles import Profile
from iam.scim.refusals import InvalidPath, InvalidSyntax, InvalidValue, Mutability, NoTarget

MOST_OPERATIONS = 1_000
VERBS = ("add", "remove", "replace")


@dataclass(frozen=True, slots=True)
class Operation:
    """`target` is None where the value says by its own names what is changed."""

    verb: str
    target: Target | None
    value: Any
    makes_missing: bool = False


def operations_of(kind: Kind, body: Any, profile: Profile) -> list[Operation]:
    """Those of a PATCH body. InvalidSyntax for a body without any."""
    named = {str(key).lower(): value for key, value in body.items()} if isinstance(body, dict) else {}
    said = named.get("operations")
    if isinstance(said, dict):
        said = [said]
    if not isinstance(said, list) or not said:
        raise InvalidSyntax("`Operations` must be a list of operations")
    if len(said) > MOST_OPERATIONS:
        raise InvalidValue(f"more than {MOST_OPERATIONS} operations")
    return [_operation(kind, each, profile) for each in said]


def _operation(kind: Kind, said: Any, profile: Profile) -> Operation:
    if not isinstance(said, dict):
        raise InvalidSyntax("an operation must be an object")
    named = {str(key).lower(): value for key, value in said.items()}
    verb, path, value = named.get("op"), named.get("path"), named.get("value")
    if not isinstance(verb, str) or verb.lower() not in VERBS:
        raise InvalidSyntax(f"`op` must be one of {', '.join(VERBS)}")
    if path is not None and not isinstance(path, str):
        raise InvalidPath("`path` must be a text")
    target = parse_target(kind, path) if path and path.strip() else None
    if target is None and verb.lower() == "remove":
        raise NoTarget("a remove needs a path")
    if target is None and not isinstance(value, dict):
        raise InvalidValue("without a path the value must be an object")
    if target is not None and target.path.is_read_only:
        raise Mutability(f"`{str(path)[:100]}` is read-only")
    # Entra writes its verbs with a capital, and expects what is not there to be made.
    is_entra = profile.makes_missing_values or verb[:1].isupper()
    return Operation(verb.lower(), target, value, makes_missing=is_entra or verb.lower() == "add")


def patched(kind: Kind, document: Document, operations: Iterable[Operation]) -> Document:
    """The document after all of them, in their order."""
    changed = copy.deepcopy(document)
    for operation in operations:
        if operation.target is None:
            _merge(kind, changed, operation)
        elif operation.target.path.attribute is None:
            _extension(kind, changed, operation, str(operation.target.path.extension))
        else:
            _at(changed, operation, operation.target, operation.target.path.attribute)
    return checked(kind, changed)


def _merge(kind: Kind, document: Document, operation: Operation) -> None:
    for key, value in operation.value.items():
        if key.lower() in ("id", "schemas", "meta"):
            continue
        for name, inner in _spread(kind, key, value):
            _named(kind, document, operation, name, inner)


def _spread(kind: Kind, key: str, value: Any) -> Iterator[tuple[str, Any]]:
    """An extension is changed member by member: what is not said of it stays."""
    urn = kind.extension(key)
    if urn is not None and isinstance(value, dict):
        yield from ((f"{urn}:{name}", inner) for name, inner in value.items())
    else:
        yield key, value


def _named(kind: Kind, document: Document, operation: Operation, name: str, value: Any) -> None:
    try:
        target = parse_target(kind, name)
    except InvalidPath:
        return
    if target.path.is_read_only:
        return
    if target.path.attribute is None:
        put(kind, document, name, value)
        return
    one = Operation(operation.verb, target, value, operation.makes_missing)
    _at(document, one, target, target.path.attribute)


def _extension(kind: Kind, document: Document, operation: Operation, urn: str) -> None:
    if operation.verb == "remove":
        document.pop(urn, None)
        return
    if not isinstance(operation.value, dict):
        raise InvalidValue(f"`{urn}` must be an object")
    inner = parts(kind.extensions[urn], operation.value, urn)
    before = document.get(urn, {}) if operation.verb == "add" else {}
    if inner or before:
        document[urn] = {**before, **inner}


def _at(document: Document, operation: Operation, target: Target, attribute: Attribute) -> None:
    if target.filter is not None:
        _where(document, operation, target, attribute)
    elif operation.verb == "remove":
        _remove(document, operation, target.path, attribute)
    else:
        _set(document, operation, target.path, attribute)


def _home(document: Document, path: Path) -> Document:
    found: Document = document.get(path.extension, {}) if path.extension else document
    return found


def _remove(document: Document, operation: Operation, path: Path, attribute: Attribute) -> None:
    if attribute.is_required and path.sub is None:
        raise Mutability(f"`{attribute.name}` is needed")
    named = coerced(attribute, operation.value, attribute.name) if attribute.is_many and path.sub is None else None
    if not named:
        set_at(document, path, None)
        return
    held = _home(document, path).get(attribute.name, [])
    set_at(document, path, [item for item in held if not any(_is_same(item, other) for other in named)])


def _is_same(item: Any, other: Any) -> bool:
    if isinstance(item, dict) and isinstance(other, dict) and "value" in item and "value" in other:
        return bool(item["value"] == other["value"])
    return bool(item == other)


def _set(document: Document, operation: Operation, path: Path, attribute: Attribute) -> None:
    leaf = path.leaf or attribute
    value = coerced(leaf, operation.value, leaf.name)
    if path.sub is not None:
        set_at(document, path, value)
        return
    held = _home(document, path).get(attribute.name)
    if attribute.is_many and operation.verb == "add":
        value = _together(held or [], value or [])
    elif attribute.is_complex and not attribute.is_many and value is not None:
        value = {**(held or {}), **value}
    set_at(document, path, value)


def _together(held: list[Any], more: list[Any]) -> list[Any]:
    """Those that are new after those that are there; one that is there with other parts takes them."""
    result = list(held)
    for item in more:
        same = next((at for at, other in enumerate(result) if _is_kin(other, item)), None)
        if same is None:
            result.append(item)
        else:
            result[same] = {**result[same], **item} if isinstance(item, dict) else item
            result.append(result.pop(same))
    return one_primary(result)


def _is_kin(item: Any, other: Any) -> bool:
    if not isinstance(item, dict) or not isinstance(other, dict):
        return bool(item == other)
    is_same_type = item.get("type") == other.get("type") or "type" not in other
    return "value" in item and item.get("value") == other.get("value") and is_same_type


def _where(document: Document, operation: Operation, target: Target, attribute: Attribute) -> None:
    """Only those values that the brackets find."""
    assert target.filter is not None
    held: list[Document] = list(_home(document, target.path).get(attribute.name, []))
    if not attribute.is_many:
        single = _home(document, target.path).get(attribute.name)
        held = [single] if single else []
    found = [at for at, item in enumerate(held) if matches(item, target.filter)]
    if operation.verb == "remove":
        held = _without(held, found, target.path.sub)
    elif found:
        for at in found:
            held[at] = _changed(held[at], operation, target.path, attribute)
    elif operation.makes_missing:
        held.append(_changed(parts(attribute.subs, _made(target), attribute.name), operation, target.path, attribute))
        found = [len(held) - 1]
    else:
        raise NoTarget(f"no value of `{attribute.name}` is found by the filter")
    whole = Path(target.path.extension, attribute)
    kept = [item for item in _with_one_primary(held, found) if item]
    set_at(document, whole, kept if attribute.is_many else (kept[0] if kept else None))


def _made(target: Target) -> Mapping[str, Any]:
    assert target.filter is not None
    return said_equal(target.filter)


def _without(held: list[Document], found: list[int], sub: Attribute | None) -> list[Document]:
    if sub is None:
        return [item for at, item in enumerate(held) if at not in found]
    return [
        {key: value for key, value in item.items() if key != sub.name} if at in found else item
        for at, item in enumerate(held)
    ]


def _changed(item: Document, operation: Operation, path: Path, attribute: Attribute) -> Document:
    if path.sub is not None:
        value = coerced(path.sub, operation.value, path.sub.name)
        return {key: inner for key, inner in {**item, path.sub.name: value}.items() if inner is not None}
    said = operation.value[0] if isinstance(operation.value, list) and operation.value else operation.value
    if isinstance(said, str) and "value" in attribute.subs:
        said = {"value": said}
    if not isinstance(said, dict):
        raise InvalidValue(f"a value of `{attribute.name}` must be an object")
    return {**item, **parts(attribute.subs, said, attribute.name)}


def _with_one_primary(held: list[Document], changed: list[int]) -> list[Document]:
    """A value that was made the first of all takes that from the one before."""
    firsts = [at for at in changed if at < len(held) and held[at].get("primary") is True]
    if not firsts:
        return held
    return [
        {**item, "primary": False} if item.get("primary") is True and at != firsts[-1] else item
        for at, item in enumerate(held)
    ]
