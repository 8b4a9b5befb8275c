"""The expression language: `{{ inputs.name | upper }}` inside flows."""

from flows.expressions.analysis import References
from flows.expressions.environment import Environment, NoServices, Services
from flows.expressions.errors import (
    ArgumentError,
    EvaluationError,
    ExpressionError,
    ExpressionLimitError,
    ExpressionSyntaxError,
    ServiceError,
    UndefinedError,
)
from flows.expressions.limits import DEFAULT_LIMITS, Limits
from flows.expressions.numbers import Float32
from flows.expressions.operators import truth
from flows.expressions.rendering import render
from flows.expressions.taint import TaintedText, is_tainted, masked, secrets_in, taint
from flows.expressions.template import Template
from flows.expressions.template import compile_template as compile  # the word users of the package know

__all__ = [
    "DEFAULT_LIMITS",
    "ArgumentError",
    "Environment",
    "EvaluationError",
    "ExpressionError",
    "ExpressionLimitError",
    "ExpressionSyntaxError",
    "Float32",
    "Limits",
    "NoServices",
    "References",
    "ServiceError",
    "Services",
    "TaintedText",
    "Template",
    "UndefinedError",
    "compile",
    "is_tainted",
    "masked",
    "render",
    "secrets_in",
    "taint",
    "truth",
]
