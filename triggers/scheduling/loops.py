"""The services that keep triggers going."""

from __future__ import annotations

from executions.maintenance.loops import Service
from triggers.listening.listening import hear_changes
from triggers.scheduling.asking import Asker
from triggers.scheduling.catching_up import CatchUp
from triggers.scheduling.old_fires import forget_old_fires
from triggers.scheduling.scheduler import BATCH, Scheduler
from triggers.scheduling.unwanted import ask_again_for_lost, stop_unwanted
from triggers.scheduling.waiting import free_those_that_wait_in_vain

HELPERS = 3
"""Schedulers of this process that join in when many are due at once."""


def services() -> list[Service]:
    return [
        Service("schedules", 0.2, Scheduler().fire_due),
        *(
            Service(f"schedules {number}", 0.25, Scheduler(helps_beyond=BATCH).fire_due)
            for number in range(2, 2 + HELPERS)
        ),
        Service("flow triggers", 0.2, hear_changes),
        Service("looks of workers", 0.2, Asker().ask_for_due),
        Service("unwanted looks", 0.5, stop_unwanted),
        Service("lost looks", 5.0, ask_again_for_lost),
        Service("waiting triggers", 5.0, free_those_that_wait_in_vain),
        Service("old fires", 600.0, forget_old_fires),
        Service("triggers without a row", 60.0, CatchUp().make_missing_rows),
    ]
