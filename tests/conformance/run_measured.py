"""Run a folder of measured cases of the language: `*.jsonl` beside a `variables.json`, one case a line."""

from __future__ import annotations

import base64
import io
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import flows.expressions as language
from control_plane.kernel.words.durations import format_duration, parse_duration
from control_plane.kernel.words.errors import ControlPlaneError
from flows.expressions import DEFAULT_LIMITS, Environment, ExpressionError, Float32
from flows.expressions.dates.reading import moment_of
from flows.expressions.dates.spelling import moment_text
from flows.expressions.documents import ion_writing, json_reading, yaml_reading
from flows.expressions.limits import Run
from flows.expressions.numbers import BigInteger, Long
from flows.expressions.text import json_text
from flows.model.documents.compose import compose
from flows.model.errors import FlowInvalid
from plugins.contracts import PluginError
from plugins.formats.ion import rows_of
from plugins.triggers.cron import cron_problem, moments_after, moments_before

VARIABLES = "variables.json"
EXCEPTIONS = Path(__file__).with_name("measured_exceptions.toml")
KNOWN_FAILURES = (ExpressionError, ControlPlaneError, FlowInvalid, PluginError, ValueError)
MICROSECOND = timedelta(microseconds=1)
Case = Mapping[str, Any]


@dataclass(slots=True)
class Tally:
    """What a file gave: `total` and `passed` count the cases of stance *same* alone."""

    total: int = 0
    passed: int = 0
    failures: dict[str, str] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)


def is_measured(folder: Path) -> bool:
    return (folder / VARIABLES).is_file()


def run_folder(folder: Path, words: list[str]) -> None:
    """Print a report of every file: what failed, what the other stances gave, and last how many passed."""
    for path in sorted(folder.glob("*.jsonl")):
        tally = run_file(path, words)
        for name, problem in tally.failures.items():
            print(f"FAILED {name}: {problem}")
        print(f"\n{path.name}")
        for line in tally.others:
            print(f"  {line}")
        print(f"passed {tally.passed} of {tally.total}")


def run_file(path: Path, words: list[str] | None = None) -> Tally:
    """The tally of one file, or of those of its cases whose id holds one of the words."""
    tally = Tally()
    for case in cases(path):
        if words and not any(word in case["id"] for word in words):
            continue
        problem = outcome(case, path.parent)
        if case["stance"] == "same":
            tally.total += 1
            tally.passed += problem is None
            if problem is not None:
                tally.failures[case["id"]] = problem
        else:
            tally.others.append(f"{case['stance']:6} {case['id']}: {problem or 'the same'}")
    return tally


def cases(path: Path) -> Iterator[Case]:
    with path.open() as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def exceptions(*, with_others: bool = True) -> dict[str, str]:
    """The cases of stance *same* that we answer otherwise, with the reason.

    Without the others it is those alone whose difference is neither ours on purpose nor one where either will do.
    """
    found: dict[str, str] = {}
    for group in tomllib.loads(EXCEPTIONS.read_text())["exception"]:
        if with_others or "stance" not in group:
            found |= dict.fromkeys(group["cases"], group["reason"])
    return found


def outcome(case: Case, folder: Path) -> str | None:
    """What is wrong with the answer to a case, if anything."""
    try:
        answer = KINDS_OF_CASES[case["kind"]](case, folder)
    except KNOWN_FAILURES as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    wrong = {name: answer.get(name) for name in case["expect"] if answer.get(name) != case["expect"][name]}
    if not wrong:
        return None
    given = case.get("expr") or case.get("cron") or case.get("text") or case.get("typed")
    expected = {name: case["expect"][name] for name in wrong}
    return f"{given!r} expected {expected!r}, got {answer if 'error' in answer else wrong!r}"


def _pebble(case: Case, folder: Path) -> dict[str, Any]:
    scope = _variables(folder / VARIABLES)[case["vars"]]
    return {"value": str(language.render(case["expr"], scope, Environment()))}


