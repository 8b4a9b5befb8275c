"""Makes the roles and the database of an instance on any PostgreSQL, with the rights of whoever administers it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

SQL = Path(__file__).parent
OWNER, APP, SERVICE = "orrery_owner", "orrery_app", "orrery_service"

Admin = psycopg.Connection[Any]


def provision_roles(admin: Admin, passwords: Mapping[str, str]) -> None:
    """The three roles as `roles.sql` makes them, and the passwords of those that sign in; again changes nothing."""
    admin.execute((SQL / "roles.sql").read_bytes())
    for role, password in passwords.items():
        admin.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password)))


def provision_database(admin: Admin, name: str, template: str | None = None) -> None:
    """A database that `orrery_owner` owns and nobody else but `orrery_app` may enter; one that stands is kept."""
    new = sql.Identifier(name)
    if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        options = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER orrery_owner").format(new) + options)
    admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(new))
    admin.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO orrery_app").format(new))


def provision_rights(inside: Admin) -> None:
    """What the serving role may do with tables that the owner makes from now on, told inside the database."""
    inside.execute((SQL / "database.sql").read_bytes())
