"""Bring the database to this version's schema, as the role that owns it."""

from __future__ import annotations

import argparse

from control_plane.cli.command import as_owner


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="change nothing; fail when a migration is missing")


def run(args: argparse.Namespace) -> int:
    with as_owner():
        from django.core.management import call_command

        call_command("migrate", interactive=False, verbosity=1, check_unapplied=args.check)
    return 0