@cache
def _variables(path: Path) -> dict[str, dict[str, Any]]:
    read: dict[str, dict[str, Any]] = typed(json.loads(path.read_text()))
    return read


def _cron(case: Case, folder: Path) -> dict[str, Any]:
    seconds, place, count = case.get("seconds", False), ZoneInfo(case["zone"]), case["n"]
    problem = cron_problem(case["cron"], seconds)
    if problem is not None:
        return {"error": problem}
    begin = datetime.fromisoformat(case["from"])
    after = moments_after(case["cron"], begin, place, with_seconds=seconds)
    before = moments_before(case["cron"], begin, place, with_seconds=seconds)
    return {"next": _spelt(islice(after, count)), "previous": _spelt(islice(before, count))}


def _spelt(moments: Iterator[datetime]) -> list[str]:
    return [moment_text(each).partition("[")[0] for each in moments]


def _duration(case: Case, folder: Path) -> dict[str, Any]:
    value = parse_duration(case["text"])
    return {"value": _seconds(value), "text": format_duration(value)}


def _property_duration(case: Case, folder: Path) -> dict[str, Any]:
    return {"value": _seconds(parse_duration(case["text"]))}


def _seconds(value: timedelta) -> str:
    seconds, micros = divmod(value // MICROSECOND, 1_000_000)
    return f"{seconds} {micros * 1000}"


def _ion_to_json(case: Case, folder: Path) -> dict[str, Any]:
    return {"values": [_json(row) for row in rows_of(io.BytesIO(case["text"].encode()))]}


def _json_to_ion(case: Case, folder: Path) -> dict[str, Any]:
    value = typed(case["typed"]) if "typed" in case else json_reading.read(_run(), case["text"])
    return {"value": ion_writing.ion_text(value)}


def _yaml(case: Case, folder: Path) -> dict[str, Any]:
    text = case["text"]
    return {"value": _json(compose(text) if case.get("flow") else yaml_reading.read(_run(), text))}


def _read_and_print(case: Case, folder: Path) -> dict[str, Any]:
    return {"value": _json(json_reading.read(_run(), case["text"]))}


def _json(value: Any) -> str:
    return str(json_text(value, _run(), nulls=True))


def _run() -> Run:
    return Run(DEFAULT_LIMITS)


KINDS_OF_CASES: dict[str, Callable[[Case, Path], dict[str, Any]]] = {
    "pebble": _pebble,
    "cron": _cron,
    "duration": _duration,
    "kduration": _property_duration,
    "ion2json": _ion_to_json,
    "json2ion": _json_to_ion,
    "yaml": _yaml,
    "json": _read_and_print,
}


def typed(value: Any) -> Any:
    """A typed value of the corpus as the language holds it."""
    if isinstance(value, list):
        return [typed(each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"$t", "v"}:
        return TYPES[value["$t"]](value["v"])
    return {key: typed(each) for key, each in value.items()}


def _somewhere(text: str) -> datetime:
    """A moment in the zone or at the offset that its text names."""
    plain, _, region = text.partition("[")
    moment = datetime.fromisoformat(plain)
    return moment.astimezone(ZoneInfo(region.rstrip("]"))) if region else moment


TYPES: dict[str, Callable[[Any], Any]] = {
    "int": int,
    "long": lambda text: Long(text),
    "float": Float32,
    "double": float,
    "decimal": Decimal,
    "bigint": lambda text: BigInteger(text),
    "instant": lambda text: moment_of(text, UTC),
    "zoned": lambda text: _somewhere(text),
    "offset": lambda text: _somewhere(text),
    "localdate": date.fromisoformat,
    "localdatetime": datetime.fromisoformat,
    "localtime": time.fromisoformat,
    "duration": parse_duration,
    "uri": str,
    "bytes": base64.b64decode,
    "set": lambda items: [typed(each) for each in items],
}
