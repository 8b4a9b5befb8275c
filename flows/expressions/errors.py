"""What can go wrong with an expression, as one family that knows where it happened."""

from __future__ import annotations

MOST_SHOWN = 300


class ExpressionError(Exception):
    """The expression could not be used."""

    def __init__(self, message: str, *, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line

    def happened_at(self, source: str, line: int) -> None:
        """Say in which expression it was, unless that is known already."""
        if self.line is None:
            self.line = line
            shown = source if len(source) <= MOST_SHOWN else f"{source[:MOST_SHOWN]}..."
            self.message = f"{self.message} ({shown}:{line})"
            self.args = (self.message,)


class ExpressionSyntaxError(ExpressionError):
    """The text is not an expression of the language; says where, counted from 1."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(f"{message} at line {line}, column {column}", line=line)
        self.reason = message
        self.column = column


class EvaluationError(ExpressionError):
    """The expression is well formed, yet has no value here. `line` is the line of the template, when it is known."""


class UndefinedError(EvaluationError):
    """A name or a key that the scope does not hold; `??`, `???`, `default` and `is defined` catch it."""

    def __init__(self, name: str, source: str, line: int) -> None:
        super().__init__(f"Unable to find `{name}` used in the expression `{source}` at line {line}", line=line)
        self.name = name


class IncomparableError(UndefinedError):
    """`==` or `!=` with something undefined on either side. `name` says what."""

    def __init__(self, missing: UndefinedError, words: str, source: str, line: int) -> None:
        super().__init__(missing.name, source, line)
        self.line = None
        self.message = f"Could not perform {words} comparison"
        self.happened_at(source, line)


class ArgumentError(EvaluationError):
    """A filter, function or test was called in a way that it does not understand."""


class ServiceError(EvaluationError):
    """Something outside the language (secret, file, key-value store, network) refused or failed."""


class ExpressionLimitError(EvaluationError):
    """The expression would need more time, memory or depth than it may use."""
