"""Cases that run whole flows, and those that look at an act of a person before its consequences."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flows.expressions import Environment, render
from tests.conformance.http_steps import HttpSteps
from tests.conformance.labels import label_map
from tests.conformance.live import is_live, live_api
from tests.conformance.matchers import Matching
from tests.conformance.playing import Played
from tests.conformance.polling import run_polling
from tests.conformance.served_stage import ServedRuns
from tests.conformance.simulated_stage import SimulatedRuns, key_of, limit_of
from tests.conformance.stored import plain_value

KINDS = {"flow", "service", "render"}
POLLED = {"triggered_at_least", "trigger_disabled_within"}
Case = Mapping[str, Any]


def run_case(case: Case, folder: Path) -> None:
    """Raises AssertionError with what differs. With LIVE=1 a running instance plays it, else the simulator."""
    if case["kind"] == "render":
        _run_render(case)
        return
    played = _on_a_server(case, folder) if is_live() else _in_the_simulator(case, folder)
    if POLLED & (case.get("expect") or {}).keys():
        run_polling(case, played.source(case))
        return
    played.prepare()
    played.play()


def _in_the_simulator(case: Case, folder: Path) -> Played:
    needs = case.get("needs") or {}
    return Played(case, folder, SimulatedRuns(key_of(needs), limit_of(needs)))


def _on_a_server(case: Case, folder: Path) -> Played:
    runs = ServedRuns(live_api())
    runs.empty()
    return Played(case, folder, runs, http=HttpSteps(runs.api))


def _run_render(case: Case) -> None:
    """A template in the context of a flow."""
    scope = {
        "inputs": case.get("inputs") or {"test": "test"},
        "labels": label_map(case.get("labels") or {}),
        **plain_value(case.get("context") or {}),
    }
    for name, wanted in case["expect"].items():
        assert name in ("rendered", "rendered_json"), f"the expectation {name} is unknown"
        found = render(case["template"], scope, Environment())
        assert Matching().fits(found, wanted, exact=True), f"{found!r} is not {wanted!r}"
