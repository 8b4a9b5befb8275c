"""Read one expression: operators by precedence, filters, tests, calls, literals."""

from __future__ import annotations

from decimal import Decimal

from flows.expressions.cursor import Cursor
from flows.expressions.lexer import Kind, Token
from flows.expressions.nodes import (
    Arguments,
    Attribute,
    Call,
    Chain,
    Filter,
    ListOf,
    Literal,
    MapOf,
    Method,
    Name,
    Node,
    Path,
    Pipeline,
    Subscript,
    Ternary,
    Test,
    Unary,
)

# `~` and `..` bind tighter than `|`: `a ~ b | upper` is the upper case of both. `??` binds like `==`.
PRECEDENCE = {
    "or": 10,
    "and": 15,
    "is": 20,
    "contains": 20,
    "matches": 20,
    "==": 30,
    "equals": 30,
    "!=": 30,
    "<": 30,
    ">": 30,
    "<=": 30,
    ">=": 30,
    "isIn": 30,
    "??": 30,
    "???": 30,
    "+": 40,
    "-": 40,
    "*": 60,
    "/": 60,
    "%": 60,
    "|": 100,
    "~": 110,
    "..": 120,
}
WORD_OPERATORS = {"or", "and", "is", "contains", "matches", "equals", "isIn"}
UNARY = 500
# What `not` takes with its operand: these have no meaning for the boolean that it makes.
INSIDE_NOT = {"is", "contains", "matches"}
CONSTANTS = {
    "true": True,
    "TRUE": True,
    "false": False,
    "FALSE": False,
    "null": None,
    "NULL": None,
    "none": None,
    "NONE": None,
}
MAX_DIGITS = 1000


def parse_expression(cursor: Cursor, minimum: int = 0) -> Node:
    cursor.enter()
    node = _operand(cursor)
    while (operator := _operator(cursor.current)) and PRECEDENCE[operator] >= minimum:
        node = _apply(cursor, node, operator)
    if minimum == 0:
        node = _ternary(cursor, node)
    cursor.leave()
    return node


def _operator(token: Token) -> str | None:
    if token.kind is Kind.SIGN:
        return token.value if token.value in PRECEDENCE else None
    return token.value if token.kind is Kind.NAME and token.value in WORD_OPERATORS else None


def _apply(cursor: Cursor, left: Node, operator: str) -> Node:
    line = cursor.line
    cursor.next()
    if operator == "|":
        return _pipe(left, parse_filter(cursor))
    if operator == "is":
        return _test(cursor, left, line)
    precedence = PRECEDENCE[operator]
    right = parse_expression(cursor, precedence + 1)
    if isinstance(left, Chain) and left.precedence == precedence:
        left.rest.append((operator, right))
        return left
    return Chain(left, [(operator, right)], precedence, line)


def _pipe(left: Node, following: Filter) -> Node:
    if isinstance(left, Pipeline):
        left.filters.append(following)
        return left
    return Pipeline(left, [following])


def _test(cursor: Cursor, left: Node, line: int) -> Node:
    negated = cursor.current.is_name("not")
    if negated:
        cursor.next()
    name = cursor.expect(Kind.NAME, "the name of a test").value
    arguments = parse_arguments(cursor) if cursor.current.is_sign("(") else Arguments()
    return Test(left, name, arguments, negated, line)


def _ternary(cursor: Cursor, condition: Node) -> Node:
    if not cursor.take_sign("?"):
        return condition
    if cursor.take_sign(":"):
        return Ternary(condition, condition, parse_expression(cursor))
    then = parse_expression(cursor)
    otherwise: Node = parse_expression(cursor) if cursor.take_sign(":") else Literal(None)
    return Ternary(condition, then, otherwise)


def _operand(cursor: Cursor) -> Node:
    token, line = cursor.current, cursor.line
    if token.is_sign("-", "+") or token.is_name("not"):
        cursor.next()
        operand = parse_expression(cursor, UNARY)
        while token.value == "not" and (operator := _operator(cursor.current)) in INSIDE_NOT:
            operand = _apply(cursor, operand, str(operator))
        return _unary(token.value, operand, line)
    return _steps(cursor, _primary(cursor))


