"""One comparison from beginning to end: read, compared, and, unless it is only shown, done in the provider's name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace

from control_plane.kernel.actor import Context
from control_plane.kernel.scope import instance_scope, tenant_scope
from control_plane.kernel.words.errors import ControlPlaneError, NotFound
from iam.directories.providers import actor_of_provider
from iam.directories.settings import ldap_settings
from iam.models import DirectorySync, ExternalIdentity, IdentityProvider
from iam.record.syncs import DONE, FAILED, HELD, begin_run
from iam.services.directory_syncs import Ended, end_sync, let_go, provide_groups, take_places
from iam.sso.admission import admit
from iam.sso.syncing.comparing import Diff, Difference, compare, leaves_too_many
from iam.sso.syncing.directories import read_everybody
from tenants.models import Tenant

MOST_SHOWN = 200
"""Of each kind in what is kept of a run."""


def run_sync(run: DirectorySync) -> bool:
    """Do what was asked for, outside of any scope; False where another process does it. Whatever goes wrong is
    written down with the run."""
    provider = _provider(run)
    ctx = Context(actor_of_provider(provider), run.tenant_id or None, request_id=f"sync-{run.id}")
    with _scope(run):
        is_ours = begin_run(run.id)
    if not is_ours:
        return False
    try:
        ended = _run(ctx, provider, run)
    except ControlPlaneError as error:
        ended = Ended(FAILED, problem=error.message)
    except Exception as error:
        end_sync(ctx, run_id=run.id, ended=Ended(FAILED, problem=f"a fault of ours: {type(error).__name__}"))
        raise
    end_sync(ctx, run_id=run.id, ended=ended)
    return True


def end_lost(run: DirectorySync) -> None:
    """One whose process has gone."""
    ctx = Context(actor_of_provider(_provider(run)), run.tenant_id or None, request_id=f"sync-{run.id}")
    end_sync(ctx, run_id=run.id, ended=Ended(FAILED, problem="the process that did it has gone"))


def _run(ctx: Context, provider: IdentityProvider, run: DirectorySync) -> Ended:
    diff = compare(provider, read_everybody(provider))
    if not run.is_forced and leaves_too_many(diff, ldap_settings(provider).most_leaving):
        problem = f"{len(diff.left)} of {diff.known} people would leave; look at them, and let it be done all the same"
        return Ended(HELD, diff.counts, diff.shape(MOST_SHOWN), problem)
    if not run.is_dry_run:
        _carry_out(ctx, provider, diff)
    return Ended(DONE, diff.counts, diff.shape(MOST_SHOWN))


def _provider(run: DirectorySync) -> IdentityProvider:
    with _scope(run):
        provider = IdentityProvider.objects.filter(id=run.provider_id).first()
    if provider is None:
        raise NotFound("the provider was taken away")
    return provider


def _scope(run: DirectorySync) -> AbstractContextManager[None]:
    return tenant_scope(run.tenant_id) if run.tenant_id else instance_scope()


def _carry_out(ctx: Context, provider: IdentityProvider, diff: Diff) -> None:
    """Groups first, so that they are there before anybody is in them. One who cannot be changed stops no other."""
    for tenant, names in sorted(diff.groups.items()):
        if names:
            provide_groups(_in(ctx, tenant), names=names)
    for each in [*diff.joined, *diff.changed]:
        _tried(diff, each.shown, _admitting(ctx, provider, each))
    for identity in list(diff.left):
        shown = {"email": identity.user.email, "subject": identity.subject}
        if not _tried(diff, shown, _leaving(ctx, provider, identity)):
            diff.left.remove(identity)


def _tried(diff: Diff, shown: Mapping[str, object], act: Callable[[], None]) -> bool:
    try:
        act()
    except ControlPlaneError as error:
        diff.refused.append({**shown, "reason": error.message})
        return False
    return True


def _admitting(ctx: Context, provider: IdentityProvider, each: Difference) -> Callable[[], None]:
    person, decision = each.person, each.decision
    trace = {"claims": person.claims, "rules": decision.rules, "groups": decision.names}

    def act() -> None:
        admit(ctx, provider, replace(person.told, trace=trace), decision)

    return act


def _leaving(ctx: Context, provider: IdentityProvider, identity: ExternalIdentity) -> Callable[[], None]:
    def act() -> None:
        user_id = let_go(_in(ctx, provider.tenant_id or None), provider=provider, identity_id=identity.id)
        for tenant in _tenants(provider):
            take_places(_in(ctx, tenant), user_id=user_id, managed_by=provider.id)

    return act


def _tenants(provider: IdentityProvider) -> list[str]:
    if provider.tenant_id:
        return [provider.tenant_id]
    with instance_scope():
        return sorted(Tenant.objects.values_list("id", flat=True))


def _in(ctx: Context, tenant_id: str | None) -> Context:
    return replace(ctx, tenant_id=tenant_id, rights=None, changes=[])
