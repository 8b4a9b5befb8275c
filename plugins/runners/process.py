"""Running commands as processes of the worker's own machine."""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from typing import ClassVar

from plugins.contracts import LogLevel, PluginError, RunContext, Runner, ScriptCommand, ScriptResult
from plugins.runners import descendants, identities
from plugins.runners.lines import MAX_LINE_BYTES, LineSplitter
from plugins.runners.script_messages import messages_of, obey, opens_message
from plugins.runners.watchdog import watchdog

GRACE_SECONDS = 3.0
"""Between asking a group of processes to end and killing it."""
_LINGER_SECONDS = 0.3
_SETTLE_SECONDS = 0.05
"""How long the other half of the end of a line may take."""
_CHUNK = 1 << 16
_SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# Limits are set by a shell that then becomes the command: no Python runs between fork and exec, and no race is left.
_LAUNCHER = """
ulimit -c 0
ulimit -n 4096 2>/dev/null
ulimit -u 4096 2>/dev/null || ulimit -p 4096 2>/dev/null
umask 022
if [ "$(id -u)" -ge 60000 ] && command -v setpriv >/dev/null; then exec setpriv --no-new-privs -- "$@"; fi
exec "$@"
"""


class Process(Runner):
    """Run the commands as processes on the worker's machine, each task in a working directory of its own.

    This is no sandbox. The processes share the machine, its network and its files with the worker: they get a clean
    environment, limits on open files and processes, and, when the worker runs as root, a user id of their own that
    owns nothing else. Use a worker group of its own for flows you do not trust.

    When the task is killed or runs out of time, the whole group of processes is asked to end and killed three
    seconds later, with everything it started.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.runner.Process"
    TITLE: ClassVar[str] = "Run as a process of the worker"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: process_runner
namespace: company.team
tasks:
  - id: hello
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner:
      type: io.kestra.plugin.core.runner.Process
    commands:
      - echo "Hello from $(uname)"
""",
    )

    def run_commands(self, ctx: RunContext, command: ScriptCommand) -> ScriptResult:
        with identities.borrow() as identity:
            if identity is not None:
                for folder in (command.workdir, command.own):
                    if folder is not None:
                        identities.hand_over(folder, identity)
            return _Run(ctx, command, identity).finish()