def _unary(sign: str, operand: Node, line: int) -> Node:
    if sign == "-" and isinstance(operand, Literal) and isinstance(operand.value, int | float | Decimal):
        return Literal(-operand.value)
    return Unary(sign, operand, line)


def _primary(cursor: Cursor) -> Node:
    token, line = cursor.current, cursor.line
    if token.kind is Kind.NAME:
        return _named(cursor, line)
    if token.kind is Kind.NUMBER:
        cursor.next()
        return Literal(_number(cursor, token))
    if token.kind is Kind.STRING:
        cursor.next()
        return Literal(_text(token.value))
    if cursor.take_sign("("):
        inner = parse_expression(cursor)
        cursor.expect_sign(")")
        return inner
    if cursor.take_sign("["):
        return ListOf(tuple(_items(cursor, "]")))
    if cursor.take_sign("{"):
        return _map(cursor)
    cursor.unexpected("a value")


def _named(cursor: Cursor, line: int) -> Node:
    name = cursor.next().value
    if cursor.current.is_sign("("):
        return Call(name, parse_arguments(cursor), line)
    return Literal(CONSTANTS[name]) if name in CONSTANTS else Name(name, line)


def _text(token: str) -> str:
    r"""What a text in quotes says: its own quote is escaped by a backslash, every other backslash stands for itself."""
    quote = token[0]
    return token[1:-1].replace("\\" + quote, quote)


def _number(cursor: Cursor, token: Token) -> int | float:
    text = token.value.rstrip("lL")
    if len(text) > MAX_DIGITS:
        cursor.fail(f"A number has more than {MAX_DIGITS} digits", token)
    return float(text) if "." in text else int(text)


def _items(cursor: Cursor, closing: str) -> list[Node]:
    items: list[Node] = []
    while not cursor.take_sign(closing):
        items.append(parse_expression(cursor))
        if not cursor.take_sign(","):
            cursor.expect_sign(closing)
            break
    return items


def _map(cursor: Cursor) -> Node:
    pairs: list[tuple[Node, Node]] = []
    while not cursor.take_sign("}"):
        key = parse_expression(cursor)
        cursor.expect_sign(":")
        pairs.append((key, parse_expression(cursor)))
        if not cursor.take_sign(","):
            cursor.expect_sign("}")
            break
    return MapOf(tuple(pairs))


def _steps(cursor: Cursor, target: Node) -> Node:
    steps: list[Attribute | Subscript | Method] = []
    while True:
        line = cursor.line
        if cursor.take_sign("."):
            steps.append(_attribute(cursor, line))
        elif cursor.take_sign("["):
            steps.append(Subscript(parse_expression(cursor), line))
            cursor.expect_sign("]")
        else:
            return Path(target, tuple(steps)) if steps else target


def _attribute(cursor: Cursor, line: int) -> Attribute | Method:
    if cursor.current.kind not in (Kind.NAME, Kind.NUMBER):
        cursor.unexpected("a name after `.`")
    name = cursor.next().value
    if cursor.current.is_sign("("):
        return Method(name, parse_arguments(cursor), line)
    return Attribute(name, line)


def parse_filter(cursor: Cursor) -> Filter:
    line = cursor.line
    name = cursor.expect(Kind.NAME, "the name of a filter").value
    arguments = parse_arguments(cursor) if cursor.current.is_sign("(") else Arguments()
    return Filter(name, arguments, line)


def parse_arguments(cursor: Cursor) -> Arguments:
    cursor.expect_sign("(")
    positional: list[Node] = []
    named: dict[str, Node] = {}
    while not cursor.take_sign(")"):
        if cursor.current.kind is Kind.NAME and cursor.following.is_sign("="):
            name = cursor.current
            cursor.next()
            cursor.next()
            if name.value in named:
                cursor.fail(f"The argument `{name.value}` is given twice", name)
            named[name.value] = parse_expression(cursor)
        else:
            positional.append(parse_expression(cursor))
        if not cursor.take_sign(","):
            cursor.expect_sign(")")
            break
    return Arguments(tuple(positional), tuple(named.items()))
