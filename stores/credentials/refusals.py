"""Why there is no token."""

from __future__ import annotations

from control_plane.kernel.words.errors import Conflict

STEPS = ("secrets", "signature", "request", "token")
"""What is done for a token, in this order."""


class MintFailed(Conflict):
    """There is no token. `step` is where it ended; where asking again may help, `is_final` is False, and `retry_after`
    is what the server has said of when."""

    code = "credential_failed"

    def __init__(self, step: str, message: str, *, is_final: bool = True, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.step = step
        self.is_final = is_final
        self.retry_after = retry_after
