"""Make the roles and the database of an instance on a PostgreSQL of your own."""

from __future__ import annotations

import argparse

import psycopg
from psycopg.conninfo import conninfo_to_dict

from control_plane.cli.command import Refused, require
from control_plane.embedded.provision import APP, OWNER, provision_database, provision_roles
from control_plane.kernel.config import Config, config

OLDEST = 15


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True, metavar="verb", dest="verb")
    create = verbs.add_parser(
        "create",
        help="make roles, passwords and database as ORRERY_OWNER_DATABASE_URL and ORRERY_DATABASE_URL name them",
    )
    create.add_argument(
        "--admin",
        metavar="URL",
        required=True,
        help="a superuser's or CREATEROLE's address; its password comes from PGPASSWORD or PGPASSFILE",
    )


def run(args: argparse.Namespace) -> int:
    knobs = config()
    require(knobs, "owner_database_url", "database_url")
    database, passwords = wanted(knobs)
    try:
        create(args.admin, database, passwords)
    except psycopg.Error as error:
        raise Refused(f"--admin: {str(error).strip()}") from error
    print(f"{database} is ready: orrery migrate")  # noqa: T201
    return 0


def wanted(knobs: Config) -> tuple[str, dict[str, str]]:
    """The database and each role's password, as both addresses say."""
    databases, passwords = set(), {}
    for name, role in (("owner_database_url", OWNER), ("database_url", APP)):
        parts = conninfo_to_dict(str(getattr(knobs, name)))
        if parts.get("user") != role:
            raise Refused(f"ORRERY_{name.upper()}: its user must be {role}")
        if not parts.get("password") or not parts.get("dbname"):
            raise Refused(f"ORRERY_{name.upper()}: a password and the name of the database are needed")
        databases.add(str(parts["dbname"]))
        passwords[role] = str(parts["password"])
    if len(databases) > 1:
        raise Refused("ORRERY_OWNER_DATABASE_URL: names another database than ORRERY_DATABASE_URL")
    return databases.pop(), passwords


def create(admin: str, database: str, passwords: dict[str, str]) -> None:
    """Without the rights that new tables give the serving role, which are for migrations to tell: a dump that is
    restored into a database which tells them already would give it more than it had."""
    with psycopg.connect(admin, autocommit=True, connect_timeout=10) as connection:
        if connection.info.server_version < OLDEST * 10000:
            raise Refused(f"--admin: PostgreSQL {OLDEST} or newer is needed")
        provision_roles(connection, passwords)
        provision_database(connection, database)
