"""Create users, make superadmins, give passwords and open accounts from the command line."""

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
    for verb, told in (
        ("set-password", "give a user a new password; it is asked for, or read from a pipe"),
        ("unlock", "open an account that wrong passwords have closed"),
    ):
        verbs.add_parser(verb, help=told).add_argument("username")
    grant = verbs.add_parser("set-superadmin", help="let a user govern the instance, or no longer")
    grant.add_argument("username")
    grant.add_argument("value", choices=("true", "false"))


def run(args: argparse.Namespace) -> int:
    with as_server():
        from iam.background import system

        if args.verb == "create":
            system.create_user_from_machine(username=args.username, password=_password(), superadmin=args.superadmin)
        elif args.verb == "set-password":
            system.set_password_from_machine(args.username, password=_password())
        elif args.verb == "unlock":
            system.unlock_from_machine(args.username)
        else:
            system.set_superadmin_from_machine(args.username, is_superadmin=args.value == "true")
    print(TOLD[args.verb].format(args.username))  # noqa: T201
    return 0


TOLD = {
    "create": "{} can sign in now",
    "set-password": "{} has a new password",
    "unlock": "{} is open",
    "set-superadmin": "{} was changed",
}


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("Again: "):
        raise Refused("the two passwords differ")
    return first
