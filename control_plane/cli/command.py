"""What a file of this folder offers, and the failures that need no traceback."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from control_plane.kernel.config import Config, config, override


class Refused(Exception):
    """The command cannot do this; the message says why and what helps."""


class Command(Protocol):
    """One file, one command. Its module docstring is its help."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...
    def run(self, args: argparse.Namespace) -> int: ...


def require(knobs: Config, *names: str) -> None:
    """Refuse to start without these knobs, all of them named at once."""
    missing = [f"ORRERY_{name.upper()}: is needed here" for name in names if getattr(knobs, name) is None]
    if missing:
        raise Refused("\n".join(missing))


def set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "control_plane.settings")
    import django

    django.setup()


@contextmanager
def as_owner() -> Iterator[Config]:
    """Django connected as the owning role, for this process alone."""
    require(config(), "owner_database_url")
    with override(database_url=config().owner_database_url) as knobs:
        set_up_django()
        yield knobs
