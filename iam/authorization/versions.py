"""The numbers that every change of rights moves; each request looks at them once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from iam.models import RightsVersion

INSTANCE = ""

# The clock makes sure that a number never comes back, not even after a backup was restored under running processes.
_MOVE = """
INSERT INTO iam_rights_version AS v (scope, number)
VALUES (%s, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
ON CONFLICT (scope) DO UPDATE SET number = greatest(v.number + 1, excluded.number)
"""


@dataclass(frozen=True, slots=True)
class Versions:
    """What a request saw when it came in; `tenant` is None where there is no such tenant."""

    identities: int
    tenant: int | None


_last_seen: dict[str, Versions] = {}
"""By tenant: as many as there are."""

_newest = {"identities": 0}

QUESTION = "SELECT scope, number FROM iam_rights_version WHERE scope IN ('', %s)"


def current(tenant_id: str | None) -> Versions:
    """One plain query, so that a change holds from the very next request in every process."""
    with connection.cursor() as cursor:
        cursor.execute(QUESTION, [tenant_id or INSTANCE])
        return _versions(dict(cursor.fetchall()), tenant_id)


def answered(rows: Iterable[Sequence[object]], tenant_id: str | None) -> Versions:
    """The same from what was answered together with something else, as texts or as they are."""
    return _versions({str(scope or INSTANCE): int(str(number or 0)) for scope, number in rows}, tenant_id)


def last_seen(tenant_id: str) -> Versions | None:
    """What the last request saw in this process. It may have been overtaken since."""
    return _last_seen.get(tenant_id)


def newest_identities() -> int:
    """The number of identities that any request saw last in this process."""
    return _newest["identities"]


def _versions(found: Mapping[str, int], tenant_id: str | None) -> Versions:
    versions = Versions(found.get(INSTANCE, 0), found.get(tenant_id) if tenant_id else None)
    _newest["identities"] = versions.identities
    if tenant_id and versions.tenant is not None:
        _last_seen[tenant_id] = versions
    return versions


def move_identities() -> None:
    """A user, token or session changed or ended: nothing remembered of any holds."""
    _move(INSTANCE)


def move_tenant(tenant_id: str) -> None:
    """A role, binding, group or membership of the tenant changed, or the tenant is new."""
    _move(tenant_id)


def _move(scope: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, [scope])


def end_tenant(tenant_id: str) -> None:
    RightsVersion.objects.filter(scope=tenant_id).delete()
