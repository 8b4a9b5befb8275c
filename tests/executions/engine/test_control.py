"""Control expressions: what is known without rendering, and what they need."""

from __future__ import annotations

from executions.engine.control import NOTHING, control_of


def test_what_holds_no_expression_is_known_at_once() -> None:
    control = control_of({"values": ["a", 1], "limit": 2})
    assert control.constants == {"values": ["a", 1], "limit": 2}
    assert control.needs == NOTHING


def test_what_holds_one_is_not() -> None:
    for text in ("{{ inputs.a }}", "{{ 1 }}", "{% if true %}a{% endif %}"):
        assert control_of({"values": text}).constants is None
