"""Packages that a Python task asks for, in an environment of its own."""

from __future__ import annotations

import shlex

from plugins.contracts import Property, RunContext
from plugins.tasks.scripts.script_task import program, quoted
from plugins.working_directory.own import OwnFiles


def install(ctx: RunContext, dependencies: Property[list[str]], own: OwnFiles) -> list[str]:
    """Commands that make an environment with the packages and enter it, or see to it that `python` is known."""
    wanted = ctx.render(dependencies)
    if not wanted:
        return _known_as_python(program("python", "python3"))
    folder = quoted(own.folder / "environment")
    packages = " ".join(shlex.quote(name) for name in wanted)
    return [
        f"{program('python3', 'python')} -m venv {folder}",
        f". {folder}/bin/activate",
        f"pip install --quiet --no-cache-dir --disable-pip-version-check -- {packages}",
    ]


def _known_as_python(interpreter: str) -> list[str]:
    """Flows say `python` also where a machine calls it `python3` alone."""
    return [] if interpreter == "python" else [f'python() {{ {interpreter} "$@"; }}']


def python(ctx: RunContext, dependencies: Property[list[str]]) -> str:
    """The interpreter of the task: that of its environment, or the machine's."""
    return "python" if ctx.render(dependencies) else program("python", "python3")
