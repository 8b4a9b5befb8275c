"""What works once: the state of a sign-in, the id of a logout token. Remembered until it would have ended anyway."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import connection

from control_plane.kernel.scope import instance_scope
from control_plane.kernel.words.clock import now
from iam.models import UsedOnce

_USE = "INSERT INTO iam_used_once (digest, expires_at) VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING digest"


def use_once(kind: str, text: str, until: datetime) -> bool:
    """Whether it was not used before; from now on it is. Call it outside of any scope."""
    digest = hashlib.sha256(f"{kind}\x00{text}".encode()).hexdigest()
    with instance_scope():
        UsedOnce.objects.filter(expires_at__lt=now()).delete()
        with connection.cursor() as cursor:
            cursor.execute(_USE, [digest, until])
            return cursor.fetchone() is not None
