"""Bring the database to this version's schema, as the role that owns it."""

from __future__ import annotations

import argparse

import psycopg

from control_plane.cli.command import Refused, as_owner, require, set_up_django
from control_plane.embedded.provision import provision_rights
from control_plane.kernel.config import Config, config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="change nothing; fail when a migration is missing")


def run(args: argparse.Namespace) -> int:
    if args.check:
        return _check()
    with as_owner() as knobs:
        _tell_rights(knobs)
        _migrate()
    return 0


def _check() -> int:
    """Looking is open to the serving role too: whoever waits for migrations need not know the owner's address."""
    if config().owner_database_url is None:
        require(config(), "database_url")
        set_up_django()
        _migrate("--check")
    else:
        with as_owner():
            _migrate("--check")
    return 0


def _migrate(*options: str) -> None:
    from django.core.management import call_command

    call_command("migrate", "--no-input", *options)


def _tell_rights(knobs: Config) -> None:
    """Before the first table: what a table made without them would keep from the serving role for ever."""
    try:
        with psycopg.connect(str(knobs.database_url), autocommit=True, connect_timeout=10) as connection:
            provision_rights(connection)
    except psycopg.Error as error:
        raise Refused(f"ORRERY_OWNER_DATABASE_URL: {str(error).strip()}") from error
