"""Run every file of a corpus: `python -m tests.conformance [folder] [words of case ids ...]`."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import tests.conformance

CASES = "cases.json"
DEFAULT = Path("../shared/conformance")

Runner = Callable[[Mapping[str, Any], Path], None]


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0] if arguments else os.environ.get("CASES") or DEFAULT)
    if not folder.is_dir():
        print(f"there is no folder {folder}: name one with CASES=")
        return 0
    for path in sorted(folder.glob("*.json")):
        run_file(path, arguments[1:])
    return 0


def run_file(path: Path, words: list[str]) -> None:
    """Print a report of one file: what failed, by feature, and last how many passed."""
    cases = [case for case in json.loads(path.read_text()) if not words or any(word in case["id"] for word in words)]
    passed: Counter[str] = Counter()
    total: Counter[str] = Counter()
    good = 0
    for case in cases:
        problem = outcome(path, case)
        good += problem is None
        for feature in case.get("feature") or [case.get("kind") or case.get("stage") or "expression"]:
            total[feature] += 1
            passed[feature] += problem is None
        if problem is not None:
            print(f"FAILED {case['id']}: {problem}")
    print(f"\n{path.name}")
    for feature in sorted(total):
        print(f"  {feature:32} {passed[feature]} of {total[feature]}")
    print(f"passed {good} of {len(cases)}")


def outcome(path: Path, case: Mapping[str, Any]) -> str | None:
    """What is wrong with a case; None when it passes."""
    runner = _runner(path, case)
    if runner is None:
        return f"nobody runs cases of kind {case.get('kind', path.name)}"
    try:
        runner(case, path.parent)
    except AssertionError as error:
        return str(error) or _place()
    except Exception as error:
        return f"{type(error).__name__}: {error} ({_place()})"
    return None


def _place() -> str:
    frame = traceback.extract_tb(sys.exc_info()[2])[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"


def _runner(path: Path, case: Mapping[str, Any]) -> Runner | None:
    for module in _modules():
        if getattr(module, "FILE", None) == path.name or case.get("kind") in getattr(module, "KINDS", ()):
            runner: Runner = module.run_case
            return runner
    return None


def _modules() -> list[Any]:
    names = sorted(found.name for found in pkgutil.iter_modules(tests.conformance.__path__))
    return [importlib.import_module(f"tests.conformance.{name}") for name in names if name.startswith("run_")]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
