"""Print a new token with which workers join a worker group."""

from __future__ import annotations

import argparse

from control_plane.cli.command import as_server


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("group", help="key of the worker group")


def run(args: argparse.Namespace) -> int:
    with as_server():
        from workers.services.tokens import mint_group_token

        print(mint_group_token(args.group))  # noqa: T201
    return 0
