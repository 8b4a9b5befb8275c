"""What higher rooms do when a tenant comes or goes, and the namespaces that exist because of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from control_plane.kernel.actor import Context

Step = Callable[[Context], None]
NamesInUse = Callable[[], Iterable[str]]

_provision: list[Step] = []
_purge: list[Step] = []
_names: list[NamesInUse] = []


def on_provision(step: Step) -> Step:
    """Run this in the scope of each new tenant, in its transaction; `ctx.actor` is the creator."""
    _provision.append(step)
    return step


def on_purge(step: Step) -> Step:
    """Run this in the scope of a tenant that is being deleted: remove every row and object it owns."""
    _purge.append(step)
    return step


def implied_namespaces(source: NamesInUse) -> NamesInUse:
    """Let the namespaces that this names exist, though nobody created them. Called in the tenant's scope."""
    _names.append(source)
    return source


def provision(ctx: Context) -> None:
    for step in _provision:
        step(ctx)


def purge(ctx: Context) -> None:
    """The last that came goes first: it may refer to what stands below it."""
    for step in reversed(_purge):
        step(ctx)


def names_in_use() -> set[str]:
    return {name for source in _names for name in source()}
