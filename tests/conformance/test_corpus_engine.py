"""The measured cases of the engine, where they are at hand: no fewer pass than have passed before."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.conformance.runners import cases_of, outcome
from tests.conformance.test_corpus import FOLDER

BARS = tomllib.loads(Path(__file__).with_name("bars.toml").read_text())


@pytest.mark.parametrize("name", list(BARS))
def test_as_many_cases_pass_as_ever(name: str) -> None:
    path = FOLDER / name
    if not path.exists():
        pytest.skip("there is no corpus here")
    found = {case["id"]: outcome(path, case) for case in cases_of(path)}
    counted = {case_id: each for case_id, each in found.items() if each.aside is None}
    failed = [case_id for case_id, each in counted.items() if not each.is_passed]
    worded = [case_id for case_id, each in counted.items() if each.is_passed and not each.words]
    bar = BARS[name]
    assert len(counted) - len(failed) >= bar["behaviour"], f"these behave otherwise: {' '.join(sorted(failed))}"
    assert len(worded) >= bar["words"], f"only these say the same: {' '.join(sorted(worded))}"
