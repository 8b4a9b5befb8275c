"""Measured cases of the engine: what a run came to, compared with what release 2.0.0 did."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.conformance.engine_cases.differences import Difference, differences
from tests.conformance.engine_cases.live_host import LiveHost
from tests.conformance.engine_cases.playing import Host, Play
from tests.conformance.engine_cases.recording import Record
from tests.conformance.engine_cases.simulated_host import SimulatedHost
from tests.conformance.engine_cases.small_server import SmallServer
from tests.conformance.engine_cases.wording import Wording
from tests.conformance.live import is_live, live_api
from tests.conformance.outcomes import Outcome

IS_MEASURED = True
_STAMP = format(int(time.time()) % 10**7, "d")


def run_case(case: Mapping[str, Any], folder: Path) -> Outcome:
    """In two grades: `problems` are about behaviour, `words` about texts."""
    found = differences(case["expected"], played(case))
    problems, words = ([_told(each) for each in found if each.is_words is grade] for grade in (False, True))
    return Outcome(problems, words, aside=_aside(case))


def _aside(case: Mapping[str, Any]) -> str | None:
    """Why a case is played but not counted."""
    if case.get("defect_of_the_reference"):
        return "a defect of the reference"
    return None if case.get("stable", True) else "not stable in the reference"


def _told(difference: Difference) -> str:
    return str(difference)


def played(case: Mapping[str, Any]) -> Record:
    """What the case comes to in the simulator, or with LIVE=1 on the running instance."""
    namespace = f"d{_STAMP}." + re.sub(r"[^a-z0-9]", "", case["id"].lower())
    host: Host = LiveHost(live_api(), namespace) if is_live() else SimulatedHost(namespace)
    return Play(host, Wording(namespace, _small_server().url)).run(case)


@cache
def _small_server() -> SmallServer:
    """One for all cases; it ends with the process."""
    return SmallServer()
