"""Where policies meet flows: when one is saved or checked, and when one is made ready to run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.errors import Violation
from flows.model.defaults import Defaults, apply_defaults
from flows.model.flow import Flow
from governance.policies.applying import Objection, Outcome, apply
from governance.policies.queries import chain, snapshot
from governance.policies.rules import Policy, Severity
from plugins.catalog.registry import registry

IN_FORCE = ("ACTIVE", "REFERENCE")


@lru_cache(maxsize=4096)
def names_of(type_name: str) -> Sequence[str]:
    """The name that was written, and the one the plugin has now: an older name is no way round a policy."""
    found = registry().find(type_name)
    if found is None:
        return ()
    return tuple(dict.fromkeys((type_name, found.plugin.TYPE)))


def judge(document: Any, policies: Sequence[Policy], defaults: Defaults) -> Outcome:
    """What the policies in force make of a flow; those that are only evaluated warn, and change nothing."""

    def effective(written: Any) -> Any:
        return apply_defaults(written, defaults, registry())

    in_force = [policy for policy in policies if policy.enforcement in IN_FORCE]
    outcome = apply(document, in_force, names_of, effective)
    evaluated = [replace(policy, enforcement="ACTIVE") for policy in policies if policy.enforcement == "EVALUATE"]
    if evaluated:
        tried = apply(outcome.document, evaluated, names_of, effective)
        outcome.objections += [replace(each, severity=Severity.WARN) for each in tried.objections]
    return outcome


def policies_for(namespace: str) -> list[Policy]:
    """Those that are switched on, in the open scope's tenant."""
    found = chain(current_tenant(), namespace, snapshot.current())
    return [placed.policy for placed in found if placed.row.enforcement != "DISABLED"]


def told(objection: Objection) -> str:
    return f"policy `{objection.policy.id}`: {objection.message}"


def objections(flow: Flow) -> Iterator[Violation]:
    """What forbids to save a flow. It must still be one after the policies have changed it."""
    policies = policies_for(flow.namespace)
    if not policies:
        return
    outcome = judge(flow.document, policies, flow.read_under)
    for each in outcome.blocks:
        yield Violation(told(each), each.target)
    for conflict in outcome.conflicts:
        sentence = (
            f"policy `{conflict.adds.id}` adds `{conflict.target}`, and policy `{conflict.deletes.id}` deletes it"
        )
        yield Violation(sentence, conflict.target)


def cautions(flow: Flow) -> Iterator[str]:
    """What its author should know: rules that only warn, and those of policies that are only evaluated yet."""
    policies = policies_for(flow.namespace)
    if not policies:
        return
    for each in judge(flow.document, policies, flow.read_under).objections:
        if each.severity is Severity.WARN:
            yield f"{each.target}: {told(each)}"


@dataclass(frozen=True, slots=True)
class Overlay:
    """The policies of a namespace as they were read; equal as long as nobody changes one."""

    policies: tuple[Policy, ...]

    def lay_over(self, document: Mapping[str, Any], defaults: Defaults) -> tuple[Mapping[str, Any], str | None]:
        """The flow as it runs, and why it may not begin, if so."""
        outcome = judge(document, self.policies, defaults)
        refused = [told(each) for each in outcome.blocks]
        return outcome.document, "; ".join(refused[:5]) or None


def overlay_of(namespace: str) -> Overlay | None:
    found = tuple(policies_for(namespace))
    return Overlay(found) if found else None
