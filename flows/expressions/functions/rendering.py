"""Functions that render texts in turn, or show what is in scope."""

from __future__ import annotations

from typing import Any

from flows.expressions.errors import EvaluationError
from flows.expressions.filters.arguments import text_argument, yes_or_no
from flows.expressions.frame import Frame
from flows.expressions.registry import Taint, function
from flows.expressions.rendering import render_within
from flows.expressions.text import json_text
from flows.expressions.writers import written


@function("render", taint=Taint.PASSES)
def render(frame: Frame, to_render: Any, recursive: Any = True) -> Any:
    """Expressions inside a value rendered, until none is left. `{{ render("{{ 1 + 1 }}") }}` = `2`"""
    repeat = yes_or_no("recursive", recursive)
    return render_within(to_render, frame.context(), frame.env, frame.run, repeat=repeat)


@function("renderOnce", taint=Taint.PASSES)
def render_once(frame: Frame, to_render: Any) -> Any:
    """Expressions inside a value rendered one single time. `{{ renderOnce("{{ 1 + 1 }}") }}` = `2`"""
    return render_within(to_render, frame.context(), frame.env, frame.run, repeat=False)


@function("printContext", taint=Taint.EXACT, touches=("*",))
def print_context(frame: Frame) -> str:
    """Everything in scope, as JSON. `{% set a = 1 %}{{ printContext() contains '"a":1' }}` = `true`"""
    return json_text(frame.context(), frame.run)


@function("block", taint=Taint.EXACT)
def block(frame: Frame, name: Any) -> str:
    """The text of a named block once more, if there is one. `{% block "b" %}x{% endblock %}{{ block("b") }}` = `xx`"""
    body = frame.blocks.get(text_argument("name", name))
    if body is None:
        return ""
    frame.run.enter(8)
    text = written(frame, body)
    frame.run.leave(8)
    return text


@function("parent")
def parent() -> str:
    """The block that this one replaces; templates do not inherit here, so there is none."""
    raise EvaluationError("`parent` needs a template that extends another one, and templates do not inherit here")


@function("i18n")
def i18n(*arguments: Any) -> str:
    """A translated message; there are no message bundles here."""
    raise EvaluationError("`i18n` needs message bundles, and there are none here")
