"""Compare what a simulation brought with what a case expects: subsets, matchers, contents of files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from executions.simulator.stores import MemoryStores
from flows.expressions.encryption import decrypt

Check = Callable[[Any, Any], bool]


class Answers:
    """What placeholders stand for (`$root.id`), and where files are read."""

    def __init__(
        self,
        memory_stores: MemoryStores,
        now: Callable[[], datetime],
        names: Mapping[str, Any],
        key: bytes | None = None,
    ) -> None:
        self.key = key
        self.memory_stores = memory_stores
        self.now = now
        self.names = names
        self.checks: dict[str, Check] = {
            "$contains": self._contains,
            "$startswith": lambda answer, part: str(answer).startswith(part),
            "$endswith": lambda answer, part: str(answer).endswith(part),
            "$regex": lambda answer, pattern: re.search(pattern, str(answer)) is not None,
            "$exists": lambda answer, wanted: (answer is not None) is wanted,
            "$null": lambda answer, wanted: (answer is None) is wanted,
            "$not": lambda answer, other: not self.fits(answer, other),
            "$gt": lambda answer, least: answer > least,
            "$gte": lambda answer, least: answer >= least,
            "$in": lambda answer, options: any(self.fits(answer, option) for option in options),
            "$between": lambda answer, bounds: bounds[0] <= answer <= bounds[1],
            "$size": lambda answer, size: len(answer) == size,
            "$any_order": self._any_order,
            "$storage_content": lambda answer, text: self.fits(memory_stores.read(answer).decode(), text),
            "$storage_file_line_count": lambda answer, lines: len(memory_stores.read(answer).splitlines()) == lines,
            "$decrypts_to": lambda answer, text: self.key is not None and decrypt(self.key, answer) == text,
            "$iso_datetime_within_seconds_of_now": self._is_recent,
        }

    def fits(self, answer: Any, expected: Any) -> bool:
        """Maps are subsets; keys that begin with `$` are matchers, and all of them must hold."""
        expected = self.fill(expected)
        if isinstance(expected, Mapping):
            return all(self._entry_fits(answer, key, value) for key, value in expected.items())
        if isinstance(expected, list):
            return isinstance(answer, list) and len(answer) == len(expected) and all(map(self.fits, answer, expected))
        if isinstance(expected, bool) or isinstance(answer, bool):
            return answer is expected
        return bool(answer == expected)

    def _entry_fits(self, answer: Any, key: str, expected: Any) -> bool:
        if key in self.checks:
            return self.checks[key](answer, self.fill(expected))
        if not isinstance(answer, Mapping):
            return False
        if isinstance(expected, Mapping) and expected.get("$exists") is False:
            return key not in answer
        if expected is None and key not in answer:
            return True
        return key in answer and self.fits(answer[key], expected)

    def fill(self, value: Any) -> Any:
        if not isinstance(value, str) or "$" not in value:
            return value
        for name, meant in self.names.items():
            value = value.replace(name, str(meant))
        return value

    def _contains(self, answer: Any, wanted: Any) -> bool:
        parts = wanted if isinstance(wanted, list) else [wanted]
        return all(str(self.fill(part)) in (answer if isinstance(answer, list) else str(answer)) for part in parts)

    def _any_order(self, answer: Any, expected: list[Any]) -> bool:
        left = list(answer)
        for wanted in expected:
            found = next((index for index, each in enumerate(left) if self.fits(each, wanted)), None)
            if found is None:
                return False
            left.pop(found)
        return not left

    def _is_recent(self, answer: Any, seconds: float) -> bool:
        moment = datetime.fromisoformat(str(answer).replace("Z", "+00:00"))
        return abs(self.now() - moment) <= timedelta(seconds=seconds)
