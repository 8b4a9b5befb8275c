"""What clients send about identities."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from control_plane.kernel.api.bodies import Body
from control_plane.kernel.words.durations import Duration
from iam.record.offers import NewInvitation, RoleWithin
from iam.record.tokens import NewToken


class Credentials(Body):
    username: str = Field(max_length=255)
    password: str = Field(max_length=1024)
    tenant: str = Field(default="", max_length=63)
    """Whose directories are asked, too, beside those of the instance."""


class AddressLookup(Body):
    email: str = Field(max_length=255)


class SetupTenant(Body):
    id: str
    name: str = ""


class Setup(Body):
    username: str
    password: str
    tenant: SetupTenant


class BasicAuth(Body):
    """As older clients make the first user."""

    uid: str | None = None
    username: str
    password: str


class NewTokenBody(Body):
    name: str
    description: str | None = None
    max_age: Duration | None = None
    extended: bool | None = None
    allowed_cidrs: list[str] | None = None

    @property
    def wanted(self) -> NewToken:
        networks = tuple(self.allowed_cidrs or ())
        return NewToken(self.name, self.description or "", self.max_age, bool(self.extended), networks)


class Rotation(Body):
    overlap: Duration | None = None


class GroupRef(Body):
    id: str


class AccountBody(Body):
    name: str
    description: str | None = None
    groups: list[GroupRef] | None = None
    super_admin: bool | None = None


class NewInstanceAccount(Body):
    name: str
    description: str | None = None
    super_admin: bool | None = None
    tenants: list[str] | None = None


class InvitationRole(Body):
    id: str
    namespaces: list[str] | None = None


class InvitationBody(Body):
    email: str
    roles: list[InvitationRole] | None = None
    groups: list[str] | None = None
    super_admin: bool | None = None
    create_user_if_not_exist: bool | None = None

    @property
    def wanted(self) -> NewInvitation:
        return NewInvitation(
            self.email,
            tuple(RoleWithin(role.id, tuple(role.namespaces or ())) for role in self.roles or ()),
            tuple(self.groups or ()),
            bool(self.super_admin),
            bool(self.create_user_if_not_exist),
        )


class InvitedUser(Body):
    first_name: str = Field(max_length=255)
    last_name: str = Field(max_length=255)
    password: str


class AccountPatch(Body):
    name: str
    description: str | None = None


class Disabled(Body):
    disabled: bool


class MyDetails(Body):
    first_name: str | None = Field(None, max_length=255)
    last_name: str | None = Field(None, max_length=255)
    email: str | None = None
    password: str | None = Field(None, max_length=1024)
    language: str | None = None
    theme: str | None = None
    time_zone: str | None = None


class ForgottenPassword(Body):
    username: str = Field(max_length=255)


class NewPasswordByLink(Body):
    token: str
    password: str


class PasswordChange(Body):
    old_password: str
    new_password: str


class UserBody(Body):
    email: str
    first_name: str | None = Field(None, max_length=255)
    last_name: str | None = Field(None, max_length=255)
    password: str | None = None
    super_admin: bool | None = None
    restricted: bool | None = None
    tenants: list[str] | None = None
    groups: list[str] | None = None


class UserPatch(Body):
    email: str | None = None
    first_name: str | None = Field(None, max_length=255)
    last_name: str | None = Field(None, max_length=255)


class NewPassword(Body):
    password: str


class Restricted(Body):
    restricted: bool


class Superadmin(Body):
    super_admin: bool


class RoleName(Body):
    name: str = Field(min_length=1, max_length=255)


class RoleBody(Body):
    name: str = Field(min_length=1, max_length=255)
    description: str | None = None
    permissions: dict[str, list[str]]
    is_default: bool | None = None


class BindingBody(Body):
    type: Literal["USER", "GROUP"]
    external_id: str
    role_id: str
    namespace_id: str | None = None


class Ids(Body):
    ids: list[str] | None = None


class Autocomplete(Body):
    q: str | None = None
    ids: list[str] | None = None
    existing_only: bool | None = None


class UserAutocomplete(Autocomplete):
    username: str | None = None


class AccessBody(Body):
    email: str


class GroupDetails(Body):
    name: str = Field(min_length=1, max_length=255)
    description: str | None = None


class NewGroupOfUsers(GroupDetails):
    members_id: list[str] | None = None


class UserGroups(Body):
    group_ids: list[str]
