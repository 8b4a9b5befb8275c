"""Render whole values, and texts that contain expressions in turn."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

from flows.expressions.environment import Environment
from flows.expressions.errors import EvaluationError, ExpressionError
from flows.expressions.limits import Run
from flows.expressions.taint import TaintedText, join, plain_text, taint
from flows.expressions.template import compile_template

RAW = re.compile(r"\{%-?\s*raw\s*-?%\}(.*?)\{%-?\s*endraw\s*-?%\}", re.DOTALL)
RENDER_LEVELS = 8
COMPILE_STEPS = 30


def render(value: Any, scope: Mapping[str, Any], env: Environment) -> Any:
    """Render a text, or every text in a map (its keys too) or a list; anything else stays as it is."""
    return render_within(value, scope, env, Run(env.limits), repeat=env.recursive)


def render_within(value: Any, scope: Mapping[str, Any], env: Environment, run: Run, *, repeat: bool) -> Any:
    """Like `render`, on an account that is already open; `repeat` renders until nothing changes."""
    run.step()
    if isinstance(value, str):
        return _render_text(value, scope, env, run, repeat)
    if isinstance(value, Mapping):
        run.enter()
        rendered = {
            render_within(key, scope, env, run, repeat=repeat): render_within(each, scope, env, run, repeat=repeat)
            for key, each in value.items()
        }
        run.leave()
        return rendered
    if isinstance(value, list | tuple | set | frozenset):
        run.enter()
        items = [render_within(each, scope, env, run, repeat=repeat) for each in value]
        run.leave()
        return items
    return value


def _render_text(text: str, scope: Mapping[str, Any], env: Environment, run: Run, repeat: bool) -> str:
    if not has_expression(text):
        return text
    run.enter(RENDER_LEVELS)
    rendered = _repeatedly(text, scope, env, run) if repeat else _once(text, scope, env, run)
    run.leave(RENDER_LEVELS)
    return rendered


def has_expression(text: str) -> bool:
    """Whether the text holds anything but text."""
    return "{{" in text or "{%" in text or "{#" in text


def _once(text: str, scope: Mapping[str, Any], env: Environment, run: Run) -> str:
    run.step(1 + len(text) // 1024 + COMPILE_STEPS * (text.count("{{") + text.count("{%")))
    if not isinstance(text, TaintedText):
        return compile_template(text).render_within(scope, env, run)
    try:
        tainted: str = taint(compile_template(text).render_within(scope, env, run))
    except ExpressionError:
        raise EvaluationError("A text that holds a secret cannot be rendered: it is not a valid expression") from None
    return tainted


def _repeatedly(text: str, scope: Mapping[str, Any], env: Environment, run: Run) -> str:
    """Render the result again until it no longer changes; what stands in `raw` is put aside and never rendered."""
    mark = f"\ue000{secrets.token_hex(8)}:"
    kept: list[str] = []
    for _ in range(env.limits.renders):
        text = _put_aside(text, mark, kept)
        rendered = _once(text, scope, env, run) if has_expression(text) else text
        if rendered == text:
            return _put_back(rendered, mark, kept)
        text = rendered
    raise EvaluationError("Too many rendering attempts")


def _put_aside(text: str, mark: str, kept: list[str]) -> str:
    def keep(match: re.Match[str]) -> str:
        kept.append(match.group(1))
        return f"{mark}{len(kept) - 1}\ue001"

    return text if isinstance(text, TaintedText) else RAW.sub(keep, text)


def _put_back(text: str, mark: str, kept: list[str]) -> str:
    if not kept:
        return text
    pieces: list[str] = []
    spans = list(text.spans) if isinstance(text, TaintedText) else []
    plain = plain_text(text)
    position = 0
    for match in re.finditer(re.escape(mark) + "(\\d+)\ue001", plain):
        pieces += [_slice(plain, spans, position, match.start()), kept[int(match.group(1))]]
        position = match.end()
    return join([*pieces, _slice(plain, spans, position, len(plain))])


def _slice(plain: str, spans: list[tuple[int, int]], start: int, end: int) -> str:
    inside = tuple((max(a, start) - start, min(b, end) - start) for a, b in spans if a < end and b > start)
    return TaintedText(plain[start:end], inside) if inside else plain[start:end]
