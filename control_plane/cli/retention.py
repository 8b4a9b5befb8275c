"""Delete what has grown old by the policies of a tenant, or say what would go."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from control_plane.cli.command import Refused, as_server
from control_plane.cli.sizes import shown_size


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True, metavar="verb", dest="verb")
    run_ = verbs.add_parser("run", help="carry the policies out now; what broke off goes on by itself")
    _where(run_)
    run_.add_argument("--dry-run", action="store_true", help="say what would go, and change nothing")
    save = verbs.add_parser("set", help="say what is kept how long")
    _where(save)
    save.add_argument(
        "file", type=Path, metavar="FILE", help="YAML or JSON: rules by the kind of data; - for the input"
    )


def _where(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tenant", required=True, metavar="ID")
    parser.add_argument("--namespace", default="", metavar="NAME", help="only this namespace and below")


def run(args: argparse.Namespace) -> int:
    rules = _read(args.file) if args.verb == "set" else {}
    with as_server():
        from governance.background import retention
        from tenants.queries import exists_tenant

        if not exists_tenant(args.tenant):
            raise Refused(f"--tenant: there is no tenant {args.tenant}")
        if args.verb == "set":
            retention.save_from_machine(args.tenant, args.namespace, rules)
            return 0
        if args.dry_run:
            _tell_of_report(retention.dry_run(args.tenant, args.namespace))
            return 0
        ended = retention.run_from_machine(args.tenant, args.namespace, _tell_of_run)
    _tell_of_run(ended)
    return 0 if ended["state"] == "DONE" else 1


def _read(path: Path) -> dict[str, Any]:
    try:
        said = yaml.safe_load(sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Refused(f"{path}: {error}") from error
    if not isinstance(said, dict):
        raise Refused(f"{path}: a map of rules is expected")
    return said


def _tell_of_report(told: Mapping[str, Any]) -> None:
    for line in told["lines"]:
        oldest = f", the oldest of {line['oldest']}" if "oldest" in line else ""
        _say(f"{line['kind']} of {line['namespace']}: {line['count']}, {shown_size(line['bytes'])}{oldest}")
    more = "" if told["complete"] else ", and files that were not looked at"
    _say(f"{shown_size(told['bytes'])} would be freed{more}")


def _tell_of_run(told: Mapping[str, Any]) -> None:
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(told["counts"].items())) or "nothing"
    why = f": {told['failure']}" if "failure" in told else ""
    _say(f"{told['state']}{why}, deleted so far: {counts}")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201
