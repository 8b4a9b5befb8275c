"""Run a corpus of expression cases (`expr_cases.json` of a folder) against the language."""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import flows.expressions as language
from control_plane.kernel.words.durations import parse_duration
from flows.expressions import Environment, ExpressionError, Float32, ServiceError
from flows.expressions.dates.spelling import Zoned
from flows.expressions.encryption import decrypt, decrypted, encrypt
from flows.expressions.typed import Char, TypedWriter
from flows.model.inputs.nesting import nested
from tests.conformance.matching import matches
from tests.conformance.messages import check_message

FILE = "expr_cases.json"
Case = Mapping[str, Any]
KEY = base64.b64encode(b"a key for a conformance run only").decode()


def run(folder: Path) -> tuple[int, int, list[str]]:
    """How many cases passed, how many there are, and a line for each that did not."""
    cases = json.loads((Path(folder) / "expr_cases.json").read_text())
    failures = [f"{case['id']}: {problem}" for case in cases if (problem := check(case)) is not None]
    return len(cases) - len(failures), len(cases), failures


def run_case(case: Case, folder: Path) -> None:
    """Raises AssertionError with what is wrong."""
    problem = check(case)
    assert problem is None, problem


def check(case: Case) -> str | None:
    """What is wrong with the answer to a case, if anything."""
    unknown = case.keys() - WORDS
    if unknown:
        return f"the words {sorted(unknown)} are unknown"
    mode = MODES.get(case.get("mode", "template"))
    if mode is None:
        return f"unknown mode {case['mode']}"
    try:
        answer = mode(case)
    except (ExpressionError, ValueError) as error:
        return _check_error(case, error)
    if "expect_error" in case:
        return f"expected an error, got {answer!r}"
    return _check_answer(case, answer)


def _check_error(case: Case, error: Exception) -> str | None:
    expected = case.get("expect_error")
    if expected is None:
        return f"raised {error!r}"
    try:
        check_message(expected, str(error))
    except AssertionError as wrong:
        return str(wrong)
    return None


def _check_answer(case: Case, answer: Any) -> str | None:
    for name, holds in CHECKS.items():
        if name in case and not holds(answer, case[name]):
            return f"{name} {case[name]!r}, got {answer!r}"
    if case.get("ordered") and json.dumps(answer) != json.dumps(case["expect"]):
        return f"the order of keys differs: {answer!r}"
    return None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _split_count(answer: str, expected: Mapping[str, Any]) -> bool:
    return len(answer.split(expected["sep"])) == expected["count"]


def _json_contains(answer: str, expected: list[Any]) -> bool:
    found = json.loads(answer)
    return all(item in found for item in expected)


CHECKS: dict[str, Callable[[Any, Any], bool]] = {
    "expect": lambda answer, expected: matches(answer, value_of(_today(expected))),
    "expect_json": lambda answer, expected: matches(
        json.loads(answer) if isinstance(answer, str) else answer, expected
    ),
    "expect_contains": lambda answer, expected: all(_today(part) in answer for part in _list(expected)),
    "expect_startswith": lambda answer, expected: answer.startswith(expected),
    "expect_endswith": lambda answer, expected: answer.endswith(expected),
    "expect_not": lambda answer, expected: answer != expected,
    "expect_int_range": lambda answer, expected: expected[0] <= int(answer) <= expected[1],
    "expect_in": lambda answer, options: any(matches(answer, option) for option in options),
    "expect_regex": lambda answer, pattern: re.search(pattern, str(answer)) is not None,
    "expect_length": lambda answer, length: matches(len(answer), length),
    "expect_size": lambda answer, size: matches(len(answer), size),
    "expect_split_count": _split_count,
    "expect_json_contains": _json_contains,
}


WORDS = {
    *("id", "template", "context", "mode", "needs", "config", "server_timezone", "property_type", "writes"),
    *("ordered", "notes", "source_test", "feature", "kind", "expect_error", *CHECKS),
}


