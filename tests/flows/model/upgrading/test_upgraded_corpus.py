"""Every flow of the older generation in the corpus, upgraded: it is valid, runs, and ends as it did before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flows.model.errors import FlowInvalid
from flows.model.parse import parse_flow
from flows.model.upgrading.upgrade import upgrade
from tests.conformance.playing import Played
from tests.conformance.seen import Seen
from tests.conformance.simulated_stage import SimulatedRuns, key_of, with_custom_tasks
from tests.conformance.test_corpus import FOLDER

FLOWS = sorted((FOLDER / "flows").rglob("*.y*ml"))


def cases() -> list[Any]:
    path = FOLDER / "cases.json"
    found = json.loads(path.read_text()) if path.exists() else []
    runs = [each for each in found if each["kind"] == "flow" and "flow_file" in each and not each.get("steps")]
    return [pytest.param(each, id=each["id"]) for each in runs if "triggered_at_least" not in each["expect"]]


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.name)
def test_an_upgraded_flow_is_valid_and_needs_no_second_upgrade(path: Path) -> None:
    source = path.read_text()
    try:
        upgraded = upgrade(source, options=with_custom_tasks())
    except FlowInvalid:
        pytest.skip("it was never valid")
    parse_flow(upgraded.source, options=with_custom_tasks())
    assert upgrade(upgraded.source, options=with_custom_tasks()).source == upgraded.source
    assert [line for line in comments(source) if line not in comments(upgraded.source)] == []


def comments(source: str) -> list[str]:
    return [line.strip() for line in source.splitlines() if line.strip().startswith("#")]


@pytest.mark.parametrize("case", cases())
def test_an_upgraded_flow_ends_as_before(case: dict[str, Any]) -> None:
    try:
        before = _played(case, is_upgraded=False)
    except FlowInvalid:
        pytest.skip("release 2.0.0 refuses it, whatever its forms")
    after = _played(case, is_upgraded=True)
    assert (after.state, after.outputs, dict(after.labels).keys()) == (
        before.state,
        before.outputs,
        dict(before.labels).keys(),
    )


def _played(case: dict[str, Any], *, is_upgraded: bool) -> Seen:
    played = Played(case, FOLDER, SimulatedRuns(key_of(case.get("needs") or {})))
    played.prepare()
    if is_upgraded:
        for name in [case["flow_file"], *(case["needs"].get("flows") or ())]:
            played.runs.add(upgrade(played.text(name), options=with_custom_tasks()).source)
        played.flow = played.runs.add(upgrade(played.source(case), options=with_custom_tasks()).source)
    execution_id = played.start({})
    played.runs.settle(execution_id)
    return played.see(execution_id)
