"""Create users from the command line."""

from __future__ import annotations

import argparse
import getpass
import sys

from control_plane.cli.command import Refused, as_server


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True, metavar="verb", dest="verb")
    create = verbs.add_parser("create", help="create a user; the password is asked for, or read from a pipe")
    create.add_argument("username", help="an e-mail address")
    create.add_argument("--superadmin", action="store_true", help="may govern the instance")


def run(args: argparse.Namespace) -> int:
    with as_server():
        from iam.background.system import create_user_from_machine

        create_user_from_machine(username=args.username, password=_password(), superadmin=args.superadmin)
    print(f"{args.username} can sign in now")  # noqa: T201
    return 0


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("Again: "):
        raise Refused("the two passwords differ")
    return first