def _today(expected: Any) -> Any:
    """What the placeholders for the present moment stand for."""
    if not isinstance(expected, str) or not expected.startswith("$"):
        return expected
    name, _, zone = expected.rstrip(")").partition("(")
    present = datetime.now(ZoneInfo(zone) if zone else UTC)
    formats = {"$today_iso_local_date": "%Y-%m-%d", "$today": "%Y-%m-%d", "$HH:mm": "%H:%M"}
    return f"{present:{formats[name]}}" if name in formats else expected


def environment(case: Case) -> Environment:
    config = case.get("config", {})
    env = Environment(
        services=CaseServices(case),
        timezone=case.get("server_timezone") or "UTC",
        # The corpus was taken from a version in which `timestampMicro` still gave this figure.
        legacy_timestamp_micro=True,
    )
    return replace(env, recursive=bool(config.get("kestra.variables.recursive-rendering")))


def scope_of(case: Case) -> dict[str, Any]:
    scope = {key: value_of(each) for key, each in case.get("context", {}).items()}
    opened: dict[str, Any] = decrypted(scope, lambda text: decrypt(base64.b64decode(KEY), text))
    return opened


def _template(case: Case) -> Any:
    return language.render(case["template"], scope_of(case), environment(case))


def _property(case: Case) -> Any:
    template, kind = case["template"], case["property_type"]
    if template is None:
        return [] if kind.startswith("List") else {} if kind.startswith("Map") else None
    return _converted(language.render(template, scope_of(case), environment(case)), kind)


def _converted(rendered: Any, kind: str) -> Any:
    """As a property of this type reads it; the elements of lists and maps too."""
    outer, _, inner = kind.partition("<")
    found = CONVERSIONS.get(outer, str)(rendered)
    element = inner.removesuffix(">").rpartition(",")[2].strip()
    if element in CONVERSIONS and isinstance(found, list):
        return [_converted(each, element) for each in found]
    if element in CONVERSIONS and isinstance(found, dict):
        return {key: _converted(each, element) for key, each in found.items()}
    return found


CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "List": lambda text: json.loads(text) if isinstance(text, str) else text,
    "Map": lambda text: json.loads(text) if isinstance(text, str) else text,
    "Integer": int,
    "Long": int,
    "Double": float,
    "Float": Float32,
    "Boolean": lambda text: str(text).lower() == "true",
    "Duration": parse_duration,
}


def _typed_writer(case: Case) -> Any:
    writer = TypedWriter()
    for each in case["writes"]:
        writer.write(value_of(each))
    return writer.value


def _nested(case: Case) -> Any:
    return nested(case["template"], strict=True)


def _sla_assert(case: Case) -> Any:
    template = case["template"]
    answer = language.compile(template).render(scope_of(case), environment(case))
    holds = language.truth(answer) and answer != "false"
    return {"violated": False} if holds else {"violated": True, "reason": f"assertion is false: {template}."}


def _run_variables(case: Case) -> Any:
    """The variables of a run as the language sees them: what is given, and the two that are always there."""
    given = {key: value for key, value in scope_of(case).items() if value is not None}
    return {name: given.get(name, {}) for name in case["expect_json"]}


MODES: dict[str, Callable[[Case], Any]] = {
    "template": _template,
    "map": _template,
    "property": _property,
    "typed_writer": _typed_writer,
    "flatten_to_nested": _nested,
    "sla_assert": _sla_assert,
    "run_variables": _run_variables,
}


