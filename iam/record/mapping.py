"""Rules from what a directory tells to groups: whether somebody may make them, and the groups that they name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from control_plane.kernel.actor import Context
from control_plane.kernel.api.errors import from_pydantic
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import Invalid, Violation
from control_plane.kernel.words.names import check_name
from iam.access import require_groups_held
from iam.directories.rules import MOST_RULES, Rule
from iam.models import Group
from iam.shapes import group_shape
from tenants.models import Tenant


def checked_rules(ctx: Context, sent: Sequence[dict[str, Any]]) -> list[Rule]:
    """The rules, and the groups that they name, which are made where they are missing."""
    if len(sent) > MOST_RULES:
        raise _wrong("rules", f"at most {MOST_RULES} rules")
    rules = []
    for number, each in enumerate(sent):
        try:
            rules.append(Rule.model_validate(each))
        except ValidationError as error:
            raise from_pydantic(error) from None
        _check_place(ctx, f"rules.{number}.tenant", rules[-1])
    for rule in rules:
        if not rule.is_template:
            _provide_group(ctx, rule)
    return rules


def _check_place(ctx: Context, path: str, rule: Rule) -> None:
    if ctx.tenant_id is not None:
        if rule.tenant not in (None, ctx.tenant_id):
            raise _wrong(path, "a provider of a tenant gives groups of that tenant alone")
        return
    if rule.tenant is None:
        raise _wrong(path, "a provider of the instance must say in which tenant the group is")
    check_tenants(ctx, path, [rule.tenant])


def check_tenants(ctx: Context, path: str, tenants: Sequence[str]) -> None:
    if ctx.tenant_id is not None:
        if tenants and list(tenants) != [ctx.tenant_id]:
            raise _wrong(path, "a provider of a tenant lets nobody into another one")
        return
    known = set(Tenant.objects.filter(id__in=tenants).values_list("id", flat=True))
    unknown = sorted(set(tenants) - known)
    if unknown:
        raise _wrong(path, f"there is no tenant {unknown[0]}")


def _provide_group(ctx: Context, rule: Rule) -> None:
    """Groups are there before their members are; whoever maps to one must hold what it gives."""
    with tenant_scope(ctx.tenant_id or rule.tenant or ""):
        group = Group.objects.filter(name=rule.group).first()
        if group is not None:
            require_groups_held(ctx, [group.id])
            return
        group = Group.objects.create(name=check_name("group", rule.group), is_external=True)
        ctx.record("GROUP", group.id, after=group_shape(group))


def _wrong(path: str, message: str) -> Invalid:
    return Invalid(f"{path}: {message}", violations=[Violation(message, path)])
