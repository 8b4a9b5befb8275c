"""The id under which both sides log a request."""

from __future__ import annotations

import re

from control_plane.kernel.words.ids import new_id

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def known_or_new_id(given: str) -> str:
    """The id the caller gave, when it is harmless, so that both sides' logs can be joined; else a new one."""
    return given if _REQUEST_ID.fullmatch(given) else new_id()
