"""Counts wrong passwords per name and closes the name for a while; known and unknown names alike.

Where a user has signed in before, failures are counted apart: strangers close a name for strangers alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection

from control_plane.kernel.config import config
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.ids import new_id
from iam.authentication.networks import network_of
from iam.models import KnownPlace, LoginFailures, User

ELSEWHERE = ""
# One statement, so that parallel guesses are all counted: a failure starts a new window when the old one is over.
_COUNT = """
INSERT INTO iam_login_failures AS f (id, email, place, count, since, locked_until)
VALUES (%(id)s, %(email)s, %(place)s, 1, %(now)s, CASE WHEN %(limit)s <= 1 THEN %(until)s::timestamptz END)
ON CONFLICT (email, place) DO UPDATE SET
    count = CASE WHEN f.since < %(window)s THEN 1 ELSE f.count + 1 END,
    since = CASE WHEN f.since < %(window)s THEN %(now)s ELSE f.since END,
    locked_until = CASE WHEN f.since >= %(window)s AND f.count + 1 >= %(limit)s THEN %(until)s::timestamptz
                        ELSE f.locked_until END
RETURNING count >= %(limit)s
"""
# One statement, because it is in the way of everybody who signs in. What a part of it deletes, the others still see.
_REMEMBER = """
WITH lately AS (
    SELECT FROM iam_known_place AS p JOIN iam_user AS u ON u.id = p.user_id
    WHERE u.email = %(email)s AND p.network = %(network)s AND p.seen_at > %(kept)s
), forgotten AS (
    DELETE FROM iam_login_failures WHERE
        (email = %(email)s AND place = CASE WHEN EXISTS (SELECT FROM lately) THEN %(network)s ELSE '' END)
        OR (since < %(forgotten)s AND (locked_until > %(now)s) IS NOT TRUE)
), swept AS (
    DELETE FROM iam_known_place WHERE user_id = %(user)s AND seen_at < %(kept)s AND network <> %(network)s
)
INSERT INTO iam_known_place AS k (id, user_id, network, seen_at)
VALUES (%(id)s, %(user)s, %(network)s, %(now)s)
ON CONFLICT (user_id, network) DO UPDATE SET seen_at = excluded.seen_at
RETURNING k.xmax = 0
"""
_FORGOTTEN = timedelta(days=1)
_PLACES_KEPT = timedelta(days=90)


def place_of(email: str, ip: str | None) -> str:
    """The network the address is in, where this user has signed in from it lately; else "", as for nobody."""
    network = network_of(ip)
    known = KnownPlace.objects.filter(user__email=email, network=network, seen_at__gt=now() - _PLACES_KEPT)
    return network if known.exists() else ELSEWHERE


def is_locked(email: str, place: str) -> bool:
    return LoginFailures.objects.filter(email=email, place=place, locked_until__gt=now()).exists()


def is_locked_anywhere(email: str) -> bool:
    return LoginFailures.objects.filter(email=email, locked_until__gt=now()).exists()


def locked_among(emails: Sequence[str]) -> set[str]:
    """Those of the names that are closed somewhere."""
    closed = LoginFailures.objects.filter(email__in=emails, locked_until__gt=now())
    return set(closed.values_list("email", flat=True))


def count_failure(email: str, place: str) -> bool:
    """Count one; True when the name is closed there by now."""
    rules, moment = config().lockout, now()
    values: dict[str, str | int | datetime] = {
        "id": new_id(),
        "email": email[:255],
        "place": place,
        "now": moment,
        "window": moment - rules.window,
        "limit": rules.failures,
        "until": moment + rules.duration,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        locked: bool = cursor.fetchone()[0]
    return locked


def remember_place(user: User, ip: str | None) -> bool:
    """After a success: what was counted there is forgotten, and the place is known; whether it was not before.

    Sweeps what is old.
    """
    moment = now()
    values: dict[str, str | datetime] = {
        "id": new_id(),
        "user": user.id,
        "email": user.email,
        "network": network_of(ip),
        "now": moment,
        "kept": moment - _PLACES_KEPT,
        "forgotten": moment - _FORGOTTEN,
    }
    with connection.cursor() as cursor:
        cursor.execute(_REMEMBER, values)
        is_new: bool = cursor.fetchone()[0]
    return is_new


def forget_failures(name: str, ip: str | None) -> None:
    """After a success by a name that is no address of ours."""
    LoginFailures.objects.filter(email=name, place=place_of(name, ip)).delete()


def unlock(email: str) -> bool:
    """Open a name everywhere; False when it was not closed."""
    was_locked = is_locked_anywhere(email)
    LoginFailures.objects.filter(email=email).delete()
    return was_locked