def value_of(value: Any) -> Any:
    """A typed value of the corpus as the language holds it."""
    if isinstance(value, list):
        return [value_of(each) for each in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        name, inner = next(iter(value.items()))
        if name in TYPED:
            return TYPED[name](inner)
    return {key: value_of(each) for key, each in value.items()}


def _zoned(text: str) -> Zoned:
    moment = datetime.fromisoformat(text)
    offset = moment.utcoffset() or timedelta()
    return Zoned.fromisoformat(moment.replace(tzinfo=None).isoformat()).replace(tzinfo=timezone(offset))


def _encrypted(text: str) -> dict[str, str]:
    return {"type": "io.kestra.datatype:aes_encrypted", "value": encrypt(base64.b64decode(KEY), text)}


TYPED: dict[str, Callable[[Any], Any]] = {
    "$float32": Float32,
    "$double": float,
    "$long": int,
    "$char": Char,
    "$uri": str,
    "$set": lambda items: [value_of(each) for each in items],
    "$array": lambda items: [value_of(each) for each in items],
    "$instant": lambda text: datetime.fromisoformat(text).astimezone(UTC),
    "$zoneddatetime": _zoned,
    "$localdatetime": datetime.fromisoformat,
    "$date": date.fromisoformat,
    "$time": time.fromisoformat,
    "$date_ms": lambda millis: datetime.fromtimestamp(millis / 1000, UTC),
    "$duration": parse_duration,
    "$encrypted": _encrypted,
}


class CaseServices:
    """What a case says there is outside: secrets, key-value pairs, files."""

    def __init__(self, case: Case) -> None:
        self.needs = case.get("needs", {})
        self.flow = case.get("context", {}).get("flow", {})

    def secret(self, key: str, namespace: str | None = None, subkey: str | None = None) -> str:
        for name, value in self.needs.get("env", {}).items():
            if name.upper() == f"SECRET_{key.upper()}":
                return base64.b64decode(value).decode()
        raise ServiceError(f"Cannot find secret for key '{key}'.")

    def credential(self, name: str) -> str:
        raise ServiceError(f"Cannot find credential '{name}'.")

    def kv(self, key: str, namespace: str | None, error_on_missing: bool) -> Any:
        for owner in self._owners(namespace):
            pairs = self.needs.get("kv", {}).get(owner)
            if isinstance(pairs, dict) and key in pairs:
                return value_of(pairs[key])
        if error_on_missing:
            where = namespace or self.flow.get("namespace")
            raise ServiceError(f"The key '{key}' does not exist in the namespace '{where}'.")
        return None

    def _owners(self, namespace: str | None) -> list[str]:
        """A namespace and those above it, nearest first."""
        parts = str(namespace or self.flow.get("namespace", "")).split(".")
        return [".".join(parts[:end]) for end in range(len(parts), 0, -1)]

    def _content(self, path: str, namespace: str | None) -> str | None:
        files = dict(self.needs.get("storage_files", {}))
        for owner in reversed(self._owners(namespace)):
            files.update(self.needs.get("namespace_files", {}).get(owner, {}))
        found = files.get(path, files.get("/" + path.lstrip("/"), files.get(path.lstrip("/"))))
        return None if found is None else str(found)

    def _existing(self, path: str, namespace: str | None) -> str:
        content = self._content(path, namespace)
        if content is None:
            raise ServiceError(f"File not found: {path}")
        return content

    def may_read(self, uri: str) -> bool:
        """A case tells of one execution; it has no relatives."""
        return False

    def read(self, path: str, namespace: str | None = None) -> str:
        return self._existing(path, namespace)

    def file_size(self, path: str, namespace: str | None = None) -> int:
        return len(self._existing(path, namespace).encode())

    def file_exists(self, path: str, namespace: str | None = None) -> bool:
        return self._content(path, namespace) is not None

    def is_file_empty(self, path: str, namespace: str | None = None) -> bool:
        return not self._existing(path, namespace)

    def file_uri(self, path: str, namespace: str | None = None) -> str:
        folder = (namespace or self.flow.get("namespace", "")).replace(".", "/")
        return f"kestra:///{folder}/_files/{path.lstrip('/')}"

    def http(self, request: Mapping[str, Any]) -> Any:
        raise ServiceError("There is no network in a conformance run")

    def error_logs(self) -> list[Any]:
        logs = [
            (each["level"], each["message"]) if isinstance(each, dict) else each for each in self.needs.get("logs", [])
        ]
        return [message for level, message in logs if level == "ERROR"]

    def tasks_with_state(self, state: str) -> list[Any]:
        return []

    def app_link(self, app_id: str | None, base_url: bool) -> str:
        raise ServiceError("There are no apps in a conformance run")

    def assets(self, criteria: Mapping[str, Any]) -> list[Any]:
        return []

    def random_port(self) -> int:
        raise ServiceError("There is no network in a conformance run")

    def encryption_key(self, name: str) -> bytes:
        raise ServiceError(f"There is no encryption key `{name}`")


def main() -> int:
    passed, total, failures = run(Path(sys.argv[1]))
    for failure in failures:
        print(failure)
    print(f"passed {passed} of {total}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
