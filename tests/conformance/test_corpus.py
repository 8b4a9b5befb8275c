"""The corpus of older cases, where there is one: everything passes but what is superseded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.__main__ import DEFAULT
from tests.conformance.runners import cases_of, outcome

FOLDER = Path(os.environ.get("CASES") or DEFAULT)
NEEDS_AN_INSTANCE = {"api", "kv_api"}


def cases() -> Iterator[Any]:
    for path in sorted(FOLDER.glob("*.json")):
        for case in cases_of(path):
            # With an instance it belongs to what starts real processes.
            marks = [pytest.mark.faults] if case.get("kind") in NEEDS_AN_INSTANCE else []
            yield pytest.param(path, case, id=case["id"], marks=marks)


@pytest.mark.skipif(not FOLDER.is_dir(), reason="there is no corpus here")
@pytest.mark.parametrize(("path", "case"), list(cases()))
def test_a_case(path: Path, case: dict[str, Any]) -> None:
    found = outcome(path, case)
    if found.aside is None:
        assert found.is_passed, "\n".join(found.problems)
