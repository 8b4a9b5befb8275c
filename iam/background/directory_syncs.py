"""Keeps the comparisons with directories going: those that were asked for, and those that are due."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import timedelta

from control_plane.kernel.scope import across_tenants, instance_scope, tenant_scope
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import Conflict, NotFound
from iam.directories.settings import LDAP, ldap_settings
from iam.models import DirectorySync, IdentityProvider
from iam.record.syncs import QUEUED, RUNNING, queue_run
from iam.sso.syncing.directories import SECONDS
from iam.sso.syncing.running import end_lost, run_sync

_LOST = timedelta(seconds=SECONDS * 3)
"""A run that is still going on after that has lost its process."""


def sync_directories() -> bool:
    """Do what waits, one directory after the other; whether anything did."""
    with across_tenants("directories of all tenants are compared with in their turn"):
        directories = sorted(IdentityProvider.objects.filter(kind=LDAP), key=lambda each: (each.tenant_id, each.name))
    done = [_sync(directory) for directory in directories]
    return any(done)


def _sync(provider: IdentityProvider) -> bool:
    with _scope(provider.tenant_id):
        run = DirectorySync.objects.filter(provider_id=provider.id, state__in=(QUEUED, RUNNING)).first()
        if run is None and _is_due(provider):
            run = queue_run(provider, is_dry_run=False, is_forced=False, asked_by="")
    if run is None:
        return False
    if run.state == RUNNING:
        if run.started_at is not None and run.started_at < now() - _LOST:
            end_lost(run)
        return False
    return run_sync(run)


def _is_due(provider: IdentityProvider) -> bool:
    pause = ldap_settings(provider).sync_minutes
    last = provider.synced_at
    return provider.is_enabled and pause > 0 and (last is None or last <= now() - timedelta(minutes=pause))


def sync_from_machine(name: str, tenant_id: str, *, is_dry_run: bool, is_forced: bool) -> DirectorySync:
    """Compare with a directory now, in this process; how it ended. NotFound where there is no such provider."""
    with _scope(tenant_id):
        provider = IdentityProvider.objects.filter(name=name).first()
        if provider is None:
            raise NotFound(f"there is no provider {name}")
        run = queue_run(provider, is_dry_run=is_dry_run, is_forced=is_forced, asked_by="the command line")
    if not run_sync(run):
        raise Conflict("the scheduler has taken it: look at the page of the provider")
    with _scope(tenant_id):
        return DirectorySync.objects.get(id=run.id)


def _scope(tenant_id: str) -> AbstractContextManager[None]:
    return tenant_scope(tenant_id) if tenant_id else instance_scope()
