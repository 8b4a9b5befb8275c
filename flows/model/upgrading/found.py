"""What an upgrade changed, and what it could not."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Note:
    """One thing about a flow, with the line it stands in: of the given text, or of the new one for what is left."""

    message: str
    line: int
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Upgraded:
    """A flow in the present generation's forms.

    `changes` tell what was rewritten; `cautions` what may now run another way; `left` what stays as it was, and why.
    """

    source: str
    changes: list[Note] = field(default_factory=list)
    cautions: list[Note] = field(default_factory=list)
    left: list[Note] = field(default_factory=list)


@dataclass(slots=True)
class Findings:
    """What one rule has to tell, collected while it works."""

    rule: str
    changes: list[Note] = field(default_factory=list)
    cautions: list[Note] = field(default_factory=list)
    left: list[Note] = field(default_factory=list)

    def changed(self, message: str, line: int) -> None:
        self.changes.append(Note(message, line, self.rule))

    def caution(self, message: str, line: int) -> None:
        self.cautions.append(Note(message, line, self.rule))

    def leave(self, message: str, line: int) -> None:
        self.left.append(Note(message, line, self.rule))
