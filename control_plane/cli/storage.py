"""Move the files of a tenant, or of a namespace, to another storage while the instance runs."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from control_plane.cli.command import Refused, as_server
from control_plane.cli.sizes import shown_size

if TYPE_CHECKING:
    from stores.storage.moving import Progress

_EVERY_SECONDS = 2.0
DEFAULT = "default"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True, metavar="verb", dest="verb")
    move = verbs.add_parser("move", help="carry the files over; what broke off goes on when it is said again")
    move.add_argument("--tenant", required=True, metavar="ID")
    move.add_argument("--namespace", default="", metavar="NAME", help="only those of this namespace and below")
    move.add_argument(
        "--to",
        metavar="FILE",
        help=f"YAML or JSON with `type` and `configuration`, or `{DEFAULT}` for the storage of what stands above;"
        " where the settings say already when absent",
    )
    move.add_argument("--dry-run", action="store_true", help="count what would be moved, and change nothing")


def run(args: argparse.Namespace) -> int:
    said = None if args.to is None else _read(args.to)
    with as_server():
        from stores.storage.moving import Scope, choose, move, present, probe, waiting

        scope = Scope(args.tenant, args.namespace)
        if args.dry_run:
            if said is not None and said.get("type"):
                probe(str(said["type"]), said.get("configuration") or {})
            _say(_told((waiting if said is None else present)(scope), "would be moved"))
            return 0
        if said is not None:
            choose(scope, said)
        done = move(scope, _telling())
        _say(f"{done.files} files were moved, {shown_size(done.size)}")
    return 0


def _read(name: str) -> Mapping[str, Any]:
    if name == DEFAULT:
        return {}
    try:
        said = yaml.safe_load(Path(name).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Refused(f"--to: {name}: {error}") from error
    if not isinstance(said, dict) or not isinstance(said.get("type"), str) or said.keys() - {"type", "configuration"}:
        raise Refused(f"--to: {name}: a map with `type` and `configuration` is expected")
    return said


def _telling() -> Callable[[Progress], None]:
    """A line now and then."""
    last = 0.0

    def tell(progress: Progress) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _EVERY_SECONDS:
            last = now
            of = f" of {progress.all_files} files, {shown_size(progress.size)} of {shown_size(progress.all_size)}"
            _say(f"{progress.files}{of}")

    return tell


def _told(progress: Progress, what: str) -> str:
    return f"{progress.all_files} files {what}, {shown_size(progress.all_size)}"


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201
