"""The rules that hold between the parts of a flow."""

from __future__ import annotations

from flows.model.flow import Flow
from flows.model.reading.session import Reading


def check_rules(flow: Flow, reading: Reading) -> None:
    """Report everything in the flow that breaks a rule no single part can see."""


def flow_warnings(flow: Flow) -> list[str]:
    """What is allowed but seldom meant."""
    return []
