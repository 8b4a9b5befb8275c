"""Counts wrong passwords per name and closes the name for a while; known and unknown names alike."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from control_plane.kernel.config import config
from control_plane.kernel.words.clock import now
from iam.models import LoginFailures

# One statement, so that parallel guesses are all counted: a failure starts a new window when the old one is over.
_COUNT = """
INSERT INTO iam_login_failures AS f (email, count, since, locked_until)
VALUES (%(email)s, 1, %(now)s, CASE WHEN %(limit)s <= 1 THEN %(until)s::timestamptz END)
ON CONFLICT (email) DO UPDATE SET
    count = CASE WHEN f.since < %(window)s THEN 1 ELSE f.count + 1 END,
    since = CASE WHEN f.since < %(window)s THEN %(now)s ELSE f.since END,
    locked_until = CASE WHEN f.since >= %(window)s AND f.count + 1 >= %(limit)s THEN %(until)s::timestamptz
                        ELSE f.locked_until END
RETURNING count >= %(limit)s
"""
_FORGOTTEN = timedelta(days=1)


def is_locked(email: str) -> bool:
    return LoginFailures.objects.filter(email=email, locked_until__gt=now()).exists()


def count_failure(email: str) -> bool:
    """Count one; True when the name is closed by now."""
    rules, moment = config().lockout, now()
    values: dict[str, str | int | datetime] = {
        "email": email[:255],
        "now": moment,
        "window": moment - rules.window,
        "limit": rules.failures,
        "until": moment + rules.duration,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        locked: bool = cursor.fetchone()[0]
    return locked


def forget_failures(email: str) -> None:
    """After a success; also sweeps names that nobody has tried for a day."""
    LoginFailures.objects.filter(email=email).delete()
    LoginFailures.objects.filter(since__lt=now() - _FORGOTTEN).delete()
