"""What a policy of retention says: for each kind of data, what goes and when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from control_plane.kernel.api.errors import from_pydantic
from control_plane.kernel.words.durations import parse_iso_duration
from control_plane.kernel.words.errors import Invalid, Violation
from plugins.contracts import LogLevel, State

SHORTEST = timedelta(days=1)
_MOST_RULES = 20


class Kind(StrEnum):
    """`FILES` are those that executions keep, `NAMESPACE_FILES` old revisions of the others."""

    EXECUTIONS = "EXECUTIONS"
    LOGS = "LOGS"
    METRICS = "METRICS"
    FILES = "FILES"
    KV = "KV"
    NAMESPACE_FILES = "NAMESPACE_FILES"


_ALONE = (Kind.KV, Kind.NAMESPACE_FILES)
OF_EXECUTIONS = (Kind.EXECUTIONS, Kind.LOGS, Kind.METRICS, Kind.FILES)


def _is_an_age(text: str) -> str:
    if parse_iso_duration(text) < SHORTEST:
        raise ValueError("at least one day, as `P1D`")
    return text


def _has_ended(state: State) -> State:
    if not state.is_terminal:
        raise ValueError("only what has ended grows old")
    return state


class Rule(BaseModel):
    """What goes: what is older than an age, and is all that is said of it besides."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)

    older_than: Annotated[str, Field(max_length=50), AfterValidator(_is_an_age)]
    states: list[Annotated[State, AfterValidator(_has_ended)]] = Field(default=[], max_length=len(State))
    labels: dict[str, str] = Field(default={}, max_length=20)
    levels: list[LogLevel] = Field(default=[], max_length=len(LogLevel))
    expired_only: bool = True
    """Of pairs: only those whose time has run out so long ago, not those that were written so long ago."""
    keep_versions: int = Field(default=1, ge=1, le=10_000)
    """Of files of namespaces: how many of the newest revisions of each stay."""

    @property
    def age(self) -> timedelta:
        return parse_iso_duration(self.older_than)


Rules = Mapping[Kind, list[Rule]]
"""A kind without rules is kept for ever; one that is absent is inherited."""

_SAID_OF = {
    "states": frozenset(OF_EXECUTIONS),
    "labels": frozenset(OF_EXECUTIONS),
    "levels": frozenset({Kind.LOGS}),
    "expired_only": frozenset({Kind.KV}),
    "keep_versions": frozenset({Kind.NAMESPACE_FILES}),
}


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")
    rules: dict[Kind, Annotated[list[Rule], Field(max_length=_MOST_RULES)]]


def read_rules(said: Mapping[str, Any]) -> Rules:
    """Raises Invalid with everything that is wrong."""
    try:
        rules = _Document.model_validate({"rules": said}).rules
    except ValidationError as error:
        raise from_pydantic(error) from None
    violations = [
        Violation(f"is not said of {kind}", f"rules.{kind}.{place}.{to_camel(name)}")
        for kind, each in rules.items()
        for place, rule in enumerate(each)
        for name in sorted(rule.model_fields_set & _SAID_OF.keys())
        if kind not in _SAID_OF[name]
    ]
    violations += [
        Violation("has one rule at most", f"rules.{kind}") for kind in _ALONE if len(rules.get(kind, [])) > 1
    ]
    if violations:
        raise Invalid(violations=violations)
    return rules


def written(rules: Rules) -> dict[str, Any]:
    """As it is kept and shown: only what was said."""
    return {
        kind.value: [rule.model_dump(mode="json", by_alias=True, exclude_unset=True) for rule in each]
        for kind, each in rules.items()
    }
