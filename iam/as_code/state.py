"""The rights of the open tenant as they are, by the names that a document uses."""

from __future__ import annotations

from dataclasses import dataclass

from control_plane.kernel.words.errors import Conflict
from iam.as_code.document import (
    AccountPart,
    BindingPart,
    Document,
    GroupPart,
    MemberPart,
    ProviderPart,
    RolePart,
)
from iam.directories.providers import rules_of
from iam.models import (
    AccountAccess,
    Binding,
    Group,
    GroupMember,
    IdentityProvider,
    Role,
    ServiceAccount,
    TenantAccess,
    User,
)
from iam.record.rights import Holder


@dataclass
class State:
    """Everything by name. Managed roles are named like any other and never change."""

    roles: dict[str, Role]
    groups: dict[str, Group]
    accounts: dict[str, ServiceAccount]
    guests: dict[str, str]
    """Ids of the instance's service accounts that may enter, by name."""
    users: dict[str, str]
    """Ids of those who may enter, by address; who is of no directory goes before one of the same address."""
    bindings: list[Binding]
    members: list[GroupMember]
    providers: dict[str, IdentityProvider]

    def account_id(self, name: str) -> str | None:
        own = self.accounts.get(name)
        return own.id if own else self.guests.get(name)

    def holder_name(self, row: Binding | GroupMember) -> dict[str, str]:
        """As a document names whoever holds it."""
        if row.user_id is not None:
            emails = {identity: email for email, identity in self.users.items()}
            return {"user": emails.get(row.user_id, row.user_id)}
        if row.service_account_id is not None:
            names = {account.id: name for name, account in self.accounts.items()}
            names |= {identity: name for name, identity in self.guests.items()}
            return {"serviceAccount": names[row.service_account_id]}
        return {"group": row.group.name}

    def as_document(self) -> Document:
        own = [role for role in self.roles.values() if not role.is_managed]
        return Document(
            roles=[
                RolePart(name=r.name, description=r.description, default=r.is_default, permissions=r.permissions)
                for r in sorted(own, key=lambda role: role.name)
            ],
            groups=[self._group(group) for _, group in sorted(self.groups.items())],
            service_accounts=[
                AccountPart(name=name, description=account.description)
                for name, account in sorted(self.accounts.items())
            ],
            bindings=[
                BindingPart(role=row.role.name, namespace=row.namespace, **self.holder_name(row))
                for row in self.bindings
            ],
            identity_providers=[
                ProviderPart(name=name, rules=rules_of(provider)) for name, provider in sorted(self.providers.items())
            ],
        )

    def _group(self, group: Group) -> GroupPart:
        members = [
            MemberPart(owner=row.is_owner, **self.holder_name(row))
            for row in self.members
            if row.group_id == group.id and not row.managed_by
        ]
        return GroupPart(name=group.name, description=group.description, members=members)


def holder_of(row: Binding | GroupMember) -> Holder:
    group_id = row.group_id if isinstance(row, Binding) else None
    return Holder(row.user_id, group_id, row.service_account_id)


def read_state() -> State:
    """Conflict where two roles have one name: a document could not tell them apart."""
    roles: dict[str, Role] = {}
    for role in Role.objects.order_by("-is_managed", "id"):
        if role.name in roles:
            raise Conflict(f"two roles are called {role.name}: rename one of them")
        roles[role.name] = role
    members = TenantAccess.objects.values("user_id")
    return State(
        roles,
        {group.name: group for group in Group.objects.order_by("name")},
        {account.name: account for account in ServiceAccount.objects.order_by("name")},
        dict(AccountAccess.objects.values_list("name", "service_account_id")),
        dict(User.objects.filter(id__in=members).order_by("-home", "email").values_list("email", "id")),
        list(Binding.objects.select_related("role", "group").order_by("role__name", "namespace", "id")),
        list(GroupMember.objects.select_related("group").order_by("group__name", "id")),
        {provider.name: provider for provider in IdentityProvider.objects.order_by("name")},
    )
