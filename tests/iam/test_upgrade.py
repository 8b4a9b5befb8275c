"""An instance of the first release, with people and rights in it, is brought to this one: nobody gains or loses any."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from control_plane.embedded.postgres import OWNER, SUPERUSER, Postgres
from iam.authorization.catalogue import MANAGED
from tests.servers import ROOT

DATABASE = "upgraded"
FIRST = "0001_know_who_may"
OWN = {"FLOW": ["VIEW"]}


class Old:
    """A database as the first release left it, written to as nobody's release does: by hand."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def add(self, table: str, **values: Any) -> None:
        """What is not given and must be there is empty, or now."""
        given = {**self._needed(table), **values}
        columns = sql.SQL(", ").join(map(sql.Identifier, given))
        places = sql.SQL(", ").join(sql.Placeholder() * len(given))
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(table), columns, places)
        self.connection.execute(statement, list(given.values()))

    def _needed(self, table: str) -> dict[str, Any]:
        rows = self.connection.execute(
            "SELECT column_name, data_type FROM information_schema.columns"
            " WHERE table_name = %s AND is_nullable = 'NO' AND column_default IS NULL",
            [table],
        ).fetchall()
        empty = {"boolean": False, "integer": 1, "bigint": 1, "jsonb": Jsonb({})}
        moment = "timestamp with time zone"
        return {name: "2026-01-01T00:00:00Z" if kind == moment else empty.get(kind, "") for name, kind in rows}

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(statement).fetchall()


def migrate(postgres: Postgres, *target: str) -> None:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("ORRERY_")}
    environment = {**kept, "ORRERY_DATABASE_URL": postgres.url(OWNER, DATABASE)}
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--no-input", "--verbosity=0", *target]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def old(postgres: Postgres) -> Iterator[Old]:
    """Migrated to this release; what was in it before is below."""
    with psycopg.connect(postgres.url(SUPERUSER), autocommit=True) as superuser:
        superuser.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        try:
            migrate(postgres, "iam", FIRST)
            with psycopg.connect(postgres.url(SUPERUSER, DATABASE), autocommit=True) as connection:
                before = Old(connection)
                fill(before)
                migrate(postgres)
                yield before
        finally:
            superuser.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")


def fill(old: Old) -> None:
    for tenant in ("acme", "globex"):
        old.add("iam_role", id=f"viewer-{tenant}", tenant_id=tenant, name="Viewer", is_managed=True)
        old.add("iam_role", id=f"own-{tenant}", tenant_id=tenant, name="Own", permissions=Jsonb(OWN))
        old.add("iam_user", id=f"ann-{tenant}", email=f"ann@{tenant}.test", password="hash", is_superadmin=True)
        old.add("iam_group", id=f"data-{tenant}", tenant_id=tenant, name="Data")
        old.add(
            "iam_group_member",
            id=f"m-{tenant}",
            tenant_id=tenant,
            group_id=f"data-{tenant}",
            user_id=f"ann-{tenant}",
            is_owner=True,
        )
        old.add("iam_tenant_access", id=f"t-{tenant}", tenant_id=tenant, user_id=f"ann-{tenant}")
        for number in range(2):  # the first release let somebody be bound twice
            held = {"tenant_id": tenant, "role_id": f"viewer-{tenant}", "namespace": "company.data"}
            old.add("iam_binding", id=f"b{number}-{tenant}", user_id=f"ann-{tenant}", **held)
        old.add(
            "iam_binding",
            id=f"g-{tenant}",
            tenant_id=tenant,
            role_id=f"own-{tenant}",
            group_id=f"data-{tenant}",
        )
        old.add("iam_api_token", id=f"k-{tenant}", digest=f"{tenant}-digest", name="ci", user_id=f"ann-{tenant}")
    old.add("iam_session", id="s", digest="d", user_id="ann-acme", expires_at="2999-01-01T00:00:00Z")
    old.add("iam_login_failures", email="ann@acme.test", count=3)


def test_managed_roles_have_the_ids_that_clients_know_and_everything_bound_to_them_follows(old: Old):
    roles = old.rows("SELECT id, name, is_managed FROM iam_role ORDER BY id")
    assert [row for row in roles if row[2]] == [("viewer_acme", "Viewer", True), ("viewer_globex", "Viewer", True)]
    bound = old.rows("SELECT role_id, user_id, namespace FROM iam_binding WHERE user_id IS NOT NULL ORDER BY role_id")
    assert bound == [(f"viewer_{tenant}", f"ann-{tenant}", "company.data") for tenant in ("acme", "globex")]
    assert "Viewer" in MANAGED


def test_what_groups_give_and_who_is_in_them_stays(old: Old):
    given = old.rows("SELECT tenant_id, role_id, group_id FROM iam_binding WHERE group_id IS NOT NULL ORDER BY 1")
    assert given == [(tenant, f"own-{tenant}", f"data-{tenant}") for tenant in ("acme", "globex")]
    members = old.rows("SELECT user_id, is_owner, service_account_id FROM iam_group_member ORDER BY 1")
    assert members == [(f"ann-{tenant}", True, None) for tenant in ("acme", "globex")]
    assert old.rows("SELECT permissions FROM iam_role WHERE id = 'own-acme'") == [(OWN,)]


def test_people_tokens_and_sessions_go_on_as_they_were(old: Old):
    people = old.rows(
        "SELECT email, password, is_superadmin, is_disabled, is_address_claimed, preferences FROM iam_user ORDER BY 1"
    )
    assert people == [(f"ann@{tenant}.test", "hash", True, False, False, {}) for tenant in ("acme", "globex")]
    tokens = old.rows("SELECT digest, networks, tenant_id FROM iam_api_token ORDER BY 1")
    assert tokens == [(f"{tenant}-digest", [], "") for tenant in ("acme", "globex")]
    assert old.rows("SELECT digest, acting_as_id FROM iam_session") == [("d", None)]


def test_the_walls_stand_again(old: Old):
    open_tables = old.rows(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname IN ('iam_role', 'iam_binding', 'iam_group',"
        " 'iam_group_member', 'iam_tenant_access', 'iam_invitation') AND NOT (relrowsecurity AND relforcerowsecurity)"
    )
    assert open_tables == []
