"""Packages that a Python task asks for, in an environment of its own."""

from __future__ import annotations

import shlex

from plugins.contracts import Property, RunContext
from plugins.tasks.scripts.script_task import known_as, quoted
from plugins.working_directory.own import OwnFiles

IMAGE = "python:3.13-slim"
"""What containers of Python tasks are made from, where a task names no image."""
_KNOWN = known_as("python", "python3")


def install(ctx: RunContext, dependencies: Property[list[str]], own: OwnFiles) -> list[str]:
    """Commands that see to it that `python` is known, and enter an environment with the packages if there are any."""
    wanted = ctx.render(dependencies)
    if not wanted:
        return [_KNOWN]
    folder = quoted(own.folder / "environment")
    packages = " ".join(shlex.quote(name) for name in wanted)
    return [
        _KNOWN,
        f"python -m venv {folder}",
        f". {folder}/bin/activate",
        f"pip install --quiet --no-cache-dir --disable-pip-version-check -- {packages}",
    ]
