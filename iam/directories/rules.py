"""Rules that say which groups follow from what a directory tells of somebody, and what each of them did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

VALUE, LEAF = "{value}", "{leaf}"
MOST_RULES = 200
_MOST_VALUES = 2_000
_LONGEST = 500


class Rule(BaseModel):
    """Whoever has such a value in this claim is in this group.

    Values are compared as the directory gives them. `{value}` in the group's name stands for the value that matched,
    `{leaf}` for what follows its last slash: such groups are made when they are first met.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    claim: str = Field(default="groups", min_length=1, max_length=200)
    match: Literal["equals", "glob", "any"] = "equals"
    value: str = Field(default="", max_length=_LONGEST)
    group: str = Field(min_length=1, max_length=255)
    tenant: str | None = Field(default=None, max_length=63)
    """Where the group is, for a provider of the instance; one of a tenant says nothing else."""

    @model_validator(mode="after")
    def _has_a_value(self) -> Self:
        if self.match != "any" and not self.value:
            raise ValueError("`value` is needed, unless `match` is any")
        return self

    @property
    def is_template(self) -> bool:
        return VALUE in self.group or LEAF in self.group

    def matches(self, value: str) -> bool:
        if self.match == "any":
            return True
        return value == self.value if self.match == "equals" else is_like(value, self.value)

    def group_for(self, value: str) -> str:
        leaf = value.rstrip("/").rpartition("/")[2]
        return self.group.replace(VALUE, value).replace(LEAF, leaf).strip()[:255]


@dataclass(frozen=True)
class Outcome:
    """What one rule saw and gave."""

    rule: Rule
    seen: tuple[str, ...]
    matched: tuple[str, ...]
    groups: tuple[str, ...]

    @property
    def shape(self) -> dict[str, Any]:
        return {
            "rule": self.rule.model_dump(exclude_none=True),
            "seen": list(self.seen[:100]),
            "matched": list(self.matched[:100]),
            "groups": list(self.groups[:100]),
        }


def apply_rules(rules: Iterable[Rule], claims: Mapping[str, Any]) -> list[Outcome]:
    """Each rule by itself, in order. A claim that is absent is an empty list."""
    return [_outcome(rule, values_of(claims, rule.claim)) for rule in rules]


def _outcome(rule: Rule, seen: tuple[str, ...]) -> Outcome:
    matched = tuple(value for value in seen if rule.matches(value))
    groups = tuple(name for name in dict.fromkeys(map(rule.group_for, matched)) if name)
    return Outcome(rule, seen, matched, groups)


def groups_by_tenant(outcomes: Iterable[Outcome], home: str) -> dict[str, dict[str, bool]]:
    """Names of groups by tenant, each with whether it may be made: a rule's template named it."""
    found: dict[str, dict[str, bool]] = {}
    for outcome in outcomes:
        tenant = home or outcome.rule.tenant or ""
        for name in outcome.groups:
            places = found.setdefault(tenant, {})
            places[name] = places.get(name, True) and outcome.rule.is_template
    return found


def values_of(claims: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The texts of a claim: named as it is, else by a path with dots, through lists."""
    found = [claims[name]] if name in claims else list(_along([claims], name.split(".")))
    return tuple(dict.fromkeys(text for text in _texts(found)))[:_MOST_VALUES]


def _along(values: Iterable[Any], path: Sequence[str]) -> Iterator[Any]:
    if not path:
        yield from values
        return
    for value in values:
        parts = value if isinstance(value, list) else [value]
        yield from _along([part[path[0]] for part in parts if isinstance(part, dict) and path[0] in part], path[1:])


def _texts(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, list | tuple):
            yield from _texts(each for each in value if not isinstance(each, list | tuple | dict))
        elif isinstance(value, bool):
            yield "true" if value else "false"
        elif isinstance(value, str | int | float):
            yield str(value)


def is_like(value: str, pattern: str) -> bool:
    """Whether the value is the pattern, in which `*` stands for anything. Costs its length times the stars."""
    first, *rest = pattern.split("*")
    if not rest:
        return value == pattern
    *middle, last = rest
    if not value.startswith(first) or len(value) < len(first) + len(last) or not value.endswith(last):
        return False
    place, end = len(first), len(value) - len(last)
    for part in middle:
        place = value.find(part, place, end)
        if place < 0:
            return False
        place += len(part)
    return True
