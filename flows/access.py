"""Which flows somebody may see or act on."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from django.db.models import QuerySet

from control_plane.kernel.actor import Context
from control_plane.kernel.authorization import authorizer, visible_to
from control_plane.kernel.permissions import Permission
from control_plane.kernel.words.errors import Violation
from flows.hooks import cautions, objections
from flows.model.defaults import NO_DEFAULTS, Defaults
from flows.model.flow import Flow as FlowDocument
from flows.model.parse import DefaultsOf
from flows.models import Flow
from flows.namespace_settings.surroundings import namespace_defaults
from flows.permissions import FLOW
from flows.queries import living_flows

_READS_DEFAULTS = (FLOW.CREATE, FLOW.UPDATE, FLOW.VALIDATE)


def visible_flows(ctx: Context, permission: Permission = FLOW.LIST) -> QuerySet[Flow]:
    """Flows that are not deleted, in the namespaces where this is allowed."""
    return living_flows().filter(visible_to(ctx, permission))


def defaults_for(ctx: Context) -> DefaultsOf:
    """The plugin defaults to read somebody's flow under.

    None in a namespace where they may neither save nor check a flow: what a violation says must not tell them of it.
    """

    @cache
    def defaults_of(namespace: str) -> Defaults:
        may = any(authorizer().may(ctx, right, namespace) for right in _READS_DEFAULTS)
        return namespace_defaults(namespace) if may else NO_DEFAULTS

    return defaults_of


def told_of(ctx: Context) -> Callable[[FlowDocument], tuple[list[Violation], list[str]]]:
    """What forbids to save somebody's flow, and what its author should know.

    Nothing is told of a namespace where they may neither save nor check.
    """

    def of(flow: FlowDocument) -> tuple[list[Violation], list[str]]:
        may = any(authorizer().may(ctx, right, flow.namespace) for right in _READS_DEFAULTS)
        return (objections(flow), cautions(flow)) if may else ([], [])

    return of