class _Run:
    """One command from start to end: the thread that runs the task also reads its output."""

    def __init__(self, ctx: RunContext, command: ScriptCommand, identity: int | None) -> None:
        self._ctx = ctx
        self._command = command
        self._identity = identity
        self._result = ScriptResult(exit_code=-1)
        self._mark = f"{watchdog.mark}-{ctx.task_run_id}-{ctx.attempt}-{os.urandom(8).hex()}"
        self._deadline = time.monotonic() + command.timeout.total_seconds() if command.timeout else None
        self._stopped = ""
        self._kill_at: float | None = None
        self._wake_read, self._wake_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)

    def finish(self) -> ScriptResult:
        try:
            self._ctx.on_kill(self._wake)
            process = self._start()
            watchdog.watch(process.pid)
            try:
                self._follow(process)
            finally:
                descendants.end(process, self._mark, self._identity)
                watchdog.forget(process.pid)
            return self._judge(process)
        finally:
            read, self._wake_read, write, self._wake_write = self._wake_read, -1, self._wake_write, -1
            os.close(read)
            os.close(write)

    def _wake(self) -> None:
        with contextlib.suppress(OSError):
            os.write(self._wake_write, b"k")

    def _start(self) -> subprocess.Popen[bytes]:
        environment = self._environment()
        try:
            return subprocess.Popen(
                ["/bin/sh", "-c", _LAUNCHER, "sh", *self._command.argv],
                cwd=self._command.workdir,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                **identities.privileges(self._identity),
            )
        except (OSError, ValueError) as error:
            raise PluginError(f"The command cannot be started: {error}", retryable=False) from error

    def _environment(self) -> dict[str, str]:
        workdir = str(self._command.workdir)
        given = {"PATH": search_path(), "HOME": workdir, "LANG": "C.UTF-8", "PWD": workdir, "WORKING_DIR": workdir}
        return {**given, **self._command.env, descendants.MARK: self._mark}

    def _follow(self, process: subprocess.Popen[bytes]) -> None:
        """Read both streams until the command has ended and they are closed, or it had to be stopped."""
        assert process.stdout is not None
        assert process.stderr is not None
        ended_at: float | None = None
        with selectors.DefaultSelector() as selector:
            selector.register(self._wake_read, selectors.EVENT_READ, None)
            for stream, is_error in ((process.stdout, False), (process.stderr, True)):
                os.set_blocking(stream.fileno(), False)
                selector.register(stream, selectors.EVENT_READ, LineSplitter(self._line_reader(is_error)))
            with _exit_of(process, selector):
                while len(selector.get_map()) > 1:
                    waiting = _waiting(selector)
                    for key, _ in selector.select(self._patience(ended_at, _SETTLE_SECONDS if waiting else None)):
                        self._on_ready(selector, key)
                        waiting.discard(key.data)
                    for lines in waiting:
                        lines.settle()
                    if ended_at is None and process.poll() is not None:
                        ended_at = time.monotonic()
                    if self._is_over(process, ended_at):
                        break
            self._drain(selector)

    def _on_ready(self, selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
        if not isinstance(key.data, LineSplitter):
            if key.data is None:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wake_read, 64)
            else:
                selector.unregister(key.fileobj)
            return
        chunk = _read(key.fileobj)
        if chunk is None:
            return
        key.data.feed(chunk)
        if not chunk:
            key.data.close()
            selector.unregister(key.fileobj)

    def _drain(self, selector: selectors.BaseSelector) -> None:
        """Take what is still in the pipes of a command that is over, without waiting for more."""
        for key in list(selector.get_map().values()):
            if isinstance(key.data, LineSplitter):
                for _ in range(256):
                    chunk = _read(key.fileobj)
                    if not chunk:
                        break
                    key.data.feed(chunk)
                key.data.close()

    def _patience(self, ended_at: float | None, at_most: float | None) -> float | None:
        """Seconds until something has to be looked at although nothing happened."""
        left = self._until_next(ended_at)
        return left if at_most is None else at_most if left is None else min(left, at_most)

    def _until_next(self, ended_at: float | None) -> float | None:
        moments = [moment for moment in (self._kill_at, self._deadline if not self._stopped else None) if moment]
        if ended_at is not None:
            moments.append(ended_at + _LINGER_SECONDS)
        return max(0.0, min(moments) - time.monotonic()) if moments else None

    def _is_over(self, process: subprocess.Popen[bytes], ended_at: float | None) -> bool:
        """Stop what must be stopped, and say whether nothing is left to wait for."""
        now = time.monotonic()
        if not self._stopped:
            if self._ctx.is_killed():
                self._stop(process, "killed")
            elif self._deadline is not None and now >= self._deadline:
                self._stop(process, "timeout")
        if self._kill_at is not None and now >= self._kill_at:
            return True
        return ended_at is not None and now >= ended_at + _LINGER_SECONDS

    def _stop(self, process: subprocess.Popen[bytes], why: str) -> None:
        self._stopped = why
        self._kill_at = time.monotonic() + GRACE_SECONDS
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGTERM)

    def _line_reader(self, is_error: bool) -> Reader:
        return Reader(self._ctx, self._result, is_error)

    def _judge(self, process: subprocess.Popen[bytes]) -> ScriptResult:
        code = process.returncode
        self._result.exit_code = code if code >= 0 else 128 - code
        outputs = {"exitCode": self._result.exit_code, "vars": self._result.vars}
        if self._stopped == "timeout":
            raise PluginError("The task ran out of time and was stopped", outputs=outputs)
        if self._stopped:
            raise PluginError("The task was killed", retryable=False, outputs=outputs)
        if code != 0:
            raise PluginError(f"Command failed with exit code {self._result.exit_code}", outputs=outputs)
        if self._result.lost_messages:
            raise PluginError(
                f"The outputs of the script cannot be read: a line of them is longer than {MAX_LINE_BYTES} bytes, "
                "keep large results in a file",
                retryable=False,
                outputs=outputs,
            )
        return self._result


class Reader:
    """Takes the lines of one stream: messages are obeyed, everything else is logged."""

    def __init__(self, ctx: RunContext, result: ScriptResult, is_error: bool) -> None:
        self._ctx = ctx
        self._result = result
        self._is_error = is_error

    def __call__(self, line: str, dropped: int = 0) -> None:
        if self._is_error:
            self._result.stderr_lines += 1
        else:
            self._result.stdout_lines += 1
        if dropped:
            if opens_message(line):
                self._result.lost_messages += 1
            line += f" ... ({dropped} more bytes)"
        messages = messages_of(line)
        for message in messages:
            obey(self._ctx, message, self._result.vars)
        if not messages:
            self._ctx.log(LogLevel.ERROR if self._is_error else LogLevel.INFO, line)


def _read(stream: object) -> bytes | None:
    """What is in the pipe: b"" at its end, None when there is nothing yet."""
    try:
        return os.read(stream.fileno(), _CHUNK)  # type: ignore[attr-defined]  # selectors hand back what was registered
    except BlockingIOError:
        return None


def _waiting(selector: selectors.BaseSelector) -> set[LineSplitter]:
    """Those whose last line is ended by what comes next."""
    found = (key.data for key in selector.get_map().values())
    return {lines for lines in found if isinstance(lines, LineSplitter) and lines.is_waiting}


@contextlib.contextmanager
def _exit_of(process: subprocess.Popen[bytes], selector: selectors.BaseSelector) -> Iterator[None]:
    """Let the selector also wake when the process ends, whatever still holds its pipes."""
    try:
        descriptor = os.pidfd_open(process.pid)
    except OSError:
        yield
        return
    selector.register(descriptor, selectors.EVENT_READ, "exit")
    try:
        yield
    finally:
        with contextlib.suppress(KeyError):
            selector.unregister(descriptor)
        os.close(descriptor)


def search_path() -> str:
    """Where commands are looked for."""
    return _SEARCH_PATH


def find_program(*names: str) -> str | None:
    """The first of these programs that a task can run."""
    for name in names:
        found = shutil.which(name, path=search_path())
        if found:
            return found
    return None
