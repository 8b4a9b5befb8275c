"""What a file of this folder offers, and the failures that need no traceback."""

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Protocol

from control_plane.embedded.private_files import private_folder
from control_plane.kernel.config import Config, config, load_config, override
from control_plane.supervisor.instance import Instance

logger = logging.getLogger(__name__)


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


def usable_folder(path: Path) -> Path:
    """The data folder, made if need be and proven to take a file: nothing starts on a full or foreign disk."""
    try:
        with NamedTemporaryFile(dir=private_folder(path)) as probe:
            probe.write(b"." * 4096)
            probe.flush()
    except OSError as error:
        raise Refused(f"ORRERY_DATA_DIR: {path} cannot be written: {error.strerror}") from error
    return path


def set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "control_plane.settings")
    import django

    django.setup()
    _refuse_mistakes()


def _refuse_mistakes() -> None:
    """Settings that do not go together, all of them named at once."""
    from django.core.checks import ERROR, run_checks

    from control_plane.kernel.checks import TAG

    found = run_checks(tags=[TAG])
    for each in found:
        if each.level < ERROR:
            logger.warning("%s (%s)", each.msg, each.id)
    wrong = [f"{each.msg} ({each.id})" for each in found if each.level >= ERROR]
    if wrong:
        raise Refused("\n".join(wrong))


@contextmanager
def as_server() -> Iterator[Config]:
    """Django as a server of this instance has it: the configured one, or the embedded one that runs here."""
    instance = Instance(config())
    if instance.knobs.database_url is None:
        usable_folder(instance.knobs.data_dir)
    if instance.postgres is not None and instance.postgres.pid() is None:
        raise Refused("no instance runs here: start one with `orrery up`, or set ORRERY_DATABASE_URL")
    told = load_config(instance.server_environment())
    require(told, "database_url", "redis_url", "secret_key", "encryption_key")
    with override(**told.model_dump(exclude_unset=True)) as knobs:
        set_up_django()
        yield knobs


@contextmanager
def as_owner() -> Iterator[Config]:
    """Django connected as the owning role, for this process alone."""
    require(config(), "owner_database_url")
    with override(database_url=config().owner_database_url) as knobs:
        set_up_django()
        yield knobs
