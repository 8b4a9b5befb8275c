"""Policies as YAML documents, to carry away and to bring back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from control_plane.kernel.api.bodies import without_nulls
from flows.model.documents.compose import compose_all
from flows.model.documents.tree import plain
from governance.policies.drafts import Draft
from governance.policies.queries import NAMESPACE, TENANT, Placed

MOST = 1000


@dataclass(frozen=True, slots=True)
class Read:
    """One document of an upload: a policy and its namespace, "" for the tenant's own; or why it is none."""

    name: str
    draft: Draft | None = None
    namespace: str = ""
    problem: str = ""


def written(placed: Iterable[Placed]) -> str:
    """Each as one document."""
    return "---\n".join(_document(each) for each in placed)


def read_documents(content: bytes) -> Iterator[Read]:
    """Raises FlowInvalid when the text is no YAML at all."""
    for number, document in enumerate(compose_all(content), 1):
        if number > MOST:
            yield Read(f"document {number}", problem=f"at most {MOST} documents are read")
            return
        if document is not None:
            yield _read(f"document {number}", plain(document))


def _document(placed: Placed) -> str:
    row = placed.row
    said = without_nulls(
        scope=placed.scope,
        namespace=getattr(row, "namespace", "") or None,
        id=row.key,
        displayName=row.display_name or None,
        description=row.description or None,
        enforcement=row.enforcement,
        target=row.target or None,
        rules=row.rules,
    )
    text: str = yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=100)
    return text


def _read(place: str, said: Any) -> Read:
    if not isinstance(said, dict):
        return Read(place, problem="a policy is a map")
    name = str(said["id"]) if said.get("id") else place
    scope = said.get("scope")
    if scope not in (TENANT, NAMESPACE):
        told = "a superadmin saves it as a policy of the instance" if scope in ("INSTANCE", "STATIC") else "say which"
        return Read(name, problem=f"`scope` must be {TENANT} or {NAMESPACE}: {told}")
    if scope == NAMESPACE and not isinstance(said.get("namespace"), str):
        return Read(name, problem="a policy of a namespace names it")
    try:
        return Read(name, draft_of(said), said["namespace"] if scope == NAMESPACE else "")
    except ValueError as error:
        return Read(name, problem=str(error))


def draft_of(said: dict[str, Any]) -> Draft:
    """Raises ValueError for a part of the wrong kind."""
    for part in ("id", "displayName", "description", "enforcement"):
        if not isinstance(said.get(part), str | None):
            raise ValueError(f"`{part}` must be a text")
    target = said.get("target") or {}
    if not isinstance(target, dict) or not all(isinstance(each, list) for each in target.values()):
        raise ValueError("`target` holds lists")
    return Draft(
        key=said.get("id") or "",
        rules=said.get("rules") or [],
        display_name=said.get("displayName") or "",
        description=said.get("description") or "",
        enforcement=said.get("enforcement") or "ACTIVE",
        target={name: [str(each) for each in values] for name, values in target.items()},
        source=yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=100),
    )
