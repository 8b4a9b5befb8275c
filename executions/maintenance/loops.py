"""Keeps the maintenance services going: each at its own pace, none stopped by another's failure."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import close_old_connections

from control_plane.kernel.config import config

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Service:
    """`work` is safe if two run at once; it returns whether there is more to do right now."""

    name: str
    seconds: float
    work: Callable[[], bool]


_added: list[Service] = []


def add_service(service: Service) -> None:
    """Let the scheduler keep a service of a room above going, too."""
    if all(each.name != service.name for each in _added):
        _added.append(service)


def services() -> list[Service]:
    from audit.background.system import anchor_again, purge_expired
    from audit.recording.reads import tell_reads
    from audit.searching.index import AT_ONCE, SECONDS, SearchIndex
    from audit.shipping.shipper import Shipper
    from executions.maintenance import bulk, leases, offers, orphans, timers, unowned, unserved
    from iam.background.directory_syncs import sync_directories

    sweep, trail = config().worker.sweep_seconds, config().audit
    return [
        Service("timers", min(0.25, sweep), timers.fire_due_timers),
        Service("outbox events", min(1.0, sweep), orphans.fold_orphaned_events),
        Service("leases", sweep, leases.Sweeper().end_lost_leases),
        Service("offers", sweep, offers.offer_again),
        Service("unserved jobs", min(1.0, sweep), unserved.see_to_unserved),
        Service("unowned executions", 5 * sweep, unowned.Sweeper().repair_unowned),
        Service("bulk", min(0.5, sweep), bulk.carry_on),
        Service("audit anchors", trail.anchor_seconds, anchor_again),
        Service("audit shipping", trail.ship_seconds, Shipper().ship),
        Service("audit search", SECONDS, Shipper([SearchIndex()], AT_ONCE).ship),
        Service("audit reads", 10, tell_reads),
        Service("audit retention", 3600, purge_expired),
        Service("directories", 2, sync_directories),
        *_added,
    ]


def run_loops(asked_to_stop: threading.Event, found: list[Service] | None = None) -> None:
    """Run until asked to stop; a thread each, so that a slow one delays no other."""
    threads = [
        threading.Thread(target=_run, args=(service, asked_to_stop), name=service.name)
        for service in (found if found is not None else services())
    ]
    for thread in threads:
        thread.start()
    # Signals are handled by this thread, which must not sleep in a lock for long.
    while not asked_to_stop.wait(0.5):
        continue
    for thread in threads:
        thread.join(10)


def _run(service: Service, asked_to_stop: threading.Event) -> None:
    while not asked_to_stop.is_set():
        began = time.monotonic()
        more = _once(service)
        if not more:
            asked_to_stop.wait(max(0.0, service.seconds - (time.monotonic() - began)))


def _once(service: Service) -> bool:
    close_old_connections()
    try:
        return service.work()
    except Exception:
        logger.warning("%s: will try again", service.name, exc_info=True)
        return False
    finally:
        close_old_connections()
