"""Who plays which case: every module `run_*` says what it takes."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
import traceback
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import tests.conformance
from tests.conformance.outcomes import (
    MOST_SECONDS,
    OWN_DIFFERENCES,
    SUPERSEDED,
    Case,
    Outcome,
    listed,
    no_longer_than,
)

VARIABLES = "variables.json"
"""Beside the measured cases of the language, which have a runner for their folder."""


def files_of(folder: Path) -> Iterator[Path]:
    """The files of cases in a folder and in those right below it."""
    for path in sorted([*folder.glob("*.json"), *folder.glob("*.jsonl"), *folder.glob("*/*.jsonl")]):
        if not (path.parent / VARIABLES).exists():
            yield path


def measured_folders(folder: Path) -> list[Path]:
    """Folders of measured cases of the language."""
    return [each for each in (folder, folder / "measured") if (each / VARIABLES).exists()]


def cases_of(path: Path) -> list[dict[str, Any]]:
    text = path.read_text()
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    read = json.loads(text)
    return [each for each in read if isinstance(each, dict) and "id" in each] if isinstance(read, list) else []


def outcome(path: Path, case: Case) -> Outcome:
    """Play a case. Whatever goes wrong is its problem."""
    runner = _runner(path, case)
    if runner is None:
        return Outcome([f"nobody runs cases of kind {case.get('kind', path.name)}"])
    reasons = listed(OWN_DIFFERENCES if path.suffix == ".jsonl" else SUPERSEDED)
    return _played(runner, case, path.parent).beside(reasons.get(case["id"]))


def _played(runner: Callable[[Case, Path], Outcome | None], case: Case, folder: Path) -> Outcome:
    try:
        with no_longer_than(MOST_SECONDS):
            return runner(case, folder) or Outcome()
    except AssertionError as error:
        return Outcome([str(error) or _place()])
    except Exception as error:
        return Outcome([f"{type(error).__name__}: {error} ({_place()})"])


def _place() -> str:
    frame = traceback.extract_tb(sys.exc_info()[2])[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"


def _runner(path: Path, case: Case) -> Callable[[Case, Path], Outcome | None] | None:
    for module in modules():
        is_its_file = getattr(module, "FILE", None) == path.name
        is_its_kind = path.suffix == ".json" and case.get("kind") in getattr(module, "KINDS", ())
        is_measured = path.suffix == ".jsonl" and getattr(module, "IS_MEASURED", False)
        if is_its_file or is_its_kind or is_measured:
            run: Callable[[Case, Path], Outcome | None] = module.run_case
            return run
    return None


@cache
def modules() -> list[Any]:
    names = sorted(found.name for found in pkgutil.iter_modules(tests.conformance.__path__))
    return [importlib.import_module(f"tests.conformance.{name}") for name in names if name.startswith("run_")]
