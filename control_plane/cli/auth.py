"""Say who can sign in, and ask every identity provider from this machine whether it answers."""

from __future__ import annotations

import argparse

from control_plane.cli.command import as_server


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True, metavar="verb", dest="verb")
    verbs.add_parser("doctor", help="look at passwords and at every provider; changes nothing")


def run(args: argparse.Namespace) -> int:
    worst = 0
    with as_server():
        from iam.sso.doctor import findings

        for name, good, text in findings():
            print(f"{'ok ' if good else 'BAD'} {name:<24} {text}")  # noqa: T201
            worst = max(worst, 0 if good else 1)
    return worst
