"""Enter and leave maintenance: nothing new begins, and what runs ends."""

from __future__ import annotations

import argparse

from control_plane.cli.command import as_server


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True, metavar="verb", dest="verb")
    enter = verbs.add_parser("enter", help="let nothing new begin; what is started meanwhile begins afterwards")
    enter.add_argument("--wait", action="store_true", help="return once nothing runs any more")
    enter.add_argument(
        "--timeout", type=float, metavar="SECONDS", help="how long to wait for that; the answer is then 1"
    )
    verbs.add_parser("exit", help="let everything that waits begin")
    verbs.add_parser("status", help="whether it is in maintenance, and how many jobs still run")


def run(args: argparse.Namespace) -> int:
    with as_server():
        from governance.background import system

        if args.verb == "exit":
            system.exit_from_machine()
            print("The instance is live")  # noqa: T201
            return 0
        if args.verb == "enter":
            system.enter_from_machine()
        is_maintained, running = system.standing()
        print("The instance is in maintenance" if is_maintained else "The instance is live")  # noqa: T201
        if args.verb == "enter" and args.wait:
            return 0 if system.wait_until_still(_tell, args.timeout) else 1
        _tell(running)
    return 0


def _tell(running: int) -> None:
    print("Nothing runs" if running == 0 else f"{running} jobs still run")  # noqa: T201
