"""Why a flow document is refused."""

from __future__ import annotations

from collections.abc import Iterable

from control_plane.kernel.words.errors import Invalid, Violation

OF_THE_WHOLE = "Invalid Flow: "
"""Begins what is said of a flow as a whole."""


class FlowInvalid(Invalid):
    """The flow document breaks rules; each violation says which, and on which line.

    `message` joins them all, one a line, each as `path: sentence`.
    """

    code = "flow_invalid"

    def __init__(self, violations: Iterable[Violation]) -> None:
        found = list(violations)
        super().__init__("\n".join(_line(violation) for violation in found), violations=found)


def _line(violation: Violation) -> str:
    """As the messages of the reference have it: what is wrong with the whole stands behind an empty path."""
    told = sentence(violation)
    return f": {told}" if told.startswith(OF_THE_WHOLE) else told


def sentence(violation: Violation) -> str:
    """The violation as one line: its path, when it has one, and what is wrong."""
    return f"{violation.path}: {violation.message}" if violation.path else violation.message
