"""How the database orders texts: where it does so byte by byte, what begins with something lies between two texts."""

from __future__ import annotations

from functools import cache

from django.db import connection
from django.db.models import Q

AFTER_DOT = chr(ord(".") + 1)
"""What comes after a name and this comes after everything below the name."""

_OURS = "SELECT datlocprovider::text, datcollate FROM pg_database WHERE datname = current_database()"


@cache
def is_bytewise() -> bool:
    """Asked once: a database keeps the order that it was made with."""
    with connection.cursor() as cursor:
        cursor.execute(_OURS)
        provider, collation = cursor.fetchone()
    return provider == "b" or (provider == "c" and collation in ("C", "POSIX"))


def below(column: str, namespace: str) -> Q:
    """The namespaces under one. Behind the wall between tenants no index serves LIKE, which is not leakproof; it serves
    comparisons."""
    if is_bytewise():
        return Q(**{f"{column}__gte": f"{namespace}.", f"{column}__lt": f"{namespace}{AFTER_DOT}"})
    return Q(**{f"{column}__startswith": f"{namespace}."})
