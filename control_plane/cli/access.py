"""Write the rights of a tenant into a file, and make them what it says."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from control_plane.cli.command import Refused, as_server

SIGNS = {"CREATE": "+", "UPDATE": "~", "DELETE": "-"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True, metavar="verb", dest="verb")
    past = verbs.add_parser("past", help="tell what somebody could do at a moment, and what they did until then")
    past.add_argument("--tenant", required=True, metavar="ID")
    past.add_argument("--kind", choices=("USER", "GROUP", "SERVICE_ACCOUNT"), default="USER")
    past.add_argument("--id", required=True, help="of the user, group or service account")
    past.add_argument("--at", required=True, metavar="DATE")
    for verb, told in (
        ("export", "write what is there"),
        ("plan", "show what would be changed, and change nothing"),
        ("apply", "make it what the file says; safe to run twice"),
    ):
        each = verbs.add_parser(verb, help=told)
        each.add_argument("file", type=Path, help="`-` is the pipe")
        each.add_argument("--tenant", required=True, metavar="ID")
        if verb != "export":
            each.add_argument("--prune", action="store_true", help="remove what the file's parts do not name")


def run(args: argparse.Namespace) -> int:
    if args.verb == "past":
        return _past(args)
    text = "" if args.verb == "export" else _read(args.file)
    with as_server():
        from iam.background import system

        if args.verb == "export":
            _write(args.file, system.export_access(args.tenant))
            return 0
        act = system.plan_access if args.verb == "plan" else system.apply_access
        _show(act(args.tenant, text, is_pruning=args.prune))
    return 0


def _past(args: argparse.Namespace) -> int:
    from control_plane.kernel.words.clock import parse_iso

    try:
        moment = parse_iso(args.at)
    except ValueError:
        raise Refused(f"--at: {args.at} is no date") from None
    with as_server():
        from iam.background import system

        rights, deeds = system.past_of(args.tenant, args.kind, args.id, moment)
    for binding in rights["bindings"]:
        by = f" by group {binding['group']['name']}" if "group" in binding else ""
        print(f"{binding['role']['name']} in {binding.get('namespace', 'the tenant')}{by} since {binding['since']}")  # noqa: T201
    for each in rights["permissions"]:
        print(f"  {each['permission']} {', '.join(each.get('namespaces', ()))}".rstrip())  # noqa: T201
    if not rights["isComplete"]:
        print("entries were purged: something that was given before may be missing")  # noqa: T201
    print(f"{len(deeds)} entries until then")  # noqa: T201
    for deed in deeds:
        print(f"  {deed}")  # noqa: T201
    return 0


def _read(path: Path) -> str:
    try:
        return sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{path}: {error}") from error


def _write(path: Path, text: str) -> None:
    if str(path) == "-":
        sys.stdout.write(text)
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from error


def _show(steps: list[dict[str, Any]]) -> None:
    for step in steps:
        print(f"{SIGNS[step['action']]} {step['kind'].lower().replace('_', ' ')} {step['name']}")  # noqa: T201
    print(f"{len(steps)} changes" if steps else "nothing to change")  # noqa: T201
