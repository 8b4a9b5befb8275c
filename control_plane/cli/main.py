"""The `orrery` command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from control_plane.cli.command import Command, Refused
from control_plane.kernel.config import ConfigError
from control_plane.kernel.words.errors import ControlPlaneError

# In the order in which somebody meets them.
COMMANDS = (
    "up",
    "doctor",
    "database",
    "migrate",
    "server",
    "users",
    "tenants",
    "access",
    "auth",
    "flows",
    "audit",
    "storage",
    "secrets",
    "retention",
    "maintenance",
    "worker_token",
)


def main(arguments: Sequence[str] | None = None) -> int:
    args = command_line().parse_args(arguments)
    try:
        return int(args.run(args))
    except (ConfigError, Refused, ControlPlaneError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    except KeyboardInterrupt:
        return 130


def command_line() -> argparse.ArgumentParser:
    """What can be said to the command; tests read files that call it by the same rules."""
    parser = argparse.ArgumentParser(prog="orrery", description="An open control plane for workflow orchestration.")
    choices = parser.add_subparsers(required=True, metavar="command")
    for name in COMMANDS:
        module = import_module(f"control_plane.cli.{name}")
        _add(choices, name.replace("_", "-"), module.__doc__ or "", module)
    return parser


def _add(
    choices: argparse._SubParsersAction[argparse.ArgumentParser], name: str, description: str, command: Command
) -> None:
    parser = choices.add_parser(name, help=description.split("\n", 1)[0], description=description)
    command.add_arguments(parser)
    parser.set_defaults(run=command.run)


if __name__ == "__main__":
    sys.exit(main())
