"""What becomes of the lines that a command writes, and of the command when it has ended."""

from __future__ import annotations

from plugins.contracts import LogLevel, PluginError, RunContext, ScriptResult
from plugins.runners.lines import MAX_LINE_BYTES
from plugins.runners.script_messages import messages_of, obey, opens_message

KILLED = "The task was killed"
OUT_OF_TIME = "The task ran out of time and was stopped"
OUT_OF_MEMORY = "The task used more memory than its limit"


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


def judged(result: ScriptResult, stopped: str = "") -> ScriptResult:
    """The result of a command that did well. Raises PluginError, `stopped` being why it was ended before its time."""
    outputs = {"exitCode": result.exit_code, "vars": result.vars}
    if stopped:
        raise PluginError(stopped, retryable=stopped != KILLED, outputs=outputs)
    if result.exit_code != 0:
        raise PluginError(f"Command failed with exit code {result.exit_code}", outputs=outputs)
    if result.lost_messages:
        raise PluginError(
            f"The outputs of the script cannot be read: a line of them is longer than {MAX_LINE_BYTES} bytes, "
            "keep large results in a file",
            retryable=False,
            outputs=outputs,
        )
    return result
