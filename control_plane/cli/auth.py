"""Say who can sign in, ask every identity provider from this machine, and compare people with a directory."""

from __future__ import annotations

import argparse
from typing import Any

from control_plane.cli.command import as_server

SIGNS = {"joined": "+", "changed": "~", "left": "-", "refused": "!"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True, metavar="verb", dest="verb")
    verbs.add_parser("doctor", help="look at passwords and at every provider; changes nothing")
    sync = verbs.add_parser("ldap-sync", help="compare everybody with a directory, and follow it")
    sync.add_argument("provider", help="its name")
    sync.add_argument("--tenant", default="", metavar="ID", help="whose it is; the instance's where none is named")
    sync.add_argument("--dry-run", action="store_true", help="show what would be changed, and change nothing")
    sync.add_argument("--force", action="store_true", help="however many leave")


def run(args: argparse.Namespace) -> int:
    return _synced(args) if args.verb == "ldap-sync" else _found()


def _found() -> int:
    worst = 0
    with as_server():
        from iam.sso.doctor import findings

        for name, good, text in findings():
            print(f"{'ok ' if good else 'BAD'} {name:<24} {text}")  # noqa: T201
            worst = max(worst, 0 if good else 1)
    return worst


def _synced(args: argparse.Namespace) -> int:
    with as_server():
        from iam.background.directory_syncs import sync_from_machine

        done = sync_from_machine(args.provider, args.tenant, is_dry_run=args.dry_run, is_forced=args.force)
    for tenant, names in done.diff.get("groups", {}).items():
        for name in names:
            print(f"+ group {name} in {tenant}")  # noqa: T201
    for kind, sign in SIGNS.items():
        for each in done.diff.get(kind, ()):
            print(f"{sign} {_described(each)}")  # noqa: T201
    counts = ", ".join(f"{count} {kind}" for kind, count in done.counts.items())
    print(f"{done.state.lower()}: {done.problem or counts}")  # noqa: T201
    return 0 if done.state == "DONE" else 1


def _described(each: dict[str, Any]) -> str:
    parts = [each.get("email") or each.get("entry") or "", each.get("reason", "")]
    parts += [f"{name}: {each['before'][name]} -> {value}" for name, value in each.get("after", {}).items()]
    for sign, moved in (("+", each.get("gained", {})), ("-", each.get("lost", {}))):
        parts += [f"{sign}{name} in {tenant}" for tenant, names in moved.items() for name in names]
    return "  ".join(part for part in parts if part)
