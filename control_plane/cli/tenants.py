"""Create tenants from the command line."""

from __future__ import annotations

import argparse

from control_plane.cli.command import Refused, as_server


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True, metavar="verb", dest="verb")
    create = verbs.add_parser("create", help="create a tenant")
    name = create.add_mutually_exclusive_group(required=True)
    name.add_argument("id", nargs="?", help="part of every address in it: lower case letters, digits and hyphens")
    name.add_argument("--tenant", metavar="ID", help="the same")
    create.add_argument("--name", help="shown to people; the id when absent")
    admin = create.add_mutually_exclusive_group(required=True)
    admin.add_argument("--admin", metavar="USERNAME", help="an existing user, who becomes its admin")
    admin.add_argument("--admin-username", metavar="USERNAME", help="the same; made with --admin-password-file")
    create.add_argument("--admin-password-file", metavar="PATH", type=argparse.FileType("r"), help="`-` reads a pipe")


def run(args: argparse.Namespace) -> int:
    tenant, admin, password = args.id or args.tenant, args.admin or args.admin_username, None
    if args.admin_password_file is not None:
        password = args.admin_password_file.readline().rstrip("\n")
        if not password:
            raise Refused("--admin-password-file: no password is in it")
    with as_server():
        from iam.background.system import create_tenant_from_machine

        create_tenant_from_machine(tenant, name=args.name or tenant, admin=admin, password=password)
    print(f"{tenant} is ready")  # noqa: T201
    return 0
