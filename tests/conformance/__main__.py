"""Run every file of a corpus: `python -m tests.conformance [folder] [ids, with * for any text ...]`."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from tests.conformance.outcomes import Outcome
from tests.conformance.runners import cases_of, files_of, measured_folders, modules, outcome

DEFAULT = Path("../shared/conformance")
MOST_SHOWN = 300


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0] if arguments else os.environ.get("CASES") or DEFAULT)
    if not folder.is_dir():
        print(f"there is no folder {folder}: name one with CASES=")
        return 0
    ids = arguments[1:] or os.environ.get("ID", "").split()
    found = [run_file(path, path.relative_to(folder), ids) for path in files_of(folder)]
    for below in measured_folders(folder) if not ids or not any(found) else ():
        for module in modules():
            if hasattr(module, "run_folder"):
                module.run_folder(below, ids)
    return 0


@dataclass
class Tally:
    """What a file came to."""

    total: Counter[str] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)
    counted: int = 0
    good: int = 0
    worded: int = 0
    has_words: bool = False
    aside: list[str] = field(default_factory=list)

    def add(self, case: Mapping[str, Any], found: Outcome) -> None:
        if found.aside is not None:
            self.aside.append(f"{case['id']}: {found.aside}{'; it passes' if found.is_passed else ''}")
            return
        self.counted += 1
        self.good += found.is_passed
        self.worded += found.is_passed and not found.words
        self.has_words |= bool(found.words)
        for feature in _features(case):
            self.total[feature] += 1
            self.passed[feature] += found.is_passed


def run_file(path: Path, name: Path, ids: Sequence[str]) -> bool:
    """Print what failed, what does not count, how many passed by feature, and last how many passed at all.

    With ids only theirs are run, and every difference is shown. Whether there was any.
    """
    cases = [case for case in cases_of(path) if not ids or any(fnmatchcase(case["id"], each) for each in ids)]
    if not cases:
        return False
    tally = Tally()
    for case in cases:
        found = outcome(path, case)
        tally.add(case, found)
        _show(case["id"], found, is_whole=bool(ids))
    print(f"\n{name}")
    for line in tally.aside:
        print(f"  not counted: {line}")
    for feature in sorted(tally.total):
        if len(tally.total) <= len(cases) // 2:
            print(f"  {feature:32} {tally.passed[feature]} of {tally.total[feature]}")
    if tally.has_words:
        print(f"behaviour and words the same in {tally.worded} of {tally.counted}; behaviour the same:")
    print(f"passed {tally.good} of {tally.counted}")
    return True


def _features(case: Mapping[str, Any]) -> list[str]:
    given = case.get("feature") or case.get("kind") or case.get("stage") or "expression"
    return given if isinstance(given, list) else [given]


def _show(case_id: str, found: Outcome, *, is_whole: bool) -> None:
    grade = "passed" if found.is_passed else "FAILED"
    if is_whole:
        print(f"{grade} {case_id}" + (f" (not counted: {found.aside})" if found.aside else ""))
        for problem in found.problems:
            print(f"   {problem}")
        for difference in found.words:
            print(f"   words: {difference}")
    elif not found.is_passed and found.aside is None:
        more = f" (and {len(found.problems) - 1} more)" if len(found.problems) > 1 else ""
        first = " ".join(found.problems[0].split())
        print(f"{grade} {case_id}: {first[:MOST_SHOWN]}{more}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
