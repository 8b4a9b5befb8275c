"""The measured corpus of the language, where there is one: as the reference answers, but for what is named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conformance.run_measured import exceptions, is_measured, run_file

FOLDER = Path(os.environ.get("MEASURED_CASES") or "../shared/conformance/measured")
BAR = 0.995


@pytest.mark.skipif(not is_measured(FOLDER), reason="there is no measured corpus here")
@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.jsonl")), ids=lambda path: path.stem)
def test_a_file_is_answered_as_by_the_reference_but_for_what_is_named(path: Path) -> None:
    tally = run_file(path)
    known = exceptions()
    assert {name: problem for name, problem in tally.failures.items() if name not in known} == {}


@pytest.mark.skipif(not is_measured(FOLDER), reason="there is no measured corpus here")
def test_hardly_a_case_is_answered_otherwise() -> None:
    tallies = [run_file(path) for path in FOLDER.glob("*.jsonl")]
    failed = {name for tally in tallies for name in tally.failures}
    assert len(exceptions(with_others=False)) <= (1 - BAR) * sum(tally.total for tally in tallies)
    assert exceptions().keys() <= failed, "these pass by now"
