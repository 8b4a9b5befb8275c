"""Each operation that changes something is told once: what it was about, by whom, what changed, and no secret in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from control_plane.embedded.postgres import SUPERUSER, Postgres
from control_plane.kernel.config import override
from control_plane.kernel.permissions import Permission, Rule
from tests.architecture.routes import Route
from tests.architecture.test_audited import (
    asked_of_the_instance,
    by_end,
    instances,
    send,
    signed_in,
    twin_for,
    writing,
)
from tests.architecture.test_audited import cast as cast
from tests.architecture.test_audited import governor as governor
from tests.architecture.test_audited import others as others
from tests.architecture.test_audited import things as things
from tests.architecture.test_audited import twin as twin
from tests.architecture.test_twins import told
from tests.architecture.twins import Twin
from tests.cast import PASSWORD, Cast, Person

pytestmark = pytest.mark.django_db
# What is sent and must stand in no entry, and how tokens look that are answered.
SECRETS = (PASSWORD, "Another-horse-2")
TOKEN = re.compile(r"or[a-z]_\w{20,}")


class Snapshot:
    """Puts every table back to what it was when this was made."""

    def __init__(self, database: psycopg.Connection[Any]) -> None:
        self._database = database
        database.execute(
            "SET session_replication_role = replica; DROP SCHEMA IF EXISTS kept CASCADE; CREATE SCHEMA kept"
        )
        self._kept = self._used()
        for name in self._kept:
            database.execute(sql.SQL("CREATE TABLE kept.{0} AS SELECT * FROM public.{0}").format(sql.Identifier(name)))

    def restore(self) -> None:
        names = [sql.Identifier(name) for name in self._used()]
        kept = [sql.Identifier(name) for name in self._kept]
        statements = [sql.SQL("DELETE FROM public.{}").format(name) for name in names]
        statements += [
            sql.SQL("INSERT INTO public.{0} OVERRIDING SYSTEM VALUE SELECT * FROM kept.{0}").format(name)
            for name in kept
        ]
        self._database.execute(sql.SQL("BEGIN; {}; COMMIT").format(sql.SQL("; ").join(statements)))

    def _used(self) -> list[str]:
        rows = self._database.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND relname <> 'django_migrations' AND pg_relation_size(oid) > 0 ORDER BY relname"
        )
        return [row[0] for row in rows]


@contextmanager
def as_superuser(postgres: Postgres) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(postgres.url(SUPERUSER), autocommit=True) as database:
        try:
            yield database
        finally:
            database.execute("DROP SCHEMA IF EXISTS kept CASCADE")


def entries(database: psycopg.Connection[Any]) -> dict[str, dict[str, Any]]:
    """By id, of all chains. Uses of credentials and refusals are no changes, and mail is sent by itself."""
    with database.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "SELECT * FROM audit_entry WHERE NOT is_refused AND actor_kind <> 'SYSTEM' ORDER BY at, seq"
        ).fetchall()
    return {
        row["id"]: row
        for row in rows
        if '"newPlace"' not in row["body"] or row["action"] != "LOGIN" or '"method"' in row["body"]
    }


def wrong_with(route: Route, response: Any, new: list[dict[str, Any]], *actors: str) -> list[str]:
    """Of one object there is one entry, and of a token or a place in a group its own."""
    if response.status_code >= 400:
        return [f"was not driven: {response.status_code} {told(response)[:200]}"]
    found = [] if new and len({subject(entry) for entry in new}) == len(new) else [f"told of {[*map(subject, new)]}"]
    secrets = (*SECRETS, *TOKEN.findall(told(response)))
    for entry in new:
        body = json.loads(entry["body"])
        found += [f"holds {secret}" for secret in secrets if secret in entry["body"]]
        if route.right is not Rule.PUBLIC and entry["actor_id"] not in actors and not body.get("impersonator"):
            found.append(f"by {entry['actor_name']}")
        if entry["resource"] not in resources_of(route, entry["resource"]):
            found.append(f"about {entry['resource']}")
        if by_end(route, SAME) is None:
            found += wrong_diff(entry["action"], body)
    return found


def subject(entry: dict[str, Any]) -> tuple[str, ...]:
    detail = json.loads(entry["body"])["detail"]
    part = detail.get("token") or detail.get("member") or ""
    return (entry["tenant_id"], entry["resource"], entry["object_id"], part)


def resources_of(route: Route, otherwise: str) -> set[str]:
    """Of the right that is asked for, and what comes with it; a rule names none."""
    also = set(by_end(route, ALSO) or ())
    return {route.right.resource, *also} if isinstance(route.right, Permission) else also or {otherwise}


# What an act means for things of another kind than its right names.
ALSO = {
    "groups/<str:group_id>/members/<str:user_id>": ("TENANT_ACCESS",),
    "/tenant-access": ("INVITATION",),
    "scim/v2/Users": ("TENANT_ACCESS",),
    "users/<str:user_id>/groups": ("GROUP",),
    "/tenants": ("TENANT", "TENANT_ACCESS", "BINDING"),
    "tenants/<str:tenant_id>": ("TENANT",),
    "users/<str:user_id>": ("USER",),
    "service-accounts/<str:account_id>": ("SERVICE_ACCOUNT",),
    "invitation/accept/<str:named>": ("INVITATION", "TENANT_ACCESS"),
    "invitation/create/<str:named>": ("INVITATION", "TENANT_ACCESS", "USER"),
}
# What is sent there asks for what is so already, or is about a picture, which no entry holds.
SAME = {
    "apps-catalog": True,
    "/enable": True,
    "security-integrations/<str:integration_id>": True,
    "apps-catalog/logo": True,
    "files/revisions": True,
    "secrets/<str:key>": True,
    "concurrency-limit/<str:namespace>/<str:flow_id>": True,
    "change-status": True,
    "change-status/by-query": True,
    "change-status/by-ids": True,
}


def wrong_diff(action: str, body: dict[str, Any]) -> list[str]:
    before, after = body["before"], body["after"]
    if action == "CREATE" and (before is not None or not after):
        return ["created, and was there before"]
    if action == "DELETE" and (after is not None or not before) and "purged" not in str(body["detail"]):
        return ["deleted, and is there after"]
    if action == "UPDATE" and before == after:
        return ["updated, and nothing differs"]
    if action == "UNKNOWN" and not body["detail"]:
        return ["says nothing of what was done"]
    return []


# What does nothing on an instance as this test finds it, and so tells nothing.
NOTHING_TO_DO = {
    "setup": "it is set up",
    "basicAuth": "the same for older clients",
    "maintenance/exit": "there is no maintenance to end",
    "/unread": "nothing was read",
}


def test_each_operation_of_a_tenant_is_told_once(cast: Cast, twin: Twin, others: dict[str, str], postgres: Postgres):
    wrong = {}
    with as_superuser(postgres) as database:
        cast.olga.client.get("/api/v1/me")
        snapshot, before = Snapshot(database), entries(database)
        for route in writing():
            response = send(cast, twin_for(twin, others, route), route)
            told(response)
            new = [entry for name, entry in entries(database).items() if name not in before]
            found = wrong_with(route, response, new, cast.olga.user.id, cast.root.user.id)
            if found:
                wrong[str(route)] = found
            snapshot.restore()
    assert wrong == {}


def test_each_operation_of_the_instance_is_told_once(governor: Person, things: dict[str, str], postgres: Postgres):
    browser, acting = signed_in(things["email"]), signed_in("governor@twins.test")
    assert acting.post(f"/api/v1/users/{things['user_id']}/impersonate").status_code == 200
    wrong = {}
    with as_superuser(postgres) as database, override(mail={"host": "127.0.0.1", "port": 9}):
        governor.client.get("/api/v1/me")
        snapshot, before = Snapshot(database), entries(database)
        for route in instances():
            if route.path.endswith(tuple(NOTHING_TO_DO)):
                continue
            if route.path.endswith("logout"):
                response = browser.post(route.at())
            elif route.path.endswith("me/impersonation"):
                response = acting.delete(route.at())
            else:
                known = {**things, "email": governor.user.email} if route.path.endswith("login") else things
                response = asked_of_the_instance(governor, known, route)
            new = [entry for name, entry in entries(database).items() if name not in before]
            leaving = route.path.endswith("logout")
            found = wrong_with(route, response, new, things["user_id"] if leaving else governor.user.id)
            if found:
                wrong[str(route)] = found
            snapshot.restore()
    assert wrong == {}
