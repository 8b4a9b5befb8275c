"""Statements that PostgreSQL keeps planned: each connection prepares what it sends again and again."""

from __future__ import annotations

import logging
import re
import time
from collections import OrderedDict
from typing import Any
from weakref import WeakKeyDictionary

from psycopg import Connection

logger = logging.getLogger(__name__)

MOST_PLANS = 128
"""How many prepared statements a connection keeps; the least recently used is dropped, as lists vary their SQL."""
MOST_SEEN = 4 * MOST_PLANS
LONGEST = 8_000
FRESH_SECONDS = 10.0
"""Seconds after which plans are made again: a table that was small when they were made may have grown."""

_WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|WITH\b.*?(INSERT INTO|DELETE FROM|(?<!FOR )UPDATE)\b)", re.S)
_PLANNED = ("INSERT", "UPDATE", "DELETE", "SELECT", "WITH")


class Plans:
    """What one connection has prepared. A text that comes for the second time is worth it.

    A name says whether the statement writes: whoever watches for writes sees no more than the name. Where a proxy lends
    a connection for one transaction only, nothing is prepared: the next one may be another server's.
    """

    def __init__(self, *, is_lent: bool = False) -> None:
        self._is_lent = is_lent
        self._names: OrderedDict[str, str] = OrderedDict()
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._count = 0
        self._made_at = time.monotonic()

    def name_of(self, statement: str) -> str | None:
        name = self._names.get(statement)
        if name is not None:
            self._names.move_to_end(statement)
        return name

    def wanted(self, statement: str) -> bool:
        """Whether it is time to prepare it. Only asks of the kind that have plans are."""
        if self._is_lent or statement in self._names or len(statement) > LONGEST:
            return False
        if statement in self._seen:
            del self._seen[statement]
            return True
        if statement.lstrip().startswith(_PLANNED):
            self._seen[statement] = None
            if len(self._seen) > MOST_SEEN:
                self._seen.popitem(last=False)
        return False

    def prepare(self, connection: Connection[Any], statement: str, parts: list[str]) -> None:
        """Have the server keep it. What is between the parts are its parameters."""
        if len(self._names) >= MOST_PLANS:
            _, oldest = self._names.popitem(last=False)
            connection.execute(f"DEALLOCATE {oldest}".encode(), prepare=False)
        self._count += 1
        name = f"{'write' if _WRITES.match(statement) else 'read'}_{self._count}"
        text = "".join(part if not number else f"${number}{part}" for number, part in enumerate(parts))
        # A rollback does not take a prepared statement back.
        connection.execute(f"PREPARE {name} AS {text}".encode(), prepare=False)
        self._names[statement] = name

    def are_stale(self) -> bool:
        """True once in each period."""
        now = time.monotonic()
        if now - self._made_at < FRESH_SECONDS:
            return False
        self._made_at = now
        return bool(self._names)


_plans: WeakKeyDictionary[Connection[Any], Plans] = WeakKeyDictionary()


def plans_of(connection: Connection[Any]) -> Plans:
    """The prepared statements of a connection; they end with it."""
    known = _plans.get(connection)
    if known is None:
        known = _plans[connection] = Plans(is_lent=_tell_once(is_lent(connection)))
    return known


def known_plans(connection: Connection[Any]) -> Plans | None:
    """Those of a connection that was asked for them before; it asks the database nothing."""
    return _plans.get(connection)


def is_lent(connection: Connection[Any]) -> bool:
    """Whether a pooling proxy stands between: it makes up the number of the process that it seems to be."""
    row = connection.execute(b"SELECT pg_backend_pid()", prepare=False).fetchone()
    return row is None or row[0] != connection.info.backend_pid


_has_told = False


def _tell_once(lent: bool) -> bool:
    global _has_told
    if lent and not _has_told:
        _has_told = True
        logger.warning("ORRERY_DATABASE_URL leads through a pooling proxy: statements are planned anew each time")
    return lent
