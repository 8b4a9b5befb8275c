"""People whom a directory pushes: which account is theirs, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from control_plane.kernel.actor import Context
from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import Conflict, Invalid
from control_plane.kernel.words.ids import new_id
from control_plane.kernel.words.names import check_name
from iam.authentication.sign_in import normal
from iam.authorization import versions
from iam.models import (
    ApiToken,
    Invitation,
    PasswordReset,
    ScimResource,
    ScimUser,
    Session,
    TenantAccess,
    User,
)
from iam.record.rights import let_user_in, rights_change
from iam.record.transitions import check_email, make_user, user_facts

NOBODYS = "users.invalid"
"""The domain of addresses that nobody can write to: for people of whom the directory tells no address."""


class AlreadyPushed(Conflict):
    """There is one of this name already."""

    code = "uniqueness"


@dataclass(frozen=True)
class Person:
    """What a client says of somebody: all of it as a document, and what an account knows."""

    document: dict[str, Any]
    folded: dict[str, Any]
    user_name: str
    external_id: str
    emails: tuple[str, ...]
    """The first that is an address is theirs."""
    first_name: str
    last_name: str
    is_active: bool


Expect = Callable[[ScimResource], None]


def anything(row: ScimResource) -> None:
    """Whatever version is there is the one that is meant."""


def pushed_facts(row: ScimUser) -> dict[str, Any]:
    """What the audit trail keeps of what a client said."""
    return without_nulls(
        integrationId=row.integration_id,
        active=row.is_active,
        said=row.document,
        deleted=True if row.deleted_at else None,
    )


def account_for(ctx: Context, integration_id: str, said: Person) -> tuple[User, ScimUser]:
    """The account of somebody who is pushed, made where there is none, and the row of what is said of them.

    A user of this tenant's directory or of none is known by their address. Nobody of another tenant's directory is.
    AlreadyPushed for somebody whom this or another integration has pushed.
    """
    name = said.user_name.lower()
    rows = ScimUser.objects.select_related("user")
    held = rows.filter(integration_id=integration_id, user_name=name).order_by("deleted_at").last()
    if held is not None and held.deleted_at is None:
        raise AlreadyPushed(f"there is a user {said.user_name} already")
    if held is not None:
        return held.user, held
    email = _address(said)
    user = _known(email) if email else None
    held = rows.filter(user_id=user.id).first() if user else None
    if held is not None and held.deleted_at is None:
        if held.integration_id != integration_id:
            raise AlreadyPushed(f"another integration of this tenant has pushed {email} already")
        # Two people share an address: the second has an account of their own.
        user, held, email = None, None, ""
    user = user or _made(ctx, said, email)
    return user, held or ScimUser(user=user)


def _known(email: str) -> User | None:
    found = {user.home: user for user in User.objects.filter(email=email, home__in=("", current_tenant()))}
    return found.get(current_tenant()) or found.get("")


def _made(ctx: Context, said: Person, email: str) -> User:
    return make_user(
        ctx,
        email=email or f"{new_id()}@{NOBODYS}",
        home=current_tenant(),
        first_name=_shown(said.first_name),
        last_name=_shown(said.last_name),
        is_address_claimed=True,
    )


def _address(said: Person) -> str:
    """Theirs as accounts know it, "" where the directory tells none."""
    for text in said.emails:
        try:
            check_email(text)
        except Invalid:
            continue
        return normal(text)
    return ""


def _shown(name: str) -> str:
    """A name that deceives is not shown; the document has it as it was said."""
    try:
        return check_name("name", name)[:255]
    except Invalid:
        return ""


def keep(ctx: Context, row: ScimUser, integration_id: str, said: Person) -> None:
    """Write down what was said, and let the account follow it."""
    before = None if row._state.adding else pushed_facts(row)
    moment = now()
    is_new = row._state.adding or row.deleted_at is not None
    was_active = row.is_active and not is_new
    row.integration_id = integration_id
    row.user_name, row.external_id = said.user_name.lower(), said.external_id
    row.document, row.folded, row.is_active = said.document, said.folded, said.is_active
    row.deleted_at, row.changed_at = None, moment
    row.created_at = moment if is_new else row.created_at
    row.version = 1 if row._state.adding else row.version + 1
    is_let_in = is_new and let_user_in(ctx, row.user_id, managed_by=integration_id)
    is_open = was_active or is_let_in
    with rights_change() if was_active and not said.is_active else nullcontext():
        if is_open != said.is_active or (is_new and not is_let_in):
            _let_access_follow(row)
        if row.user.home == current_tenant():
            _account_follows(ctx, row, row.user, said)
        if not said.is_active:
            end_at_once(row.user)
        row.save()
    ctx.record("USER", row.user_id, before=before, after=pushed_facts(row))


def _let_access_follow(row: ScimUser) -> None:
    access = TenantAccess.objects.filter(user_id=row.user_id)
    access.update(managed_by=row.integration_id, is_suspended=not row.is_active)
    versions.move_tenant(current_tenant())


def _account_follows(ctx: Context, row: ScimUser, user: User, said: Person) -> None:
    """The account of somebody who is this directory's alone. Whom a superadmin closed stays closed."""
    before = user_facts(user)
    user.first_name, user.last_name = _shown(said.first_name), _shown(said.last_name)
    email = _address(said)
    if email not in ("", user.email) and not User.objects.filter(email=email, home=user.home).exists():
        user.email = email
    if said.is_active and row.has_closed:
        user.is_disabled, row.has_closed = False, False
    elif not said.is_active and not user.is_disabled:
        user.is_disabled, row.has_closed = True, True
    after = user_facts(user)
    if after != before:
        user.save(update_fields=["first_name", "last_name", "email", "is_disabled"])
        if any(after[name] != before[name] for name in ("email", "disabled")):
            versions.move_identities()
        ctx.record("USER", user.id, before=before, after=after)


def end_at_once(user: User) -> None:
    """Sessions and tokens that open this tenant alone, links, and invitations that wait for them here.

    What somebody has who is also elsewhere stays: it opens nothing here any more, and the rest is not ours to end.
    """
    tenant = current_tenant()
    own = {} if user.home == tenant else {"home": tenant}
    Session.objects.filter(user=user, **own).delete()
    ApiToken.objects.filter(user=user, **({} if user.home == tenant else {"tenant_id": tenant})).delete()
    if user.home == tenant:
        PasswordReset.objects.filter(user=user).delete()
    Invitation.objects.filter(email=user.email, accepted_at=None, revoked_at=None).update(revoked_at=now())
    versions.move_identities()
