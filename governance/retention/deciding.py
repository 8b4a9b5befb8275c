"""Which policy decides where: for each kind of data the nearest one that says anything of that kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from control_plane.kernel.words.clock import iso, parse_iso
from executions.queries.expiring import Expired
from governance.retention.rules import Kind, Rule, Rules, read_rules
from tenants.namespaces.names import lineage
from tenants.namespaces.reach import Reach

Policies = Mapping[str, Rules]
"""By their namespaces; that of the tenant has none."""


@dataclass(frozen=True, slots=True)
class Step:
    """One rule where it decides, with the age made a date."""

    kind: Kind
    reach: Reach
    before: datetime
    rule: Rule

    @property
    def expired(self) -> Expired:
        states = tuple(state.value for state in self.rule.states)
        levels = tuple(level.value for level in self.rule.levels)
        return Expired(self.reach, self.before, states, self.rule.labels, levels)

    def kept(self) -> dict[str, Any]:
        """As a run remembers it."""
        rule = self.rule.model_dump(mode="json", by_alias=True, exclude_unset=True)
        place = {"namespace": self.reach.namespace, "but": list(self.reach.but)}
        return {"kind": self.kind.value, **place, "before": iso(self.before), "rule": rule}


def step_from(kept: Mapping[str, Any]) -> Step:
    reach = Reach(kept["namespace"], tuple(kept["but"]))
    return Step(Kind(kept["kind"]), reach, parse_iso(kept["before"]), Rule.model_validate(kept["rule"]))


def policies_from(rows: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Rules]:
    return {namespace: read_rules(rules) for namespace, rules in rows}


def deciding(policies: Policies, kind: Kind, namespace: str) -> str | None:
    """Whose word holds in a namespace, or in the tenant without one; None when nobody says anything."""
    for each in reversed(["", *(lineage(namespace) if namespace else [])]):
        if kind in policies.get(each, {}):
            return each
    return None


def steps(policies: Policies, namespace: str, at: datetime) -> list[Step]:
    """What is to be done in a namespace and below, or in the whole tenant. Kinds come in their order: what belongs to
    an execution that goes is gone when its own turn comes."""
    return [step for kind in Kind for step in _steps_of(policies, kind, namespace, at)]


def _steps_of(policies: Policies, kind: Kind, namespace: str, at: datetime) -> Iterator[Step]:
    speaking = sorted(each for each, rules in policies.items() if kind in rules)
    inside = [each for each in speaking if each != namespace and Reach(namespace).holds(each)]
    for top in (namespace, *inside):
        source = deciding(policies, kind, top)
        reach = Reach(top, tuple(_outermost(each for each in inside if each != top and Reach(top).holds(each))))
        for rule in policies[source][kind] if source is not None else ():
            yield Step(kind, reach, at - rule.age, rule)


def _outermost(namespaces: Iterable[str]) -> list[str]:
    """Without those that lie in another one of them."""
    found: list[str] = []
    for each in sorted(namespaces):
        if not any(Reach(other).holds(each) for other in found):
            found.append(each)
    return found
