"""What has to be done so that the rules of a tenant's identity providers are as a document says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from control_plane.kernel.actor import Context
from control_plane.kernel.words.errors import Invalid, Violation
from iam.as_code.document import ProviderPart
from iam.as_code.steps import Step
from iam.directories.providers import provider_facts
from iam.directories.rules import Rule
from iam.models import IdentityProvider
from iam.permissions import SECURITY_INTEGRATION
from iam.record.mapping import checked_rules


def mapping_steps(
    providers: dict[str, IdentityProvider], parts: list[ProviderPart], *, is_pruning: bool
) -> Iterator[Step]:
    """Invalid for rules of a provider that is not there: how one is reached is in no document.

    Pruned are the rules of those that are not named.
    """
    for number, part in enumerate(parts):
        provider = providers.get(part.name)
        if provider is None and not part.rules:
            continue
        if provider is None:
            message = f"there is no identity provider {part.name}: connect it first"
            path = f"identityProviders.{number}.name"
            raise Invalid(f"{path}: {message}", violations=[Violation(message, path)])
        yield from _step(provider, part.rules)
    if is_pruning:
        named = {part.name for part in parts}
        for name in sorted(providers.keys() - named):
            yield from _step(providers[name], [])


def _step(provider: IdentityProvider, rules: list[Rule]) -> Iterator[Step]:
    before = {"rules": provider.rules}
    after = {"rules": [_kept(rule, provider) for rule in rules]}
    if {"rules": [_kept(Rule.model_validate(rule), provider) for rule in provider.rules]} != after:
        run = _writing(provider, after["rules"])
        yield Step("UPDATE", "IDENTITY_PROVIDER", provider.name, SECURITY_INTEGRATION.UPDATE, run, before, after)


def _kept(rule: Rule, provider: IdentityProvider) -> dict[str, Any]:
    """A provider of a tenant gives groups of that tenant, whether a rule says so or not."""
    own = rule.model_copy(update={"tenant": None}) if rule.tenant == provider.tenant_id else rule
    return own.model_dump(exclude_none=True)


def _writing(provider: IdentityProvider, rules: list[dict[str, Any]]) -> Callable[[Context], None]:
    def run(ctx: Context) -> None:
        before = provider_facts(provider)
        provider.rules = [rule.model_dump(exclude_none=True) for rule in checked_rules(ctx, rules)]
        provider.save(update_fields=["rules"])
        ctx.record("SECURITY_INTEGRATION", provider.id, before=before, after=provider_facts(provider))

    return run
