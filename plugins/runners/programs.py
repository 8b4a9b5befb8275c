"""Where programs for tasks are found on the worker's machine."""

from __future__ import annotations

import shutil

SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Where commands are looked for."""


def find_program(*names: str) -> str | None:
    """The first of these programs that a task can run."""
    for name in names:
        found = shutil.which(name, path=SEARCH_PATH)
        if found:
            return found
    return None
