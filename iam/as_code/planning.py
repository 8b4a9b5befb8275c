"""What has to be done so that a tenant's rights are as a document says: in order, and nothing where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from control_plane.kernel.actor import Context
from control_plane.kernel.authorization import require
from control_plane.kernel.permissions import Permission
from control_plane.kernel.words.errors import Invalid, Violation
from control_plane.kernel.words.names import check_name
from iam.access import require_held
from iam.as_code.document import AccountPart, BindingPart, Document, GroupPart, Holder, MemberPart, RolePart
from iam.as_code.mapping import mapping_steps
from iam.as_code.state import State, holder_of
from iam.as_code.steps import Action, Step
from iam.authentication.sign_in import normal
from iam.authorization import versions
from iam.authorization.catalogue import expand
from iam.models import Binding, Group, GroupMember, Role, ServiceAccount
from iam.permissions import BINDING, GROUP, ROLE, SERVICE_ACCOUNT
from iam.record import rights
from iam.record.accounts import change_account, make_account
from iam.shapes import account_facts, binding_facts, group_shape, role_shape


@dataclass
class Planner:
    """Compares a document with the state and says the steps. It changes nothing; the steps do."""

    ctx: Context
    state: State
    document: Document
    is_pruning: bool = False
    steps: list[Step] = field(default_factory=list)

    def plan(self) -> list[Step]:
        for number, role in enumerate(self.document.roles or ()):
            self._role(role, f"roles.{number}")
        for account in self.document.service_accounts or ():
            self._account(account)
        for number, group in enumerate(self.document.groups or ()):
            self._group(group, f"groups.{number}")
        for number, binding in enumerate(self.document.bindings or ()):
            self._binding(binding, f"bindings.{number}")
        if self.document.identity_providers is not None:
            parts = self.document.identity_providers
            self.steps += mapping_steps(self.state.providers, parts, is_pruning=self.is_pruning)
        if self.is_pruning:
            self.steps += [*self._superfluous()]
        return self.steps

    def _role(self, part: RolePart, path: str) -> None:
        permissions = expand(part.permissions)
        after = {"description": part.description, "default": part.default, "permissions": permissions}
        role = self.state.roles.get(part.name)
        if role is not None and role.is_managed:
            raise _wrong(f"{path}.name", f"{part.name} is a managed role, which does not change")
        if role is None:
            made = Role(name=check_name("name", part.name))
            self.state.roles[part.name] = made
            self._add("CREATE", "ROLE", part.name, ROLE.CREATE, lambda ctx: _write_role(ctx, made, after), after=after)
            return
        before = {"description": role.description, "default": role.is_default, "permissions": role.permissions}
        if before != after:
            self._add(
                "UPDATE", "ROLE", part.name, ROLE.UPDATE, lambda ctx: _write_role(ctx, role, after), before, after
            )

    def _account(self, part: AccountPart) -> None:
        account, after = self.state.accounts.get(part.name), {"description": part.description}
        if account is None:
            made = ServiceAccount(name=part.name)
            self.state.accounts[part.name] = made

            def run(ctx: Context) -> None:
                made.__dict__.update(
                    make_account(ctx, name=part.name, description=part.description, is_superadmin=False).__dict__
                )

            self._add("CREATE", "SERVICE_ACCOUNT", part.name, SERVICE_ACCOUNT.CREATE, run, after=after)
        elif account.description != part.description:
            before = {"description": account.description}
            change = lambda ctx: change_account(ctx, account, description=part.description)  # noqa: E731
            self._add("UPDATE", "SERVICE_ACCOUNT", part.name, SERVICE_ACCOUNT.UPDATE, change, before, after)

    def _group(self, part: GroupPart, path: str) -> None:
        group, after = self.state.groups.get(part.name), {"description": part.description}
        if group is None:
            group = Group(name=check_name("name", part.name))
            self.state.groups[part.name] = group
            made = group
            self._add(
                "CREATE", "GROUP", part.name, GROUP.CREATE, lambda ctx: _write_group(ctx, made, after), after=after
            )
        elif group.description != part.description:
            before, kept = {"description": group.description}, group
            self._add(
                "UPDATE", "GROUP", part.name, GROUP.UPDATE, lambda ctx: _write_group(ctx, kept, after), before, after
            )
        for number, member in enumerate(part.members):
            self._member(group, member, f"{path}.members.{number}")

    def _member(self, group: Group, part: MemberPart, path: str) -> None:
        find, name = self._holder(part, path), _name(part)
        held = next((row for row in self.state.members if row.group_id == group.id and _is(row, find)), None)
        after = {"owner": part.owner}
        if held is None:

            def run(ctx: Context) -> None:
                rights.add_member(ctx, group, find(), is_owner=part.owner)

            self._add("CREATE", "MEMBER", f"{group.name}: {name}", GROUP.MANAGE_MEMBERS, run, after=after)
        elif held.is_owner != part.owner:
            row = held
            self._add(
                "UPDATE",
                "MEMBER",
                f"{group.name}: {name}",
                GROUP.MANAGE_MEMBERS,
                lambda ctx: rights.set_ownership(ctx, row, is_owner=part.owner),
                {"owner": row.is_owner},
                after,
            )

    def _binding(self, part: BindingPart, path: str) -> None:
        role = self.state.roles.get(part.role)
        if role is None:
            raise _wrong(f"{path}.role", f"there is no role {part.role[:60]}")
        find = self._holder(part, path)
        if any(_is_binding(row, role, find, part.namespace) for row in self.state.bindings):
            return
        if part.namespace is not None:
            rights.check_namespace(part.namespace)

        def run(ctx: Context) -> None:
            rights.give_role(ctx, role, find(), part.namespace)

        where = f" in {part.namespace}" if part.namespace else ""
        self._add("CREATE", "BINDING", f"{part.role} for {_name(part)}{where}", BINDING.CREATE, run)

    def _holder(self, part: Holder, path: str) -> Callable[[], rights.Holder]:
        """Whoever is named; asked for when the step is done, since an earlier step may make them."""
        if part.user is not None:
            user_id = self.state.users.get(normal(part.user))
            if user_id is None:
                raise _wrong(f"{path}.user", "there is no such user in the tenant")
            return lambda: rights.Holder(user_id=user_id)
        if part.group is not None:
            group = self.state.groups.get(part.group)
            if group is None:
                raise _wrong(f"{path}.group", f"there is no group {part.group[:60]}")
            return lambda: rights.Holder(group_id=group.id)
        name = part.service_account or ""
        if self.state.account_id(name) is None:
            raise _wrong(f"{path}.serviceAccount", f"there is no service account {name[:60]}")
        return lambda: rights.Holder(account_id=self.state.account_id(name))

    def _superfluous(self) -> Iterator[Step]:
        """What the parts of the document do not name: bindings first, what they hang on last."""
        if self.document.bindings is not None:
            yield from self._superfluous_bindings(self.document.bindings)
        if self.document.groups is not None:
            yield from self._superfluous_members(self.document.groups)
            named = {part.name for part in self.document.groups}
            own = {name for name, group in self.state.groups.items() if not group.managed_by}
            for name in sorted(own - named):
                yield Step(
                    "DELETE", "GROUP", name, GROUP.DELETE, _removal(self.state.groups[name], "GROUP", group_shape)
                )
        if self.document.service_accounts is not None:
            accounts = {part.name for part in self.document.service_accounts}
            for name in sorted(self.state.accounts.keys() - accounts):
                run = _removal(self.state.accounts[name], "SERVICE_ACCOUNT", account_facts)
                yield Step("DELETE", "SERVICE_ACCOUNT", name, SERVICE_ACCOUNT.DELETE, run)
        if self.document.roles is not None:
            roles = {part.name for part in self.document.roles}
            unmanaged = {name for name, role in self.state.roles.items() if not role.is_managed}
            for name in sorted(unmanaged - roles):
                yield Step("DELETE", "ROLE", name, ROLE.DELETE, _removal(self.state.roles[name], "ROLE", role_shape))

    def _superfluous_bindings(self, parts: list[BindingPart]) -> Iterator[Step]:
        wanted = {(part.role, _name(part), part.namespace) for part in parts}
        for row in self.state.bindings:
            name = _name(BindingPart(role=row.role.name, **self.state.holder_name(row)))
            if (row.role.name, name, row.namespace) not in wanted:
                where = f" in {row.namespace}" if row.namespace else ""
                run = _removal(row, "BINDING", binding_facts)
                yield Step("DELETE", "BINDING", f"{row.role.name} for {name}{where}", BINDING.DELETE, run)

    def _superfluous_members(self, parts: list[GroupPart]) -> Iterator[Step]:
        wanted = {(part.name, _name(member)) for part in parts for member in part.members}
        kept = {part.name for part in parts}
        for row in self.state.members:
            name = _name(MemberPart(**self.state.holder_name(row)))
            if row.group.name in kept and (row.group.name, name) not in wanted and not row.managed_by:
                leave = _leaving(row)
                yield Step("DELETE", "MEMBER", f"{row.group.name}: {name}", GROUP.MANAGE_MEMBERS, leave)

    def _add(
        self,
        action: Action,
        kind: str,
        name: str,
        right: Permission,
        run: Callable[[Context], Any],
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        self.steps.append(Step(action, kind, name, right, run, before, after))


def carry_out(ctx: Context, steps: list[Step]) -> None:
    """All of them, each under its own right, or none: the caller's transaction is the whole."""
    for step in steps:
        require(ctx, step.right)
    if any(step.action != "CREATE" for step in steps):
        with rights.rights_change():
            _run(ctx, steps)
    else:
        _run(ctx, steps)


