"""A compiled template, and the cache of them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any

from flows.expressions.analysis import References, analyse
from flows.expressions.compiler import compile_node
from flows.expressions.environment import Environment
from flows.expressions.errors import EvaluationError, ExpressionLimitError, ExpressionSyntaxError
from flows.expressions.frame import Evaluate, Frame, Write
from flows.expressions.leaving import leaving
from flows.expressions.limits import Run
from flows.expressions.nodes import Body, Print
from flows.expressions.statements import parse
from flows.expressions.taint import MASK, TaintedText, plain_text, taint
from flows.expressions.vocabulary import load_vocabulary
from flows.expressions.writers import compile_body, declare, written

CACHE_BYTES = 16 * 1024 * 1024
ENTRY_OVERHEAD = 2048


class Template:
    """The text between and inside `{{ }}`, ready to be rendered any number of times, by any thread."""

    __slots__ = ("_declare", "_single", "_write", "references", "source")

    def __init__(self, source: str) -> None:
        load_vocabulary()
        try:
            body = parse(source)
            self._compile(source, body)
        except RecursionError:
            raise ExpressionSyntaxError("The expression nests too deep", 1, 1) from None

    def _compile(self, source: str, body: Body) -> None:
        self.source = source
        self._write: Write = compile_body(body)
        self._declare = declare(body)
        only = body[0] if len(body) == 1 else None
        self._single: Evaluate | None = compile_node(only.value) if isinstance(only, Print) else None
        self.references: References = analyse(body)

    def render(self, scope: Mapping[str, Any], env: Environment) -> str:
        """The text of the template; it is a `TaintedText` when parts of it are secret."""
        return self.render_within(scope, env, Run(env.limits))

    def evaluate(self, scope: Mapping[str, Any], env: Environment) -> Any:
        """The value itself when the template is one single output, otherwise the text."""
        try:
            return leaving(self.evaluate_within(scope, env, Run(env.limits)))
        except RecursionError:
            raise ExpressionLimitError("A value is nested too deep to be handed on") from None

    def render_within(self, scope: Mapping[str, Any], env: Environment, run: Run) -> str:
        """Like `render`, on the account of a rendering that is already under way."""
        text: str = self._guarded(self._text, scope, env, run)
        return text

    def evaluate_within(self, scope: Mapping[str, Any], env: Environment, run: Run) -> Any:
        return self._guarded(self._single or self._text, scope, env, run)

    def _text(self, frame: Frame) -> str:
        return written(frame, self._write)

    def _guarded(self, work: Evaluate, scope: Mapping[str, Any], env: Environment, run: Run) -> Any:
        frame = Frame(scope, env, run, MASK if isinstance(self.source, TaintedText) else self.source)
        self._declare(frame)
        try:
            result = work(frame)
        except RecursionError:
            raise ExpressionLimitError("The expression nests too deep") from None
        except MemoryError:
            raise ExpressionLimitError("The expression needs too much memory") from None
        except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError) as error:
            raise EvaluationError(f"The expression cannot be evaluated: {type(error).__name__}") from error
        return taint(result) if isinstance(self.source, TaintedText) else result


class _Cache:
    """Templates by source, the least recently used dropped when their sources grow too many bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._templates: OrderedDict[str, Template] = OrderedDict()
        self._lock = Lock()

    def get(self, source: str) -> Template | None:
        template = self._templates.get(source)
        if template is not None:
            try:
                self._templates.move_to_end(source)
            except KeyError:
                return template
        return template

    def put(self, template: Template) -> None:
        with self._lock:
            if template.source in self._templates or cost(template.source) > self._limit // 8:
                return
            self._templates[template.source] = template
            self._size += cost(template.source)
            while self._size > self._limit:
                dropped, _ = self._templates.popitem(last=False)
                self._size -= cost(dropped)


def cost(source: str) -> int:
    """An estimate of the memory of a compiled template."""
    return ENTRY_OVERHEAD + 16 * len(source)


_cache = _Cache(CACHE_BYTES)


def compile_template(source: str) -> Template:
    """Compile or take from the cache; a source that is itself secret is never kept. Raises `ExpressionSyntaxError`."""
    if isinstance(source, TaintedText):
        return Template(source)
    source = plain_text(source)
    template = _cache.get(source)
    if template is None:
        template = Template(source)
        _cache.put(template)
    return template
