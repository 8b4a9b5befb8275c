"""A directory that is asked by LDAP, as administrators try it and compare everybody with it."""

from __future__ import annotations

from typing import Any

from pydantic import Field
from rest_framework.request import Request

from control_plane.kernel.api.bodies import Body
from control_plane.kernel.api.dispatch import scope_of
from control_plane.kernel.api.outside import OutsideInstanceView, OutsideTenantView, OutsideView
from control_plane.kernel.api.schema import shaped
from control_plane.kernel.api.views import ApiView, InstanceView, TenantView
from control_plane.kernel.authorization import require
from control_plane.kernel.words.errors import Conflict, NotFound
from iam.authentication.attempts import attempt_succeeded, begin_attempt
from iam.authentication.sign_in import normal
from iam.directories.settings import LDAP
from iam.models import DirectorySync, IdentityProvider
from iam.permissions import SECURITY_INTEGRATION
from iam.record.syncs import sync_shape
from iam.services.directory_syncs import ask_for_sync
from iam.services.identity_providers import keep_test
from iam.sso.ldap.checking import Check


class CheckBody(Body):
    """Of whom a sign-in is tried; nobody's where no name is given. A password is proved, and kept nowhere."""

    username: str = Field(default="", max_length=255)
    password: str = Field(default="", max_length=1024)


class SyncBody(Body):
    dry_run: bool = False
    force: bool = False


class DirectoryChecksView(OutsideView):
    """A try waits for the directory, and may prove a password: it waits where sign-ins do."""

    access = {"check": keep_test}
    is_sign_in = True

    @shaped(body=CheckBody)
    def check(self, request: Request, directory_id: str) -> dict[str, Any]:
        """Each step in words, and what a sign-in would do. Nobody is affected; a wrong password counts as one."""
        require(self.ctx, SECURITY_INTEGRATION.UPDATE)
        sent, provider = self.body(CheckBody), directory_of(self.ctx.tenant_id, directory_id)
        if sent.password:
            begin_attempt(normal(sent.username), self.ctx.ip)
        result = Check(provider).run(sent.username, sent.password)
        if sent.password and result["outcome"] != "refused":
            attempt_succeeded(normal(sent.username), self.ctx.ip)
        keep_test(self.ctx, provider_id=provider.id, result=result)
        return directory_of(self.ctx.tenant_id, directory_id).found["test"]  # type: ignore[no-any-return]  # kept as JSON


class DirectorySyncsView(ApiView):
    access = {"ask": ask_for_sync, "list": SECURITY_INTEGRATION.VIEW, "show": SECURITY_INTEGRATION.VIEW}

    @shaped(body=SyncBody)
    def ask(self, request: Request, directory_id: str) -> dict[str, Any]:
        """It is done soon, elsewhere: ask for the run until it has ended."""
        sent = self.body(SyncBody)
        run = ask_for_sync(self.ctx, provider_id=directory_id, is_dry_run=sent.dry_run, is_forced=sent.force)
        return sync_shape(run)

    def list(self, request: Request, directory_id: str) -> dict[str, Any]:
        """The last runs, the newest first, without what they changed."""
        provider = directory_of(self.ctx.tenant_id, directory_id)
        with scope_of(self.ctx.tenant_id):
            runs = list(DirectorySync.objects.filter(provider_id=provider.id).order_by("-asked_at", "-id"))
        return {"results": [sync_shape(run, with_diff=False) for run in runs], "total": len(runs)}

    def show(self, request: Request, directory_id: str, sync_id: str) -> dict[str, Any]:
        with scope_of(self.ctx.tenant_id):
            run = DirectorySync.objects.filter(provider_id=directory_id, id=sync_id).first()
        if run is None:
            raise NotFound()
        return sync_shape(run)


def directory_of(tenant_id: str | None, directory_id: str) -> IdentityProvider:
    """Conflict for a provider of another kind: it tells of nobody but whoever signs in."""
    with scope_of(tenant_id):
        provider = IdentityProvider.objects.filter(id=directory_id).first()
    if provider is None:
        raise NotFound()
    if provider.kind != LDAP:
        raise Conflict("only a provider of kind LDAP can be asked")
    return provider


class InstanceChecksView(DirectoryChecksView, OutsideInstanceView):
    """Of the instance."""


class TenantChecksView(DirectoryChecksView, OutsideTenantView):
    """Of a tenant."""


class InstanceSyncsView(DirectorySyncsView, InstanceView):
    """Of the instance."""


class TenantSyncsView(DirectorySyncsView, TenantView):
    """Of a tenant."""
