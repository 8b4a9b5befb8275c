"""Who is who, for tests of what an operator lays over everything."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from control_plane.kernel.words.clock import iso
from governance.kill_switches.enforcing import Enforcer
from tests.cast import Cast, make_cast

LONG_AGO = iso(datetime(2020, 1, 1, tzinfo=UTC))


@pytest.fixture
def people(db: None) -> Cast:
    return make_cast()


def ask(people: Cast, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    """As the superadmin."""
    answer = getattr(people.root.client, method)(path, body, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json() if answer.content else None


def throw(people: Cast, kind: str, status: int = 200, **scope: Any) -> Any:
    body = {"name": "outage", "evaluationType": kind, "startDate": LONG_AGO, **scope}
    return ask(people, "post", "/api/v1/kill-switches", body, status)


def lift(people: Cast, switch: Any) -> None:
    ask(people, "delete", f"/api/v1/kill-switches/{switch['id']}")


@pytest.fixture
def enforcer() -> Enforcer:
    """As a scheduler has it that has just started."""
    return Enforcer()
