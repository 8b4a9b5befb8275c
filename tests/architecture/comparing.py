"""Two schemas of OpenAPI documents laid side by side: what one has and the other has not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
ANYTHING = "anything"


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """`owner` is the name of our type, or the operation where it has none."""

    owner: str
    kind: str
    """`with`: only ours has it; `without`: theirs always has it, ours never; `rarely`: ours may leave it out;
    `other`: it is of another type."""
    name: str


@dataclass
class Comparison:
    """Walks both schemas at once; each pair of named types once."""

    ours: Json
    theirs: Json
    seen: set[tuple[str, str]] = field(default_factory=set)

    def differences(self, owner: str, mine: Json, wanted: Json, name: str = "") -> Iterator[Difference]:
        pair = (mine.get("$ref", ""), wanted.get("$ref", ""))
        if all(pair):
            if pair in self.seen:
                return
            self.seen.add(pair)
        owner, name = (_last(pair[0]), "") if pair[0] else (owner, name)
        mine, wanted = flat(self.ours, mine), flat(self.theirs, wanted)
        if kind_of(wanted) == ANYTHING:
            return
        if not _fits(kind_of(mine), kind_of(wanted)):
            yield Difference(owner, "other", name)
        elif kind_of(mine) == "array":
            yield from self.differences(owner, mine.get("items", {}), wanted.get("items", {}), name)
        elif kind_of(mine) == "object":
            yield from self._objects(owner, mine, wanted, name)
        elif not _enumerated(mine, wanted):
            yield Difference(owner, "other", name)

    def _objects(self, owner: str, mine: Json, wanted: Json, inside: str) -> Iterator[Difference]:
        got, asked = mine.get("properties", {}), wanted.get("properties", {})
        if not got or not asked:
            return
        for name in got.keys() - asked.keys():
            yield Difference(owner, "with", _joined(inside, name))
        for name in set(wanted.get("required", ())) & asked.keys() - set(mine.get("required", ())):
            kind = "rarely" if name in got else "without"
            yield Difference(owner, kind, _joined(inside, name))
        for name in got.keys() & asked.keys():
            yield from self.differences(owner, got[name], asked[name], _joined(inside, name))


def flat(document: Json, schema: Json) -> Json:
    """A schema without references, its inherited properties taken in."""
    if "$ref" in schema:
        return flat(document, document["components"]["schemas"][_last(schema["$ref"])])
    if "allOf" not in schema:
        return schema
    parts = [flat(document, part) for part in schema["allOf"]]
    if len(parts) == 1 and "properties" not in schema:
        return parts[0]
    properties = {name: each for part in [*parts, schema] for name, each in part.get("properties", {}).items()}
    required = [name for part in [*parts, schema] for name in part.get("required", ())]
    return {"type": "object", "properties": properties, "required": required}


def kind_of(schema: Json) -> str:
    """The type; `anything` where a schema leaves it open. An object of which nothing is said stands for that too."""
    if "oneOf" in schema or "anyOf" in schema:
        return ANYTHING
    kind = schema.get("type")
    if kind == "object" and not schema.get("properties") and "additionalProperties" not in schema:
        return ANYTHING
    return kind if isinstance(kind, str) else ANYTHING


def _enumerated(mine: Json, wanted: Json) -> bool:
    """Where theirs lists what it may be, ours is one of those."""
    return "enum" not in wanted or set(mine.get("enum", ())) <= set(wanted["enum"])


def _fits(mine: str, wanted: str) -> bool:
    return mine == wanted or (mine, wanted) == ("integer", "number")


def _last(reference: str) -> str:
    return reference.rpartition("/")[2]


def _joined(inside: str, name: str) -> str:
    return f"{inside}.{name}" if inside else name
