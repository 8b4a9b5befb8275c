"""Wrap everything encrypted with a new key of the instance, and carry secrets from one place to another."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from control_plane.cli.command import Refused, as_server


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True, metavar="verb", dest="verb")
    verbs.add_parser("rotate-key", help="wrap with the present encryption key whatever an earlier one wraps")
    migrate = verbs.add_parser("migrate", help="carry the secrets of a tenant from one place to another")
    migrate.add_argument("--tenant", required=True, metavar="ID")
    migrate.add_argument("--namespace", action="append", default=[], help="only of this one; may be repeated")
    migrate.add_argument("--from", required=True, dest="source", metavar="TYPE", help="`built-in`, `vault`, ...")
    migrate.add_argument("--from-configuration", type=Path, metavar="FILE", help="YAML that says how it is reached")
    migrate.add_argument("--to", required=True, dest="target", metavar="TYPE")
    migrate.add_argument("--to-configuration", type=Path, metavar="FILE")
    migrate.add_argument("--overwrite", action="store_true", help="replace other values that are there already")
    migrate.add_argument("--dry-run", action="store_true", help="tell what would be done, and change nothing")


def run(args: argparse.Namespace) -> int:
    with as_server():
        return {"rotate-key": _rotate, "migrate": _migrate}[args.verb](args)


def _rotate(args: argparse.Namespace) -> int:
    from control_plane.kernel.config import config
    from stores.background.rotation import rotate_key

    if not config().previous_encryption_keys:
        raise Refused(
            "there is no earlier key: put the present one into ORRERY_PREVIOUS_ENCRYPTION_KEYS and a new one into "
            "ORRERY_ENCRYPTION_KEY, restart the servers one after the other, and call this again"
        )
    done = rotate_key(print)
    print(f"{done.changed} values were wrapped with the present key")  # noqa: T201
    if done.left:
        print(f"{done.left} values are left that an earlier key wraps: keep it")  # noqa: T201
        return 1
    print("Nothing is wrapped with an earlier key any more: take it out of ORRERY_PREVIOUS_ENCRYPTION_KEYS")  # noqa: T201
    return 0


def _migrate(args: argparse.Namespace) -> int:
    from stores.background.migration import FAILED, End, Order, migrate

    order = Order(
        tenant=args.tenant,
        source=End(args.source, _configuration(args.from_configuration)),
        target=End(args.target, _configuration(args.to_configuration)),
        namespaces=tuple(args.namespace),
        is_trial=args.dry_run,
        overwrites=args.overwrite,
    )
    outcomes = migrate(order)
    for each in outcomes:
        print(f"{each.namespace} {each.key}: {each.what} {each.reason}".rstrip())  # noqa: T201
    counts = {what: sum(each.what == what for each in outcomes) for what in {each.what for each in outcomes}}
    told = ", ".join(f"{count} {what.partition(':')[0]}" for what, count in sorted(counts.items())) or "no secrets"
    print(("Nothing was changed. It would be: " if args.dry_run else "") + told)  # noqa: T201
    return 1 if any(each.what == FAILED for each in outcomes) else 0


def _configuration(path: Path | None) -> dict[str, Any]:
    import yaml

    if path is None:
        return {}
    try:
        content = yaml.safe_load(path.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Refused(f"{path}: {error}") from error
    if not isinstance(content, dict):
        raise Refused(f"{path}: a map is expected")
    return content
