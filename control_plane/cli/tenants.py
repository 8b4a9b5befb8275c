"""Create tenants from the command line."""

from __future__ import annotations

import argparse

from control_plane.cli.command import as_server


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True, metavar="verb", dest="verb")
    create = verbs.add_parser("create", help="create a tenant")
    create.add_argument("id", help="part of every address in it: lower case letters, digits and hyphens")
    create.add_argument("--name", help="shown to people; the id when absent")
    create.add_argument("--admin", metavar="USERNAME", required=True, help="an existing user, who becomes its admin")


def run(args: argparse.Namespace) -> int:
    with as_server():
        from iam.background.system import create_tenant_from_machine

        create_tenant_from_machine(args.id, name=args.name or args.id, admin=args.admin)
    print(f"{args.id} is ready")  # noqa: T201
    return 0
