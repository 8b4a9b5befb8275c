"""What a case may expect of the lines of an execution's log."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from plugins.contracts import LogLevel
from tests.conformance.looking import NOTES, Json, Look, find, short
from tests.conformance.seen import SeenLine

TRACE = 2
"""A message that the reference writes with a trace counts twice there and may count once here."""


def check_logs(look: Look, wanted: Any) -> None:
    for entry in [wanted] if isinstance(wanted, Mapping) else wanted:
        entry = {"contains": entry} if isinstance(entry, str) else entry
        found = sum(_line_fits(look, line, entry) for line in look.seen.logs)
        if "min_count" in entry:
            look.fits(found, {"$gte": entry["min_count"]}, f"lines {entry}")
        elif "count" in entry:
            look.fits(found, entry["count"], f"lines {entry}")
        else:
            is_wanted = not entry.get("absent", False)
            lines = [line.message for line in look.seen.logs]
            assert (found > 0) is is_wanted, f"{'no' if is_wanted else 'a'} line {entry} in {short(lines)}"


def _line_fits(look: Look, line: SeenLine, entry: Json) -> bool:
    fill = look.stage.matching.fill
    for name, wanted in entry.items():
        if name in ("count", "min_count", "absent", *NOTES):
            continue
        check = OF_A_LINE.get(name)
        assert check is not None, f"the expectation {name} of a log line is unknown"
        values = [fill(each) for each in (wanted if isinstance(wanted, list) else [wanted])]
        if not all(check(look, line, each) for each in values):
            return False
    return True


def _is_of_run(look: Look, line: SeenLine, index: int) -> bool:
    return line.task_run_id == find(look.seen, {"index": index}).id


OF_A_LINE: dict[str, Callable[[Look, SeenLine, Any], bool]] = {
    "contains": lambda look, line, text: text in line.message,
    "equals": lambda look, line, text: line.message == text,
    "message": lambda look, line, text: line.message == text,
    "starts_with": lambda look, line, text: line.message.startswith(text),
    "startswith": lambda look, line, text: line.message.startswith(text),
    "ends_with": lambda look, line, text: line.message.endswith(text),
    "endswith": lambda look, line, text: line.message.endswith(text),
    "regex": lambda look, line, text: re.search(text, line.message) is not None,
    "not_contains": lambda look, line, text: text not in line.message,
    "level": lambda look, line, level: line.level == level,
    "task": lambda look, line, task: line.task == task,
    "task_id": lambda look, line, task: line.task == task,
    "taskrun_index": _is_of_run,
}


def check_no_logs(look: Look, wanted: Any) -> None:
    for entry in [wanted] if isinstance(wanted, Mapping | str) else wanted:
        check_logs(look, [{**({"contains": entry} if isinstance(entry, str) else entry), "absent": True}])


def check_levels(look: Look, wanted: Json) -> None:
    for level, count in wanted.items():
        found = sum(LogLevel(line.level).rank >= LogLevel(level).rank for line in look.seen.logs)
        look.fits(found, count, f"lines of {level} and above")


def check_texts(look: Look, wanted: Json) -> None:
    for text, count in wanted.items():
        found = sum(text in line.message for line in look.seen.logs)
        if isinstance(count, int) and count >= TRACE:
            assert 1 <= found <= count, f"{found} lines with {text}, not {count}"
        else:
            look.fits(found, count, f"lines with {text}")
