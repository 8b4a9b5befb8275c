"""Of all switches that cover an execution the narrowest decides, and of two alike the stricter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from governance.in_force.switches import Evaluation, Switch, decisive

AT = datetime(2030, 1, 1, tzinfo=UTC)
KILL, CANCEL, IGNORE, PASS = Evaluation


def switch(kind: Evaluation, **scope: object) -> Switch:
    return Switch(id=f"{kind} {scope}", name="", evaluation=kind, start=AT, **scope)  # type: ignore[arg-type]


def decided(*switches: Switch, at: datetime = AT, tenant: str = "acme", namespace: str = "a.b", flow: str = "f") -> str:
    found = decisive(switches, at, tenant=tenant, namespace=namespace, flow_id=flow, execution_id="e")
    return found.evaluation.value if found is not None else ""


@pytest.mark.parametrize(
    ("scope", "is_covered"),
    [
        ({}, True),
        ({"tenant": "acme"}, True),
        ({"tenant": "globex"}, False),
        ({"tenant": "acme", "namespace": "a"}, True),
        ({"tenant": "acme", "namespace": "a.b"}, True),
        ({"tenant": "acme", "namespace": "a.b.c"}, False),
        ({"tenant": "acme", "namespace": "a.bc"}, False),
        ({"tenant": "acme", "namespace": "a.b", "flow_id": "f"}, True),
        ({"tenant": "acme", "namespace": "a", "flow_id": "f"}, False),
        ({"tenant": "acme", "namespace": "a.b", "flow_id": "g"}, False),
        ({"tenant": "acme", "execution_ids": frozenset({"e"})}, True),
        ({"tenant": "acme", "execution_ids": frozenset({"x"})}, False),
    ],
)
def test_a_switch_covers_its_scope_and_what_is_below(scope, is_covered) -> None:
    assert decided(switch(KILL, **scope)) == ("KILL" if is_covered else "")


def test_the_narrowest_decides() -> None:
    instance, tenant = switch(KILL), switch(CANCEL, tenant="acme")
    namespace = switch(PASS, tenant="acme", namespace="a")
    below, flow = (
        switch(IGNORE, tenant="acme", namespace="a.b"),
        switch(KILL, tenant="acme", namespace="a.b", flow_id="f"),
    )
    own = switch(PASS, tenant="acme", execution_ids=frozenset({"e"}))
    ladder = [instance, tenant, namespace, below, flow, own]
    for most in range(1, len(ladder) + 1):
        assert decided(*ladder[:most]) == ladder[most - 1].evaluation
        assert decided(*reversed(ladder[:most])) == ladder[most - 1].evaluation


def test_of_two_alike_the_stricter_decides() -> None:
    assert decided(switch(PASS), switch(IGNORE)) == "IGNORE"
    assert decided(switch(IGNORE), switch(CANCEL)) == "CANCEL"
    assert decided(switch(CANCEL), switch(KILL)) == "KILL"


def test_it_holds_from_its_start_until_before_its_end() -> None:
    short = Switch(id="s", name="", evaluation=KILL, start=AT, end=AT + timedelta(hours=1))
    assert decided(short, at=AT - timedelta(seconds=1)) == ""
    assert decided(short, at=AT) == "KILL"
    assert decided(short, at=AT + timedelta(hours=1)) == ""
