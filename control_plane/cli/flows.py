"""Rewrite flows of an older generation in the forms of the present one."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from control_plane.cli.command import Refused, as_server
from control_plane.kernel.words.errors import ControlPlaneError
from flows.model.upgrading.found import Note, Upgraded
from flows.model.upgrading.upgrade import difference, upgrade

if TYPE_CHECKING:
    from control_plane.kernel.actor import Context


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True, metavar="verb", dest="verb")
    verb = verbs.add_parser("upgrade", help="show what would change, and save it when told to")
    verb.add_argument("files", nargs="*", type=Path, metavar="FILE", help="flows as YAML, one in each file")
    verb.add_argument("--namespace", help="the flows of a namespace of this instance instead")
    verb.add_argument("--tenant", help="whose namespace it is")
    verb.add_argument("--as", dest="username", metavar="USERNAME", help="who saves: a user who may change these flows")
    verb.add_argument("--yes", action="store_true", help="save without asking")


def run(args: argparse.Namespace) -> int:
    if bool(args.files) == bool(args.namespace):
        raise Refused("name files, or a namespace with --namespace")
    return _of_namespace(args) if args.namespace else max(_of_file(path, is_sure=args.yes) for path in args.files)


def _of_file(path: Path, *, is_sure: bool) -> int:
    try:
        source = path.read_text()
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from error
    try:
        found = upgrade(source)
    except ControlPlaneError as error:
        print(f"{path}: {error}", file=sys.stderr)  # noqa: T201
        return 1
    if _shown(str(path), source, found) and (is_sure or _says_yes(f"write {path}?")):
        path.write_text(found.source)
    return 0


def _of_namespace(args: argparse.Namespace) -> int:
    """Nothing waits for an answer inside of a transaction: what is found is shown first, then saved flow by flow."""
    if args.tenant is None or args.username is None:
        raise Refused("a namespace needs --tenant and --as")
    with as_server():
        from control_plane.kernel.scope import tenant_scope
        from flows.services.saving import update_flow
        from iam.background.system import context_of_user

        ctx = context_of_user(args.username, args.tenant)
        with tenant_scope(args.tenant):
            found = _found(ctx, args.namespace)
        for flow_id, source, upgraded in found:
            name = f"{args.namespace}.{flow_id}"
            if _shown(name, source, upgraded) and (args.yes or _says_yes(f"save {name}?")):
                ctx = context_of_user(args.username, args.tenant)
                with tenant_scope(args.tenant):
                    update_flow(ctx, namespace=args.namespace, flow_id=flow_id, source=upgraded.source)
    return 0


def _found(ctx: Context, namespace: str) -> list[tuple[str, str, Upgraded]]:
    """The flows that this user sees there, each with its upgrade. Those that are not valid any more are told."""
    from flows.access import defaults_for, visible_flows

    found = []
    for flow in visible_flows(ctx).filter(namespace=namespace).order_by("flow_id"):
        try:
            found.append((flow.flow_id, flow.source, upgrade(flow.source, defaults=defaults_for(ctx))))
        except ControlPlaneError as error:
            print(f"{namespace}.{flow.flow_id}: {error}", file=sys.stderr)  # noqa: T201
    return found


def _shown(name: str, source: str, found: Upgraded) -> bool:
    """Print what changes and what cannot; whether anything changes."""
    print(difference(source, found.source, name), end="")  # noqa: T201
    for word, notes in (("changed", found.changes), ("mind", found.cautions), ("left", found.left)):
        for note in notes:
            print(f"{word}: {_placed(name, note)}")  # noqa: T201
    if found.source == source and not found.left:
        print(f"{name} is up to date")  # noqa: T201
    return found.source != source


def _placed(name: str, note: Note) -> str:
    return f"{name}:{note.line}: {note.message}"


def _says_yes(question: str) -> bool:
    """Nobody who answers is a no."""
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False
