"""What a chain of policies makes of a flow: changes, objections, and rules that contradict each other."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from governance.policies.conditions import matches
from governance.policies.paths import MISSING, read, remove, write
from governance.policies.rules import On, Policy, Rule, Severity

NamesOf = Callable[[str], Sequence[str]]
"""All that the plugin of a type is called; none when it is no plugin."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """`value` after and `previous` before; None where there is none."""

    action: str
    target: str
    value: Any
    previous: Any
    policy: Policy


@dataclass(frozen=True, slots=True)
class Objection:
    severity: Severity
    rule: Rule
    target: str
    message: str
    policy: Policy
    task_id: str | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """One policy adds what another one deletes; the outer one has its way."""

    target: str
    adds: Policy
    deletes: Policy


@dataclass(slots=True)
class Outcome:
    """`document` is a copy as soon as anything was changed."""

    document: Any
    mutations: list[Mutation] = field(default_factory=list)
    objections: list[Objection] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)

    @property
    def blocks(self) -> list[Objection]:
        return [each for each in self.objections if each.severity is Severity.BLOCK]


@dataclass(frozen=True, slots=True)
class Part:
    """The flow, or a plugin in it: where it stands, and the policies attached to it and to what it stands in."""

    document: Any
    path: str
    task_id: str | None
    attached: frozenset[str]
    names: Sequence[str] = ()


def apply(
    document: Any,
    chain: Sequence[Policy],
    names_of: NamesOf,
    effective: Callable[[Any], Any] = lambda document: document,
) -> Outcome:
    """Every policy of the chain, the outermost first: all changes, then all judgements on what has come of them.

    What is judged is what runs: `effective` adds what its surroundings give to a flow.
    A policy that is to be referred to counts only where it is attached: to the flow, a task, or what is around it.
    """
    outcome = Outcome(document)
    changing = [(policy, rule) for policy in chain for rule in policy.rules if rule.changes]
    if changing:
        outcome.document = copy.deepcopy(document)
        _change(outcome, changing, names_of)
        if not outcome.mutations:
            outcome.document = document
    judging = [(policy, rule) for policy in chain for rule in policy.rules if not rule.changes]
    if judging:
        running = effective(outcome.document)
        parts = list(parts_of(running, names_of))
        for policy, rule in judging:
            outcome.objections += _judged(policy, rule, parts, running)
    return outcome


def parts_of(document: Any, names_of: NamesOf) -> Iterator[Part]:
    """The flow first, then its plugins, those around before those inside."""
    whole = Part(document, "", None, _attached(document))
    yield whole
    yield from _plugins(document, "", None, whole.attached, names_of)


def _plugins(at: Any, path: str, task_id: str | None, attached: frozenset[str], names_of: NamesOf) -> Iterator[Part]:
    if isinstance(at, Mapping):
        names = names_of(at["type"]) if path and isinstance(at.get("type"), str) else ()
        if names:
            task_id = at["id"] if isinstance(at.get("id"), str) else task_id
            attached = attached | _attached(at)
            yield Part(at, path, task_id, attached, names)
        for key, below in at.items():
            yield from _plugins(below, f"{path}.{key}" if path else str(key), task_id, attached, names_of)
    elif isinstance(at, list):
        for place, below in enumerate(at):
            yield from _plugins(below, f"{path}[{place}]", task_id, attached, names_of)


def _attached(document: Any) -> frozenset[str]:
    said = document.get("policyRefs") if isinstance(document, Mapping) else None
    return frozenset(each for each in said if isinstance(each, str)) if isinstance(said, list) else frozenset()


def _seen(policy: Policy, rule: Rule, parts: Sequence[Part], flow: Any) -> Iterator[Part]:
    """The parts that a rule looks at."""
    for part in parts:
        if (part.path == "") is not (rule.on is On.FLOW):
            continue
        if policy.enforcement == "REFERENCE" and policy.id not in part.attached:
            continue
        if matches(rule.where, part.document, flow):
            yield part


def _change(outcome: Outcome, rules: Sequence[tuple[Policy, Rule]], names_of: NamesOf) -> None:
    added: dict[str, Policy] = {}
    deleted: dict[str, Policy] = {}
    for policy, rule in rules:
        # What an earlier rule has added or deleted, this one sees.
        parts = list(parts_of(outcome.document, names_of))
        for part in _seen(policy, rule, parts, outcome.document):
            target = f"{part.path}.{rule.target}" if part.path else rule.target
            if rule.name == "Add" and target in deleted:
                outcome.conflicts.append(Conflict(target, policy, deleted[target]))
            elif rule.name == "Delete" and target in added:
                outcome.conflicts.append(Conflict(target, added[target], policy))
            else:
                _change_part(outcome, policy, rule, part, target, added, deleted)


def _change_part(
    outcome: Outcome,
    policy: Policy,
    rule: Rule,
    part: Part,
    target: str,
    added: dict[str, Policy],
    deleted: dict[str, Policy],
) -> None:
    before = read(part.document, rule.target)
    if rule.name == "Delete":
        deleted[target] = policy
        if before is not MISSING:
            remove(part.document, rule.target)
            outcome.mutations.append(Mutation("REMOVED", target, None, before, policy))
        return
    if rule.name == "Add":
        added[target] = policy
    if (rule.name == "Add" and before is not MISSING) or before == rule.value:
        return
    if write(part.document, rule.target, copy.deepcopy(rule.value)):
        action, previous = ("ADDED", None) if before is MISSING else ("REPLACED", before)
        outcome.mutations = [each for each in outcome.mutations if each.target != target]
        outcome.mutations.append(Mutation(action, target, rule.value, previous, policy))


def _judged(policy: Policy, rule: Rule, parts: Sequence[Part], flow: Any) -> Iterator[Objection]:
    for part in _seen(policy, rule, parts, flow):
        message = rule.objection(part.document, part.names)
        if message is not None:
            target = f"{part.path}.{rule.target or 'type'}" if part.path else rule.target
            yield Objection(rule.severity, rule, target, message, policy, part.task_id)
