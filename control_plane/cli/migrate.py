"""Bring the database to this version's schema, as the role that owns it."""

from __future__ import annotations

import argparse

import psycopg

from control_plane.cli.command import Refused, as_owner
from control_plane.embedded.provision import provision_rights
from control_plane.kernel.config import Config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="change nothing; fail when a migration is missing")


def run(args: argparse.Namespace) -> int:
    with as_owner() as knobs:
        from django.core.management import call_command

        if not args.check:
            _tell_rights(knobs)
        call_command("migrate", interactive=False, verbosity=1, check_unapplied=args.check)
    return 0


def _tell_rights(knobs: Config) -> None:
    """Before the first table: what a table made without them would keep from the serving role for ever."""
    try:
        with psycopg.connect(str(knobs.database_url), autocommit=True, connect_timeout=10) as connection:
            provision_rights(connection)
    except psycopg.Error as error:
        raise Refused(f"ORRERY_OWNER_DATABASE_URL: {str(error).strip()}") from error
