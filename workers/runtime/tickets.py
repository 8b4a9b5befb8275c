"""Tickets: messages of the broker that say no more than that there may be work for this group."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable
from typing import Any

from celery import Celery, bootsteps
from celery.exceptions import WorkerShutdown
from celery.worker import WorkController

from workers.runtime import protocol
from workers.runtime.kept_client import keep_client

TICKET = "orrery.ticket"
"""Name of the one task that tickets call; it has no arguments."""

BREAK_SECONDS = 0.5
"""Pause before tickets are listened to again."""

# These tell of each ticket, which says nothing that the job's own lines do not.
_CHATTY = ("celery.app.trace", "celery.worker.consumer.consumer", "celery.worker.strategy")

log = logging.getLogger(__name__)


def ticket_app(broker_url: str) -> Celery:
    """A Celery application that takes tickets: JSON only, acknowledged at once, one at a time."""
    app = Celery("orrery-worker", broker=broker_url, set_as_current=False, fixups=[])
    app.conf.update(
        accept_content=["json"],
        broker_connection_max_retries=None,
        broker_connection_retry=True,
        broker_connection_retry_on_startup=True,
        broker_transport_options={"socket_keepalive": True, "health_check_interval": 0},
        result_backend=None,
        task_acks_late=False,
        task_create_missing_queues=True,
        task_ignore_result=True,
        task_serializer="json",
        worker_cancel_long_running_tasks_on_connection_loss=True,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_prefetch_multiplier=1,
        worker_send_task_events=False,
    )
    return app


class Tickets:
    """Listens to the queue of the group. While every slot is busy it does not listen, and a ticket that arrives all the
    same goes back into the queue: it never waits here while another worker is free.
    """

    def __init__(self, broker: protocol.Broker, wake: Callable[[], bool], on_free: list[Callable[[], None]]) -> None:
        self._queue = broker.queue
        self._wake = wake
        self._app = ticket_app(broker.url)
        self._nudge_read, self._nudge_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._consumer: Any = None
        self._is_paused = False
        self._closing = threading.Event()
        self._serve_tickets()
        on_free.append(self._nudge)
        self._thread = threading.Thread(target=self._listen, name="tickets", daemon=True)

    def _serve_tickets(self) -> None:
        tickets = self

        class Ear(bootsteps.StartStopStep):
            """Lets other threads nudge the one that listens; set up again with every connection."""

            requires = ("celery.worker.consumer.tasks:Tasks",)

            def register_with_event_loop(self, parent: Any, hub: Any) -> None:
                tickets._consumer = parent
                keep_client(parent.task_consumer.channel)
                hub.add_reader(tickets._nudge_read, tickets._on_nudge)

        def ticket() -> None:
            tickets._on_ticket()

        self._app.steps["consumer"].add(Ear)
        self._app.task(name=TICKET, ignore_result=True, shared=False)(ticket)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Listen no more. Whatever is in the queue stays there for others."""
        self._closing.set()
        self._nudge()
        self._thread.join(2.0)
        if not self._thread.is_alive():
            self._app.close()
            os.close(self._nudge_read)
            os.close(self._nudge_write)

    def _listen(self) -> None:
        # Celery looks its tasks up in the current application, which each thread has for itself.
        self._app.set_current()
        for name in _CHATTY:
            logging.getLogger(name).setLevel(logging.WARNING)
        while not self._closing.is_set():
            self._is_paused = False
            self._listen_until_it_breaks()
            if not self._closing.wait(BREAK_SECONDS):
                log.warning("tickets were not heard for a moment: free slots ask by themselves meanwhile")

    def _listen_until_it_breaks(self) -> None:
        """Celery comes back by itself after a lost connection. A message that nobody can read ends it."""
        controller = WorkController(
            app=self._app,
            hostname=f"orrery@{os.getpid()}",
            pool_cls="solo",
            concurrency=1,
            queues=self._queue,
            loglevel="WARNING",
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        try:
            controller.start()
        except Exception:
            log.exception("listening to tickets broke off")

    def _on_ticket(self) -> None:
        """A ticket has arrived. Runs in the thread that listens."""
        if not self._wake():
            self._pause()
            self._app.send_task(TICKET, queue=self._queue, ignore_result=True)

    def _pause(self) -> None:
        """Stop taking tickets until a slot is free again."""
        if not self._is_paused and self._consumer is not None:
            self._is_paused = True
            self._consumer.cancel_task_queue(self._queue)

    def _on_nudge(self) -> None:
        """A slot is free again, or this is the end. Runs in the thread that listens."""
        os.read(self._nudge_read, 4096)
        if self._closing.is_set():
            raise WorkerShutdown(0)
        if self._is_paused:
            self._is_paused = False
            self._consumer.add_task_queue(self._queue)

    def _nudge(self) -> None:
        """Wake the thread that listens, from any other."""
        with contextlib.suppress(BlockingIOError, OSError):
            os.write(self._nudge_write, b".")
