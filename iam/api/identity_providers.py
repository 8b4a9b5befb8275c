"""Identity providers as administrators connect, try and change them: those of a tenant, and of the instance."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import Field
from rest_framework.request import Request

from control_plane.kernel.api.bodies import Body
from control_plane.kernel.api.dispatch import scope_of
from control_plane.kernel.api.outside import OutsideInstanceView, OutsideTenantView, OutsideView
from control_plane.kernel.api.schema import shaped
from control_plane.kernel.authorization import require
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import BadParameter, NotFound
from iam.authorization.following import rights_of_groups
from iam.directories.providers import provider_shape
from iam.directories.rules import Rule, apply_rules, groups_by_tenant
from iam.directories.settings import OIDC
from iam.models import IdentityProvider
from iam.permissions import SECURITY_INTEGRATION
from iam.services.identity_providers import (
    ProviderWish,
    create_identity_provider,
    delete_identity_provider,
    disable_identity_provider,
    enable_identity_provider,
    keep_discovery,
    update_identity_provider,
)
from iam.sso.oidc.discovery import discover
from iam.sso.simulating import claims_of_entry, groups_of_scim
from tenants.models import Tenant


class ProviderBody(Body):
    name: str = Field(max_length=63)
    title: str = Field(default="", max_length=255)
    kind: str = Field(default=OIDC, max_length=10)
    preset: str = Field(default="generic", max_length=20)
    settings: dict[str, Any] = {}
    secret: str | None = Field(default=None, max_length=2000)
    rules: list[dict[str, Any]] = []
    domains: list[str] = Field(default=[], max_length=100)
    enabled: bool = True

    @property
    def wish(self) -> ProviderWish:
        return ProviderWish(
            self.name,
            self.title,
            self.kind,
            self.preset,
            self.settings,
            self.secret,
            self.rules,
            self.domains,
            self.enabled,
        )


class IssuerBody(Body):
    issuer: str = Field(min_length=1, max_length=500)


class SimulationBody(Body):
    """Claims of a token; in their place an entry of a directory as text, and in its the body of a SCIM request. With
    them, rules that are not saved yet."""

    claims: dict[str, Any] = {}
    entry: str | None = Field(default=None, max_length=500_000)
    scim: dict[str, Any] | None = None
    rules: list[Rule] | None = Field(default=None, max_length=200)


class ProvidersView(OutsideView):
    access = {
        "list": SECURITY_INTEGRATION.LIST,
        "create": create_identity_provider,
        "show": SECURITY_INTEGRATION.VIEW,
        "update": update_identity_provider,
        "delete": delete_identity_provider,
        "enable": enable_identity_provider,
        "disable": disable_identity_provider,
        "discover": SECURITY_INTEGRATION.CREATE,
        "refresh": keep_discovery,
        "simulate": SECURITY_INTEGRATION.VIEW,
        "test": SECURITY_INTEGRATION.VIEW,
    }

    def list(self, request: Request) -> dict[str, Any]:
        with scope_of(self.ctx.tenant_id):
            found = [provider_shape(each) for each in IdentityProvider.objects.order_by("name")]
        return {"results": found, "total": len(found)}

    @shaped(body=ProviderBody)
    def create(self, request: Request) -> dict[str, Any]:
        """What the provider says of itself is read at once, so that a wrong issuer is told before it is saved."""
        require(self.ctx, SECURITY_INTEGRATION.CREATE)
        wish = self.body(ProviderBody).wish
        metadata = self._asked(wish) if wish.kind == OIDC else None
        return provider_shape(create_identity_provider(self.ctx, wish=replace(wish, metadata=metadata)))

    def show(self, request: Request, provider_id: str) -> dict[str, Any]:
        return provider_shape(self._provider(provider_id))

    @shaped(body=ProviderBody)
    def update(self, request: Request, provider_id: str) -> dict[str, Any]:
        """As for connecting one, whoever may not do it makes us ask nobody."""
        require(self.ctx, SECURITY_INTEGRATION.UPDATE)
        wish = self.body(ProviderBody).wish
        before = self._provider(provider_id)
        issuer = wish.settings.get("issuer")
        is_asked = wish.kind == OIDC and (issuer != before.settings.get("issuer") or not before.found.get("metadata"))
        metadata = self._asked(wish) if is_asked else None
        wish = replace(wish, metadata=metadata)
        return provider_shape(update_identity_provider(self.ctx, provider_id=provider_id, wish=wish))

    def _asked(self, wish: ProviderWish) -> dict[str, Any] | None:
        issuer = wish.settings.get("issuer")
        return self._discovered(issuer) if isinstance(issuer, str) and issuer.strip() else None

    def delete(self, request: Request, provider_id: str) -> None:
        delete_identity_provider(self.ctx, provider_id=provider_id)

    def enable(self, request: Request, provider_id: str) -> dict[str, Any]:
        return provider_shape(enable_identity_provider(self.ctx, provider_id=provider_id))

    def disable(self, request: Request, provider_id: str) -> dict[str, Any]:
        return provider_shape(disable_identity_provider(self.ctx, provider_id=provider_id))

    @shaped(body=IssuerBody)
    def discover(self, request: Request) -> dict[str, Any]:
        """What an issuer says of itself, before anything is saved."""
        return self._discovered(self.body(IssuerBody).issuer)

    def refresh(self, request: Request, provider_id: str) -> dict[str, Any]:
        """The same again for a provider that is there, to be kept."""
        require(self.ctx, SECURITY_INTEGRATION.UPDATE)
        provider = self._provider(provider_id)
        if provider.kind != OIDC:
            raise BadParameter("only a provider of kind OIDC says anything of itself")
        metadata = self._discovered(str(provider.settings["issuer"]))
        return provider_shape(keep_discovery(self.ctx, provider_id=provider_id, metadata=metadata))

    def _discovered(self, issuer: str) -> dict[str, Any]:
        asked_for = IdentityProvider(name="new", tenant_id=self.ctx.tenant_id or "")
        return discover(asked_for, issuer.strip())

    @shaped(body=SimulationBody)
    def simulate(self, request: Request, provider_id: str) -> dict[str, Any]:
        """Which groups, roles and rights would follow, rule by rule. Nothing is changed."""
        sent, provider = self.body(SimulationBody), self._provider(provider_id)
        rules = [Rule.model_validate(each) for each in provider.rules] if sent.rules is None else sent.rules
        claims = claims_of_entry(sent.entry) if sent.entry else sent.claims
        outcomes = apply_rules(rules, claims) if not sent.scim else []
        tenants = groups_by_tenant(outcomes, self.ctx.tenant_id or "")
        if sent.scim and self.ctx.tenant_id:
            tenants = {self.ctx.tenant_id: dict.fromkeys(groups_of_scim(sent.scim), False)}
        return {
            "rules": [outcome.shape for outcome in outcomes],
            "tenants": [
                {"id": tenant, "groups": _rights_in(tenant, names)} for tenant, names in sorted(tenants.items())
            ],
        }

    def test(self, request: Request, provider_id: str) -> dict[str, Any]:
        """What the last test showed."""
        result: dict[str, Any] | None = self._provider(provider_id).found.get("test")
        if result is None:
            raise NotFound("nobody has tested this provider yet")
        return result

    def _provider(self, provider_id: str) -> IdentityProvider:
        with scope_of(self.ctx.tenant_id):
            provider = IdentityProvider.objects.filter(id=provider_id).first()
        if provider is None:
            raise NotFound()
        return provider


def _rights_in(tenant: str, names: dict[str, bool]) -> list[dict[str, Any]]:
    with scope_of(None):
        is_there = Tenant.objects.filter(id=tenant).exists()
    if not is_there:
        return []
    with tenant_scope(tenant):
        return rights_of_groups(names)


class InstanceProvidersView(ProvidersView, OutsideInstanceView):
    """Those of the instance, which vouch for people everywhere: a superadmin's."""


class TenantProvidersView(ProvidersView, OutsideTenantView):
    """Those of a tenant, which vouch for people there alone."""
