"""What the command line of the machine may do to the instance, as the system."""

from __future__ import annotations

import time
from collections.abc import Callable

from control_plane.kernel.actor import SYSTEM, Context
from control_plane.kernel.scope import instance_scope
from governance.maintenance.services import enter_maintenance, exit_maintenance
from governance.maintenance.status import status

PAUSE = 1.0


def enter_from_machine() -> None:
    enter_maintenance(Context(SYSTEM))


def exit_from_machine() -> None:
    exit_maintenance(Context(SYSTEM))


def standing() -> tuple[bool, int]:
    """Whether the instance is in maintenance, and how many jobs still run."""
    with instance_scope():
        told = status()
    return bool(told["maintenance"]), int(told["running"])


def wait_until_still(tell: Callable[[int], None], patience: float | None = None) -> bool:
    """Return once nothing runs any more; False when that took longer than `patience` seconds.

    `tell` hears how many jobs are left whenever that number has changed.
    """
    deadline = None if patience is None else time.monotonic() + patience
    told = -1
    while True:
        _, running = standing()
        if running != told:
            tell(running)
            told = running
        if running == 0:
            return True
        if deadline is not None and time.monotonic() + PAUSE > deadline:
            return False
        time.sleep(PAUSE)
