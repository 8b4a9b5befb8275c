"""Policies are carried out by themselves."""

from __future__ import annotations

import pytest

from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.clock import parse_iso
from governance.models import RetentionPolicy, RetentionRun
from governance.retention.timing import begin_due_runs
from tests.cast import ACME, Cast
from tests.governance.retention.ground import (
    DAYS,
    executions,
    left,
    policy,
    work,
)

pytestmark = pytest.mark.django_db


def at(text: str) -> None:
    """The last night, as the clock of the policy that was written last sees it."""
    with tenant_scope(ACME):
        RetentionPolicy.objects.update(updated_at=parse_iso(text))


def test_policies_are_carried_out_once_a_night_but_not_in_the_night_they_are_written(people: Cast) -> None:
    executions(1)
    policy(people, EXECUTIONS=[DAYS])
    begin_due_runs()
    work()
    assert len(left()) == 1
    at("2020-01-01T00:00:00Z")
    begin_due_runs()
    work()
    begin_due_runs()
    with tenant_scope(ACME):
        (only,) = RetentionRun.objects.all()
    assert (only.state, only.actor["kind"], left()) == ("DONE", "SYSTEM", set())
