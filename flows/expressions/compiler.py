"""Turn the tree of an expression into Python closures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flows.expressions.binding import bind_arguments
from flows.expressions.calls import call
from flows.expressions.errors import ArgumentError, EvaluationError, IncomparableError, UndefinedError
from flows.expressions.frame import MISSING, Evaluate, Frame
from flows.expressions.nodes import (
    Call,
    Chain,
    Filter,
    ListOf,
    Literal,
    MapOf,
    Name,
    Node,
    Path,
    Pipeline,
    Ternary,
    Test,
    Unary,
)
from flows.expressions.operators import OPERATORS, Operator, negated, truth
from flows.expressions.registry import FILTERS, FUNCTIONS, TESTS, Needs, Operation
from flows.expressions.stepping import compile_path, undefined

Step = Callable[[Frame, Any], Any]


def compile_node(node: Node) -> Evaluate:
    return _COMPILERS[type(node)](node)


def _literal(node: Literal) -> Evaluate:
    value = node.value
    return lambda frame: value


def _name(node: Name) -> Evaluate:
    name, line = node.name, node.line
    if name == "_context":
        return _context

    def load(frame: Frame) -> Any:
        for layer in reversed(frame.layers):
            if name in layer:
                return layer[name]
        value = frame.scope.get(name, MISSING)
        if value is MISSING:
            raise undefined(frame, name, line)
        return value

    return load


def _context(frame: Frame) -> Any:
    """Everything in scope, or what a macro was given under this name."""
    given = frame.lookup("_context")
    return frame.context() if given is MISSING else given


def _call(node: Call) -> Evaluate:
    bind, operation, name = bind_arguments(node.arguments, compile_node), FUNCTIONS.get(node.name), node.name

    def run(frame: Frame) -> Any:
        macro = frame.macros.get(name)
        positional, named = bind(frame)
        if macro is not None:
            return macro(frame, positional, named)
        if operation is None or (frame.env.recursive and name in ("render", "renderOnce")):
            raise _located(EvaluationError(f"Function or Macro [{name}] does not exist."), frame, node.line)
        try:
            return call(frame, operation, (), positional, named)
        except ArgumentError as error:
            raise _located(error, frame, node.line) from None

    def ask(frame: Frame) -> Any:
        """The same for what asks the world: whoever reads in a log what it lacks wants to know who asked."""
        try:
            return run(frame)
        except UndefinedError as error:
            error.happened_at(frame.source, node.line)
            raise

    return ask if operation is not None and operation.needs is Needs.SERVICES else run


def _pipeline(node: Pipeline) -> Evaluate:
    target = compile_node(node.target)
    stages = [_stage(each) for each in node.filters]
    first = FILTERS.get(node.filters[0].name)
    if first is not None and first.takes_undefined:
        target = _or_null(target)

    def run(frame: Frame) -> Any:
        value = target(frame)
        for stage in stages:
            value = stage(frame, value)
        return value

    return run


def _or_null(target: Evaluate) -> Evaluate:
    def run(frame: Frame) -> Any:
        try:
            return target(frame)
        except UndefinedError:
            return None

    return run


def _stage(node: Filter) -> Step:
    bind, operation = bind_arguments(node.arguments, compile_node), FILTERS.get(node.name)
    if operation is None:
        return _unknown("Filter", node.name, node.line)
    known: Operation = operation
    if not node.arguments.all():
        return lambda frame, value: call(frame, known, (value,), [], {})
    return lambda frame, value: call(frame, known, (value,), *bind(frame))


def _unknown(kind: str, name: str, line: int) -> Step:
    def refuse(frame: Frame, value: Any) -> Any:
        raise _located(EvaluationError(f"{kind} [{name}] does not exist."), frame, line)

    return refuse


def _located(error: EvaluationError, frame: Frame, line: int) -> EvaluationError:
    error.happened_at(frame.source, line)
    return error


def compile_filters(filters: list[Filter]) -> Step:
    """Several filters as one, for the tag that filters a whole body."""
    stages = [_stage(each) for each in filters]

    def run(frame: Frame, value: Any) -> Any:
        for stage in stages:
            value = stage(frame, value)
        return value

    return run


def _test(node: Test) -> Evaluate:
    target, bind, operation, wanted = (
        compile_node(node.target),
        bind_arguments(node.arguments, compile_node),
        TESTS.get(node.name),
        True,
    )
    if node.negated:
        wanted = False
    if node.name == "defined":
        return lambda frame: _is_defined(frame, target) is wanted
    if operation is None:
        refuse = _unknown("Test", node.name, node.line)
        return lambda frame: refuse(frame, None)
    known: Operation = operation
    if node.name == "null":
        target = _or_null(target)
    return lambda frame: bool(call(frame, known, (target(frame),), *bind(frame))) is wanted


def _is_defined(frame: Frame, target: Evaluate) -> bool:
    """Also null is not defined."""
    try:
        return target(frame) is not None
    except UndefinedError:
        return False


def _chain(node: Chain) -> Evaluate:
    signs = {sign for sign, _ in node.rest}
    first = compile_node(node.first)
    rest = [(sign, compile_node(operand)) for sign, operand in node.rest]
    if signs <= {"and", "or"}:
        return _logic(first, rest, node.rest[0][0] == "or")
    if signs & {"??", "???"}:
        return _coalesce(first, rest)
    if len(rest) == 1:
        return _binary(first, rest[0], node.line)

    def run(frame: Frame) -> Any:
        value, account = first(frame), frame.run
        for sign, operand in rest:
            account.step()
            value = OPERATORS[sign](account, value, operand(frame))
        return value

    return run


def _binary(left: Evaluate, rest: tuple[str, Evaluate], line: int) -> Evaluate:
    sign, right = rest
    operator: Operator = OPERATORS[sign]
    if sign in _COMPARISONS:
        return _compared(left, right, operator, _COMPARISONS[sign], line)
    return lambda frame: operator(frame.run, left(frame), right(frame))


_COMPARISONS = {"==": "equals", "equals": "equals", "!=": "not equals"}


def _compared(left: Evaluate, right: Evaluate, operator: Operator, words: str, line: int) -> Evaluate:
    def run(frame: Frame) -> Any:
        try:
            return operator(frame.run, left(frame), right(frame))
        except UndefinedError as error:
            if type(error) is not UndefinedError:
                raise
            raise IncomparableError(error, words, frame.source, line) from None

    return run


def _logic(first: Evaluate, rest: list[tuple[str, Evaluate]], decisive: bool) -> Evaluate:
    """`and` stops at the first operand that does not hold, `or` at the first that does."""
    operands = [first, *(operand for _, operand in rest)]

    def run(frame: Frame) -> bool:
        return (
            any(truth(each(frame)) for each in operands) if decisive else all(truth(each(frame)) for each in operands)
        )

    return run


def _coalesce(first: Evaluate, rest: list[tuple[str, Evaluate]]) -> Evaluate:
    """`??` passes over null and undefined, `???` over undefined alone; the last operand must be defined."""

    def run(frame: Frame) -> Any:
        value, missing = _attempt(frame, first)
        for sign, operand in rest:
            if sign == "??" or sign == "???":
                if missing is not None or (value is None and sign == "??"):
                    value, missing = _attempt(frame, operand)
            else:
                value, missing = _joined(frame, sign, value, missing, operand)
        return _present(value, missing)

    return run


def _joined(
    frame: Frame, sign: str, value: Any, missing: UndefinedError | None, operand: Evaluate
) -> tuple[Any, UndefinedError | None]:
    """What an operator of the same precedence makes of both, as long as both are defined."""
    other, absent = _attempt(frame, operand)
    missing = missing or absent
    return (None, missing) if missing is not None else (OPERATORS[sign](frame.run, value, other), None)


def _attempt(frame: Frame, operand: Evaluate) -> tuple[Any, UndefinedError | None]:
    try:
        return operand(frame), None
    except UndefinedError as error:
        return None, error


def _present(value: Any, missing: UndefinedError | None) -> Any:
    if missing is not None:
        raise missing
    return value


def _unary(node: Unary) -> Evaluate:
    operand, sign = compile_node(node.operand), node.sign
    if sign == "not":
        return lambda frame: not truth(operand(frame))
    if sign == "-":
        return lambda frame: negated(frame.run, operand(frame))
    return operand


def _ternary(node: Ternary) -> Evaluate:
    condition, then, otherwise = compile_node(node.condition), compile_node(node.then), compile_node(node.otherwise)
    return lambda frame: then(frame) if truth(condition(frame)) else otherwise(frame)


def _list(node: ListOf) -> Evaluate:
    items = [compile_node(each) for each in node.items]
    return lambda frame: [each(frame) for each in items]


def _map(node: MapOf) -> Evaluate:
    pairs = [(compile_node(key), compile_node(value)) for key, value in node.pairs]

    def build(frame: Frame) -> Mapping[Any, Any]:
        return {_key(key(frame)): value(frame) for key, value in pairs}

    return build


def _key(value: Any) -> Any:
    if isinstance(value, Mapping | list | tuple | set):
        raise EvaluationError("A list or a map cannot be the key of a map")
    return value


_COMPILERS: dict[type, Callable[[Any], Evaluate]] = {
    Literal: _literal,
    Name: _name,
    Path: lambda node: compile_path(node, compile_node),
    Call: _call,
    Pipeline: _pipeline,
    Test: _test,
    Chain: _chain,
    Unary: _unary,
    Ternary: _ternary,
    ListOf: _list,
    MapOf: _map,
}
