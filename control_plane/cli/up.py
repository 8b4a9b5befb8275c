"""Start a whole instance on this machine and keep it running; Ctrl-C stops it."""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

from setproctitle import setproctitle

from control_plane.cli.command import Refused, usable_folder
from control_plane.embedded.ports import is_free
from control_plane.kernel.config import config
from control_plane.supervisor.console import Console
from control_plane.supervisor.instance import Instance
from control_plane.supervisor.supervisor import Supervisor


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--without", action="append", default=[], choices=("scheduler", "worker"), help="a role that runs elsewhere"
    )


def run(args: argparse.Namespace) -> int:
    knobs = config()
    setproctitle("orrery up")
    with _only_one(usable_folder(knobs.data_dir) / "up.lock"):
        if not is_free(knobs.web_port):
            raise Refused(f"ORRERY_WEB_PORT: port {knobs.web_port} is in use by another program")
        instance, console = Instance(knobs), Console()
        services = [service for service in instance.services() if service.name not in args.without]
        console.say("orrery", "starting")
        return asyncio.run(Supervisor(services, console, lambda: _welcome(instance, console)).run())


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """A second instance over the same data would end the first one's servers as leftovers."""
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(
                f"an instance runs over {path.parent} already, as process {path.read_text().strip()}"
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        try:
            yield
        finally:
            # The number may be a stranger's by the time somebody reads it.
            lock.truncate(0)


def _welcome(instance: Instance, console: Console) -> None:
    console.say("orrery", f"ready: {instance.knobs.origin}/ui/")
    if _is_new(instance):
        console.say("orrery", "nobody lives here yet: the first user is created there")


def _is_new(instance: Instance) -> bool:
    try:
        with urlopen(f"{instance.address}/api/v1/setup", timeout=10) as answer:
            return not json.load(answer).get("done", True)
    except (OSError, HTTPException, ValueError):
        return False
