"""Policies as the API shows them, and what they say of flows."""

from __future__ import annotations

from typing import Any

from control_plane.kernel.api.bodies import without_nulls
from governance.models import InstancePolicy, Policy
from governance.policies.applying import Conflict, Mutation, Objection, Outcome
from governance.policies.rules import CHANGES, read_rules

Json = dict[str, Any]


def policy_shape(row: InstancePolicy | Policy) -> Json:
    return without_nulls(
        id=row.key,
        displayName=row.display_name or None,
        description=row.description or None,
        enforcement=row.enforcement,
        target=row.target or None,
        rules=row.rules,
        source=row.source or None,
        deleted=False,
    )


def policy_audited(row: InstancePolicy | Policy) -> Json:
    return policy_shape(row)


def summary_shape(row: InstancePolicy | Policy, scope: str) -> Json:
    changes = sum(rule.name in CHANGES for rule in read_rules(row.rules))
    return without_nulls(
        id=row.key,
        displayName=row.display_name or None,
        description=row.description or None,
        scope=scope,
        namespace=getattr(row, "namespace", "") or None,
        target=row.target or None,
        enforcement=row.enforcement,
        rules={"mutate": changes, "validate": len(row.rules) - changes},
    )


def mutation_shape(mutation: Mutation) -> Json:
    return without_nulls(
        action=mutation.action,
        target=mutation.target,
        value=mutation.value,
        previousValue=mutation.previous,
        policyId=mutation.policy.id,
        scope=mutation.policy.scope,
    )


def violation_shape(objection: Objection) -> Json:
    return without_nulls(
        severity=objection.severity.value,
        ruleType=objection.rule.type,
        target=objection.target,
        message=objection.message,
        policyId=objection.policy.id,
        scope=objection.policy.scope,
        taskId=objection.task_id,
    )


def conflict_shape(conflict: Conflict) -> Json:
    return {
        "target": conflict.target,
        "addPolicyId": conflict.adds.id,
        "addScope": conflict.adds.scope,
        "deletePolicyId": conflict.deletes.id,
        "deleteScope": conflict.deletes.scope,
    }


def outcome_shape(outcome: Outcome) -> Json:
    return {
        "mutations": [mutation_shape(each) for each in outcome.mutations],
        "violations": [violation_shape(each) for each in outcome.objections],
        "conflicts": [conflict_shape(each) for each in outcome.conflicts],
    }
