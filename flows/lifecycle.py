"""What a tenant's coming and going means for its flows."""

from __future__ import annotations

from collections.abc import Iterable

from control_plane.kernel.actor import Context
from flows.models import Flow, ReusableInputs, ReusableInputsRevision
from flows.queries import living_flows
from tenants.hooks import implied_namespaces, on_purge


def register() -> None:
    """Called once, when the app is ready."""
    implied_namespaces(namespaces_of_flows)
    on_purge(remove_flows)


def namespaces_of_flows() -> Iterable[str]:
    """Namespaces that exist because a flow, or a block of inputs, lives in them."""
    yield from living_flows().values_list("namespace", flat=True).distinct()
    yield from ReusableInputs.objects.values_list("namespace", flat=True).distinct()


def remove_flows(ctx: Context) -> None:
    """Revisions go with their flows."""
    for model in (Flow, ReusableInputsRevision, ReusableInputs):
        model.objects.all().delete()
