"""A small process that outlives its worker just long enough to end what the worker's tasks have started."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading

# Reads `+ group` and `- group` until its worker is gone and the pipe is closed, then kills what is left: the groups,
# and whatever bears the mark of the worker, wherever it went.
_SCRIPT = """
trap '' TERM INT HUP
groups=' '
while read -r sign group; do
  case $sign in
    +) groups="$groups$group " ;;
    -) groups="${groups%% $group *} ${groups#* $group }" ;;
  esac
done
for round in 1 2 3; do
  for group in $groups; do kill -KILL -- "-$group" 2>/dev/null; done
  for file in /proc/[0-9]*/environ; do
    if grep -qsF "ORRERY_TASK=$1" "$file"; then
      pid=${file#/proc/}; kill -KILL "${pid%/environ}" 2>/dev/null
    fi
  done
done
"""


class Watchdog:
    """Told of every group of processes. Started once, by a worker that is a process of its own."""

    def __init__(self) -> None:
        self.mark = os.urandom(8).hex()
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", _SCRIPT, "sh", self.mark],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={"PATH": "/usr/bin:/bin"},
        )

    def watch(self, group: int) -> None:
        self._say(f"+ {group}\n")

    def forget(self, group: int) -> None:
        self._say(f"- {group}\n")

    def _say(self, line: str) -> None:
        if self._process is None or self._process.stdin is None:
            return
        with self._lock, contextlib.suppress(OSError):
            self._process.stdin.write(line.encode())
            self._process.stdin.flush()

    def close(self) -> None:
        """The worker ends in good order: nothing is left to watch."""
        if self._process is not None and self._process.stdin is not None:
            self._process.kill()
            self._process.stdin.close()
            self._process.wait()


watchdog = Watchdog()
