"""How policies of retention are set, and carried out when somebody asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from audit.recording.commands import Target, command
from audit.recording.trail import Action
from control_plane.kernel.actor import Context
from control_plane.kernel.permissions import Permission
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import Conflict, NotFound
from executions.permissions import EXECUTION
from governance.models import RetentionPolicy, RetentionRun
from governance.permissions import POLICY
from governance.retention.deciding import steps
from governance.retention.queries import find_policy, no_run, policies
from governance.retention.rules import OF_EXECUTIONS, Kind, read_rules, written
from governance.retention.runs import State, begin, close, opening, outcome
from governance.retention.shapes import policy_shape
from stores.permissions import KVSTORE, NAMESPACE_FILE
from tenants.namespaces.names import check_namespace


def policy_to_save(ctx: Context, *, namespace: str, rules: Mapping[str, Any]) -> list[Target]:
    """Who lets data be deleted must be able to delete it themselves."""
    exists = RetentionPolicy.objects.select_for_update().filter(namespace=namespace).exists()
    asked = {kind for kind in Kind if rules.get(kind.value)}
    return _targets(namespace, POLICY.UPDATE if exists else POLICY.CREATE, asked)


@command(POLICY.UPDATE, on=policy_to_save)
def save_retention(ctx: Context, *, namespace: str, rules: Mapping[str, Any]) -> RetentionPolicy:
    """What goes in a namespace and below, or in the tenant, from the next run on. It replaces what was said there."""
    if namespace:
        check_namespace(namespace)
    said = written(read_rules(rules))
    row = find_policy(namespace)
    before = policy_shape(row) if row is not None else None
    row = row or RetentionPolicy(namespace=namespace)
    row.rules = said
    row.save()
    ctx.record(POLICY.name, row.id, namespace=namespace or None, before=before, after=policy_shape(row))
    return row


def locked_policy(ctx: Context, *, namespace: str) -> Target:
    found = RetentionPolicy.objects.select_for_update().filter(namespace=namespace).first()
    if found is None:
        raise NotFound("nothing is said here of what is kept how long")
    return Target(found, namespace or None)


@command(POLICY.DELETE, on=locked_policy)
def delete_retention(ctx: Context, *, namespace: str) -> None:
    """From now on what stands above decides, or nothing goes."""
    row = ctx.target_as(RetentionPolicy)
    ctx.record(POLICY.name, row.id, namespace=namespace or None, before=policy_shape(row))
    row.delete()


def what_is_carried_out(ctx: Context, *, namespace: str) -> list[Target]:
    return _targets(namespace, POLICY.UPDATE, {step.kind for step in steps(policies(), namespace, now())})


@command(POLICY.UPDATE, on=what_is_carried_out, action=Action.CREATE)
def run_retention(ctx: Context, *, namespace: str) -> RetentionRun:
    """Carry out the policies of a namespace and below, or of the tenant, now. Conflict while another run goes on."""
    if namespace:
        check_namespace(namespace)
    run = begin(namespace, ctx.actor)
    ctx.tell(opening(run))
    return run


def open_run(ctx: Context, *, run_id: str) -> Target:
    found = RetentionRun.objects.select_for_update().filter(id=run_id).first()
    if found is None:
        raise no_run(run_id)
    return Target(found, found.namespace or None)


@command(POLICY.UPDATE, on=open_run, action=Action.UPDATE)
def stop_retention(ctx: Context, *, run_id: str) -> RetentionRun:
    """Nothing more goes after the batch under way. Conflict for a run that has ended."""
    run = ctx.target_as(RetentionRun)
    if run.ended_at is not None:
        raise Conflict("the run has ended")
    close(run, State.STOPPED)
    ctx.tell(outcome(run))
    return run


def _targets(namespace: str, right: Permission, kinds: Iterable[Kind]) -> list[Target]:
    rights = dict.fromkeys([right, *(_right_to_delete(kind) for kind in sorted(kinds))])
    return [Target(None, namespace or None, False, each) for each in rights]


def _right_to_delete(kind: Kind) -> Permission:
    if kind in OF_EXECUTIONS:
        return EXECUTION.DELETE
    return KVSTORE.DELETE if kind is Kind.KV else NAMESPACE_FILE.DELETE
