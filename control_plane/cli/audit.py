"""Prove, anchor and purge the audit trail."""

from __future__ import annotations

import argparse
from pathlib import Path

from control_plane.cli.command import Refused, as_server


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True, metavar="verb", dest="verb")
    verify = verbs.add_parser("verify", help="check chains: intact, or where they break")
    _which(verify, "all tenants and the instance when absent")
    verify.add_argument(
        "--anchors", type=Path, action="append", default=[], help="file of anchors that was kept outside"
    )
    anchor = verbs.add_parser("anchor", help="sign the heads that have moved, and bring them out")
    anchor.add_argument("--to", action="append", default=[], metavar="ADDRESS", help="file://, https:// or s3://")
    anchor.add_argument("--rotate-key", action="store_true", help="let another key sign from now on")
    verbs.add_parser("keys", help="print the public keys, to be written down elsewhere")
    purge = verbs.add_parser("purge", help="replace old entries by signed tombstones")
    _which(purge, "the instance's own trail when absent")
    purge.add_argument("--before", required=True, metavar="DATE", help="entries up to this date")
    purge.add_argument("--namespace", help="only entries of this namespace and below")
    purge.add_argument("--resource", action="append", default=[], dest="resources", help="only of this kind")
    purge.add_argument("--action", action="append", default=[], dest="actions", help="only of this action")


def _which(parser: argparse.ArgumentParser, help_: str) -> None:
    parser.add_argument("--tenant", metavar="ID", help=help_)


def run(args: argparse.Namespace) -> int:
    with as_server():
        return {"verify": _verify, "anchor": _anchor, "keys": _keys, "purge": _purge}[args.verb](args)


def _verify(args: argparse.Namespace) -> int:
    from audit.background import system
    from audit.verifier.verify import lines_of

    try:
        reports = system.verify(args.tenant, args.anchors)
    except (OSError, ValueError) as error:
        raise Refused(f"--anchors: {error}") from error
    for report in reports:
        print("\n".join(lines_of(report)))  # noqa: T201
    return 0 if all(report.is_intact for report in reports) else 1


def _anchor(args: argparse.Namespace) -> int:
    from audit.background import system

    if args.rotate_key:
        print(f"key {system.make_another_key()['public']} signs from now on")  # noqa: T201
    try:
        print(f"{system.anchor_all(args.to)} heads were signed")  # noqa: T201
    except ValueError as error:
        raise Refused(f"--to: {error}") from error
    return 0


def _keys(args: argparse.Namespace) -> int:
    from audit.proof.keys import key_documents
    from control_plane.kernel.scope import instance_scope

    with instance_scope():
        documents = key_documents()
    for document in documents:
        print(f"{document['public']} since {document['at']}")  # noqa: T201
    return 0


def _purge(args: argparse.Namespace) -> int:
    from audit.background import system
    from control_plane.kernel.words.clock import parse_iso

    try:
        end = parse_iso(args.before)
    except ValueError:
        raise Refused(f"--before: {args.before} is no date") from None
    criteria = {"namespace": args.namespace, "resources": args.resources, "actions": args.actions}
    print(f"{system.purge_from_machine(args.tenant or '', end=end, **criteria)} entries were purged")  # noqa: T201
    return 0
