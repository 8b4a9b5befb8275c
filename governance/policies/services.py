"""How policies are made, changed and taken away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from control_plane.kernel.scope import after_commit
from control_plane.kernel.words.errors import Conflict, Invalid, NotFound, Violation
from governance.models import InstancePolicy, Policy
from governance.permissions import POLICY
from governance.policies.drafts import Draft, check
from governance.policies.queries import snapshot
from governance.policies.shapes import policy_audited
from tenants.namespaces.names import check_namespace

Kept = InstancePolicy | Policy
K = TypeVar("K", InstancePolicy, Policy)


def locked_instance_policy(ctx: Context, *, key: str) -> InstancePolicy:
    found = InstancePolicy.objects.select_for_update().filter(key=key).first()
    if found is None:
        raise _absent(key)
    return found


def locked_instance_policies(ctx: Context, *, keys: Sequence[str]) -> list[InstancePolicy]:
    return list(InstancePolicy.objects.select_for_update().filter(key__in=list(keys)).order_by("key"))


@command(POLICY.CREATE, instance=True)
def create_instance_policy(ctx: Context, *, draft: Draft) -> InstancePolicy:
    """It holds in every tenant, or in those it names, from the next save and start on."""
    check(draft, narrows_by="tenants")
    if InstancePolicy.objects.filter(key=draft.key).exists():
        raise _taken(draft.key)
    return _created(ctx, InstancePolicy(**draft.columns))


@command(POLICY.UPDATE, on=locked_instance_policy, instance=True)
def update_instance_policy(ctx: Context, *, key: str, draft: Draft) -> InstancePolicy:
    """Replace all of it but its id."""
    _check_key(key, draft)
    check(draft, narrows_by="tenants")
    return _updated(ctx, ctx.target_as(InstancePolicy), draft)


@command(POLICY.DELETE, on=locked_instance_policy, instance=True)
def delete_instance_policy(ctx: Context, *, key: str) -> None:
    _deleted(ctx, ctx.target_as(InstancePolicy))


@command(POLICY.DELETE, on=locked_instance_policies, instance=True)
def delete_instance_policies(ctx: Context, *, keys: Sequence[str]) -> int:
    """Those of them that are there; how many that were."""
    return _deleted_all(ctx)


def new_policy(ctx: Context, *, namespace: str) -> Target:
    return Target(None, namespace or None, exists=False)


def locked_policy(ctx: Context, *, namespace: str, key: str) -> Target:
    """One of the tenant itself, for which the whole tenant is asked, where no namespace is named."""
    found = Policy.objects.select_for_update().filter(namespace=namespace, key=key).first()
    return Target(found, namespace or None, absent=_absent(key))


def locked_policies(ctx: Context, *, namespace: str, keys: Sequence[str]) -> list[Target]:
    rows = Policy.objects.select_for_update().filter(namespace=namespace, key__in=list(keys)).order_by("key")
    return [Target(None, namespace or None, exists=False), *(Target(row, namespace or None) for row in rows)]


@command(POLICY.CREATE, on=new_policy)
def create_policy(ctx: Context, *, namespace: str, draft: Draft) -> Policy:
    """It holds in the tenant, or in the namespace and below, from the next save and start on."""
    return _create(ctx, namespace, draft)


@command(POLICY.UPDATE, on=locked_policy)
def update_policy(ctx: Context, *, namespace: str, key: str, draft: Draft) -> Policy:
    """Replace all of it but its id."""
    _check_key(key, draft)
    check(draft, narrows_by=_narrows_by(namespace))
    return _updated(ctx, ctx.target_as(Policy), draft)


@command(POLICY.DELETE, on=locked_policy)
def delete_policy(ctx: Context, *, namespace: str, key: str) -> None:
    _deleted(ctx, ctx.target_as(Policy))


@command(POLICY.DELETE, on=locked_policies)
def delete_policies(ctx: Context, *, namespace: str, keys: Sequence[str]) -> int:
    """Those of them that are there; how many that were."""
    return _deleted_all(ctx)


def imported(ctx: Context, *, drafts: Sequence[tuple[str, Draft]]) -> list[Target]:
    """Each draft with the namespace it is for, and what saving it asks for: all are judged before any is written."""
    targets = []
    for namespace, draft in drafts:
        exists = Policy.objects.filter(namespace=namespace, key=draft.key).exists()
        right = POLICY.UPDATE if exists else POLICY.CREATE
        targets += [Target(None, namespace or None, False, asked) for asked in (POLICY.IMPORT, right)]
    return targets or [Target(None, exists=False)]


@command(POLICY.IMPORT, on=imported)
def import_policies(ctx: Context, *, drafts: Sequence[tuple[str, Draft]]) -> int:
    """Create or replace each; how many that were."""
    for namespace, draft in drafts:
        row = Policy.objects.select_for_update().filter(namespace=namespace, key=draft.key).first()
        if row is None:
            _create(ctx, namespace, draft)
        else:
            _updated(ctx, row, draft)
    return len(drafts)


def check_placed(namespace: str, draft: Draft) -> None:
    """Raises Invalid for one that could not be saved there."""
    if namespace:
        check_namespace(namespace)
    check(draft, narrows_by=_narrows_by(namespace))


def _create(ctx: Context, namespace: str, draft: Draft) -> Policy:
    check_placed(namespace, draft)
    if Policy.objects.filter(namespace=namespace, key=draft.key).exists():
        raise _taken(draft.key)
    return _created(ctx, Policy(namespace=namespace, **draft.columns))


def _narrows_by(namespace: str) -> str:
    return "" if namespace else "namespaces"


def _created(ctx: Context, row: K) -> K:
    row.save(force_insert=True)
    _tell(ctx, row, after=policy_audited(row))
    return row


def _updated(ctx: Context, row: K, draft: Draft) -> K:
    before = policy_audited(row)
    for name, value in draft.columns.items():
        setattr(row, name, value)
    row.save()
    _tell(ctx, row, before=before, after=policy_audited(row))
    return row


def _deleted(ctx: Context, row: Kept) -> None:
    _tell(ctx, row, before=policy_audited(row))
    row.delete()


def _deleted_all(ctx: Context) -> int:
    rows = [row for row in ctx.target if row is not None]  # type: ignore[attr-defined]  # a list of rows
    for row in rows:
        _deleted(ctx, row)
    return len(rows)


def _tell(ctx: Context, row: Kept, **states: dict[str, Any]) -> None:
    if isinstance(row, InstancePolicy):
        after_commit(snapshot.forget)
    ctx.record(POLICY.name, row.id, namespace=getattr(row, "namespace", None) or None, policyId=row.key, **states)


def _check_key(key: str, draft: Draft) -> None:
    if draft.key != key:
        raise Invalid(violations=[Violation("the id of a policy never changes", "id")])


def _absent(key: str) -> NotFound:
    return NotFound(f"Policy '{key}' was not found")


def _taken(key: str) -> Conflict:
    return Conflict(f"there is a policy {key} already")
