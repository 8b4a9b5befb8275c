"""What a sign-in by an identity provider changes: the account, its groups, and the session that opens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q

from audit.recording.commands import command
from audit.recording.trail import Action
from control_plane.kernel.actor import Context
from control_plane.kernel.permissions import PUBLIC
from iam.authentication.lockout import forget_failures, remember_place
from iam.authentication.sign_in import normal
from iam.authorization import versions
from iam.directories.hints import seal_hint
from iam.models import IdentityProvider, Session, User
from iam.permissions import USER
from iam.record.directory_groups import follow_groups
from iam.record.identities import Told, person_of
from iam.record.sessions import Vouched, open_session


@dataclass(frozen=True)
class Proof:
    """What a provider has vouched for: whom, in which session of its own, by which ID token."""

    subject: str
    session: str = ""
    id_token: str = ""
    name: str = ""
    """What was typed, where it was asked for a password."""


@command(USER.CREATE, instance=True)
def admit_person(ctx: Context, *, provider: IdentityProvider, told: Told) -> User:
    """The account of whom the provider means, made or linked where that is allowed."""
    return person_of(ctx, provider, told)


@command(USER.MANAGE_GROUP_MEMBERSHIP)
def follow_directory(
    ctx: Context, *, user_id: str, managed_by: str, names: Mapping[str, bool], is_let_in: bool
) -> list[str]:
    """Give and take the places in groups of this tenant that the directory says; the names of those it gives."""
    return follow_groups(ctx, user_id, managed_by, names, is_let_in=is_let_in)


@command(PUBLIC, instance=True, action=Action.LOGIN)
def sign_in_by_provider(ctx: Context, *, user: User, provider: IdentityProvider, proof: Proof) -> str:
    """Open a session for whom the provider has vouched for; its secret is kept nowhere."""
    vouched = Vouched(
        home=provider.tenant_id,
        provider_id=provider.id,
        subject=proof.subject,
        provider_session=proof.session[:255],
        sealed_hint=seal_hint(provider.id, proof.subject, proof.id_token),
    )
    remember_place(user, ctx.ip)
    if proof.name:
        forget_failures(normal(proof.name), ctx.ip)
    return open_session(ctx, user, vouched)


@command(PUBLIC, instance=True, action=Action.LOGOUT)
def end_sessions_of_provider(ctx: Context, *, provider: IdentityProvider, subject: str, session: str) -> int:
    """End what began with this session of the provider, or all of the subject's where it names none; how many."""
    found = Session.objects.filter(provider_id=provider.id)
    found = (
        found.filter(Q(provider_session=session) & (Q(subject=subject) if subject else Q()))
        if session
        else (found.filter(subject=subject))
    )
    people = sorted(set(found.values_list("user_id", flat=True)))
    ended, _ = found.delete()
    if ended:
        versions.move_identities()
    for user_id in people:
        ctx.record("USER", user_id, provider=provider.name, sessionsEnded=ended)
    return ended
