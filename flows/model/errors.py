"""Why a flow document is refused."""

from __future__ import annotations

from collections.abc import Iterable

from control_plane.kernel.words.errors import Invalid, Violation


class FlowInvalid(Invalid):
    """The flow document breaks rules; each violation says which, and on which line.

    `message` joins them all, one a line, each as `path: sentence`.
    """

    code = "flow_invalid"

    def __init__(self, violations: Iterable[Violation]) -> None:
        found = list(violations)
        super().__init__("\n".join(sentence(violation) for violation in found), violations=found)


def sentence(violation: Violation) -> str:
    """The violation as one line: its path, when it has one, and what is wrong."""
    return f"{violation.path}: {violation.message}" if violation.path else violation.message
