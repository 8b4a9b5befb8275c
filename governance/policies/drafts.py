"""A policy as somebody writes it: read from what a client sends, or from a document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from control_plane.kernel.words.errors import Invalid, Violation
from governance.policies.rules import read_rules
from tenants.models import Tenant
from tenants.namespaces.names import check_namespace

ENFORCEMENTS = ("ACTIVE", "EVALUATE", "DISABLED", "REFERENCE")
_KEY = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_MOST_TARGETS = 1000


@dataclass(frozen=True, slots=True)
class Draft:
    """All that a person says of a policy; where it stands, the address says."""

    key: str
    rules: list[dict[str, Any]]
    display_name: str = ""
    description: str = ""
    enforcement: str = "ACTIVE"
    target: Mapping[str, list[str]] = field(default_factory=dict)
    source: str = ""

    @property
    def columns(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "display_name": self.display_name,
            "description": self.description,
            "enforcement": self.enforcement,
            "target": {name: list(said) for name, said in self.target.items() if said},
            "rules": self.rules,
            "source": self.source,
        }


def check(draft: Draft, *, narrows_by: str) -> None:
    """Raises Invalid with everything that is wrong. `narrows_by` is what a policy of this scope may be narrowed by."""
    violations = list(_violations(draft, narrows_by))
    if violations:
        raise Invalid(violations=violations)


def _violations(draft: Draft, narrows_by: str) -> Iterator[Violation]:
    if not _KEY.fullmatch(draft.key):
        yield Violation("an id has at most 63 lower case letters, digits and hyphens inside", "id")
    if draft.enforcement not in ENFORCEMENTS:
        yield Violation(f"must be one of {', '.join(ENFORCEMENTS)}", "enforcement")
    try:
        read_rules(draft.rules)
    except ValueError as error:
        yield Violation(str(error), "rules")
    for name, said in draft.target.items():
        if said and name != narrows_by:
            told = f"use `target.{narrows_by}`" if narrows_by else "it has no target"
            yield Violation(f"a policy of this scope is not narrowed by {name}: {told}", f"target.{name}")
        elif said and len(said) > _MOST_TARGETS:
            yield Violation(f"at most {_MOST_TARGETS} can be named", f"target.{name}")
    yield from _unknown_targets(draft, narrows_by)


def _unknown_targets(draft: Draft, narrows_by: str) -> Iterator[Violation]:
    said = draft.target.get(narrows_by) or []
    if narrows_by == "tenants" and said:
        known = set(Tenant.objects.filter(id__in=said).values_list("id", flat=True))
        for tenant in sorted(set(said) - known):
            yield Violation(f"there is no tenant {tenant[:63]}", "target.tenants")
    if narrows_by == "namespaces":
        for namespace in said:
            try:
                check_namespace(namespace)
            except Invalid:
                yield Violation(f"`{namespace[:150]}` is no namespace", "target.namespaces")
