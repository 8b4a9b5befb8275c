"""Messages to people, handed to the configured mail server beside the request that wrote them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier, BoundedSemaphore

from django.core.mail import EmailMessage, get_connection
from django.db import connections

from control_plane.kernel.config import config
from control_plane.kernel.people import Mail

logger = logging.getLogger(__name__)

MOST_WAITING = 1000
SENDERS = 2
_room = BoundedSemaphore(MOST_WAITING)
_senders = ThreadPoolExecutor(max_workers=SENDERS, thread_name_prefix="mail")

Told = Callable[[bool], None]


@dataclass(frozen=True)
class Message:
    to: str
    subject: str
    text: str


def is_configured() -> bool:
    return config().mail.host is not None


def send_soon(message: Message, told: Told | None = None) -> None:
    """Send it in another thread, so that nobody learns by time whether there was anything to send.

    `told` hears there, outside of any scope, whether the server took it. Without a mail server nothing is sent.
    """
    knobs = config().mail
    if knobs.host is None:
        return
    if not _room.acquire(blocking=False):
        logger.error("a message was not sent: %s are waiting already", MOST_WAITING)
        if told:
            told(False)
        return
    _senders.submit(_send_and_tell, knobs, message, told)


def send_from(write: Callable[[], Message | None]) -> None:
    """Let the other thread write the message too, outside of any scope: None sends nothing."""
    if not _room.acquire(blocking=False):
        logger.error("a message was not written: %s are waiting already", MOST_WAITING)
        return
    _senders.submit(_write_and_send, config().mail, write)


def _write_and_send(knobs: Mail, write: Callable[[], Message | None]) -> None:
    try:
        message = write()
        if message is not None:
            _sent(knobs, message)
    except Exception:
        logger.exception("a message could not be written")
    finally:
        connections.close_all()
        _room.release()


def _send_and_tell(knobs: Mail, message: Message, told: Told | None) -> None:
    try:
        is_sent = _sent(knobs, message)
        if told:
            told(is_sent)
    except Exception:
        logger.exception("what became of a message could not be told")
    finally:
        connections.close_all()
        _room.release()


def _sent(knobs: Mail, message: Message) -> bool:
    server = get_connection(
        "django.core.mail.backends.smtp.EmailBackend",
        host=knobs.host,
        port=knobs.port,
        username=knobs.username or "",
        password=knobs.password.get_secret_value() if knobs.password else "",
        use_tls=knobs.security == "starttls",
        use_ssl=knobs.security == "tls",
        timeout=knobs.timeout.total_seconds(),
    )
    try:
        EmailMessage(message.subject, message.text, knobs.sender, [message.to], connection=server).send()
    except Exception as error:
        # Whatever the server or the way to it did: the message is not sent, and that is told.
        logger.warning("a message was not sent: %s: %s", type(error).__name__, error)
        return False
    return True


def settle() -> None:
    """Wait until every message that was handed over before has been sent or given up."""
    together = Barrier(SENDERS)
    for future in [_senders.submit(together.wait) for _ in range(SENDERS)]:
        future.result()
