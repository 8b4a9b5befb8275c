"""Trying a credential before a flow needs it: each step by itself, and the token that comes is thrown away."""

from __future__ import annotations

from dataclasses import dataclass, field

from control_plane.kernel.actor import Context
from control_plane.kernel.authorization import require
from control_plane.kernel.scope import tenant_scope
from stores.credentials.minting import Step, mint, one_at_a_time, recipe_of
from stores.credentials.places import Place
from stores.credentials.queries import get_credential, no_credential
from stores.credentials.refusals import MintFailed
from stores.credentials.services import tell_test
from stores.permissions import CREDENTIAL


@dataclass(frozen=True)
class Tried:
    """`failed` is the step at which it ended; every step before is done."""

    steps: list[Step] = field(default_factory=list)
    failed: Step | None = None

    @property
    def message(self) -> str:
        if self.failed is not None:
            return f"No token: {self.failed.message}"
        return f"A token was given: {self.steps[-1].message}"


def try_out(ctx: Context, place: Place) -> Tried:
    """Outside of every scope, for it waits for a server far away. NotFound, Forbidden, TooManyRequests."""
    tenant = str(ctx.tenant_id)
    with one_at_a_time(tenant):
        tried = _tried(ctx, tenant, place)
    tell_test(ctx, place=place, success=tried.failed is None, message=tried.message)
    return tried


def _tried(ctx: Context, tenant: str, place: Place) -> Tried:
    steps: list[Step] = []
    try:
        with tenant_scope(tenant):
            credential = get_credential(place)
            require(ctx, CREDENTIAL.USE, credential.namespace or None, absent=no_credential(place))
            recipe = recipe_of(credential)
        mint(recipe, steps.append)
    except MintFailed as error:
        return Tried(steps, Step(error.step, error.message))
    return Tried(steps)