def _run(ctx: Context, steps: list[Step]) -> None:
    for step in steps:
        step.run(ctx)


def _write_role(ctx: Context, role: Role, after: dict[str, Any]) -> None:
    require_held(ctx, after["permissions"])
    before = None if role._state.adding else role_shape(role)
    role.description, role.is_default, role.permissions = after["description"], after["default"], after["permissions"]
    role.save()
    versions.move_tenant(role.tenant_id)
    ctx.record("ROLE", role.id, before=before, after=role_shape(role))


def _write_group(ctx: Context, group: Group, after: dict[str, Any]) -> None:
    before = None if group._state.adding else group_shape(group)
    group.description = after["description"]
    group.save()
    ctx.record("GROUP", group.id, before=before, after=group_shape(group))


def _removal(row: Any, resource: str, facts: Callable[[Any], dict[str, Any]]) -> Callable[[Context], None]:
    def run(ctx: Context) -> None:
        identity, before = row.id, facts(row)
        row.delete()
        if resource == "SERVICE_ACCOUNT":
            versions.move_identities()
        ctx.record(resource, identity, before=before)

    return run


def _leaving(row: GroupMember) -> Callable[[Context], None]:
    return lambda ctx: rights.remove_member(ctx, row)


def _is(row: Binding | GroupMember, find: Callable[[], rights.Holder]) -> bool:
    return holder_of(row) == find()


def _is_binding(row: Binding, role: Role, find: Callable[[], rights.Holder], namespace: str | None) -> bool:
    return row.role_id == role.id and row.namespace == namespace and _is(row, find)


def _name(part: Holder) -> str:
    """As plans show it; the kind goes first, so that no two are alike."""
    if part.user is not None:
        return f"user {normal(part.user)}"
    return f"group {part.group}" if part.group is not None else f"service account {part.service_account}"


def _wrong(path: str, message: str) -> Invalid:
    return Invalid(f"{path}: {message}", violations=[Violation(message, path)])
