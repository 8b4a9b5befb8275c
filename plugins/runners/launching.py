"""Starting a command as a process of this machine: limits first, then walls, then the program itself."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping

from plugins.contracts import PluginError, ScriptCommand
from plugins.runners import identities, sandbox, syscalls
from plugins.runners.cgroups import TaskGroup
from plugins.runners.isolation import Isolation

# Limits are set by a shell that then becomes the command: no Python runs between fork and exec, and no race is left.
_LAUNCHER = """
%(wait)s
ulimit -c 0
ulimit -n 4096 2>/dev/null
ulimit -u 4096 2>/dev/null || ulimit -p 4096 2>/dev/null
%(limits)s
umask 022
if [ "$(id -u)" -ge 60000 ] && command -v setpriv >/dev/null; then exec setpriv --no-new-privs -- "$@"; fi
exec "$@"
"""
_UNTIL_GROUPED = "read -r _ && exec </dev/null || exit 125"
"""Nothing runs outside of its group of the kernel: the worker puts the shell into it, then lets it go on."""


def start(
    command: ScriptCommand,
    environment: Mapping[str, str],
    identity: int | None,
    isolation: Isolation,
    group: TaskGroup | None,
) -> subprocess.Popen[bytes]:
    """The running command, in a session of its own. Raises PluginError when it cannot be started."""
    launcher = _LAUNCHER % {"wait": _UNTIL_GROUPED if group else "", "limits": isolation.shell_lines()}
    calls = syscalls.as_file() if isolation.walls else None
    try:
        process = subprocess.Popen(
            ["/bin/sh", "-c", launcher, "sh", *_argv(command, isolation, calls)],
            cwd=command.workdir,
            env=environment,
            stdin=subprocess.PIPE if group else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            pass_fds=() if calls is None else (calls,),
            **identities.privileges(identity),
        )
    except (OSError, ValueError) as error:
        raise PluginError(f"The command cannot be started: {error}", retryable=False) from error
    finally:
        if calls is not None:
            os.close(calls)
    if group is not None:
        _let_go(process, group)
    return process


def _argv(command: ScriptCommand, isolation: Isolation, calls: int | None) -> list[str]:
    if not isolation.walls:
        return list(command.argv)
    writable = [folder for folder in (command.workdir, command.own) if folder is not None]
    return sandbox.inside(isolation.walls, command.argv, command.workdir, writable, calls)


def _let_go(process: subprocess.Popen[bytes], group: TaskGroup) -> None:
    assert process.stdin is not None
    try:
        group.take(process.pid)
        process.stdin.write(b"\n")
    except OSError as error:
        process.kill()
        raise PluginError(f"The command cannot be put into its group: {error}") from error
    finally:
        process.stdin.close()
