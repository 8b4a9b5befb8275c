"""Read a whole template: text, outputs and tags."""

from __future__ import annotations

from collections.abc import Callable

from flows.expressions.cursor import Cursor
from flows.expressions.lexer import Kind, Token
from flows.expressions.nodes import (
    Block,
    Body,
    Filter,
    FilterBlock,
    For,
    If,
    Macro,
    Node,
    Print,
    Set,
    Statement,
    Text,
)
from flows.expressions.parser import parse_expression, parse_filter


def parse(source: str) -> Body:
    cursor = Cursor(source)
    body, _ = _body(cursor, ())
    return body


def _body(cursor: Cursor, endings: tuple[str, ...]) -> tuple[Body, str | None]:
    """Statements up to one of the ending tags, whose name is already read; the rest of that tag is not."""
    cursor.enter()
    statements: list[Statement] = []
    ending: str | None = None
    while ending is None and cursor.current.kind is not Kind.END:
        ending = _statement(cursor, statements, endings)
    if ending is None and endings:
        cursor.unexpected(f"`{{% {endings[-1]} %}}`")
    cursor.leave()
    return tuple(statements), ending


def _statement(cursor: Cursor, statements: list[Statement], endings: tuple[str, ...]) -> str | None:
    """Add the next statement, or answer which ending tag stands there."""
    token = cursor.current
    if token.kind is Kind.TEXT:
        statements.append(Text(cursor.next().value))
    elif token.kind is Kind.PRINT_OPEN:
        statements.append(_print(cursor))
    else:
        name = _tag_name(cursor)
        if name.value in endings:
            return name.value
        statements.append(_tag(cursor, name))
    return None


def _print(cursor: Cursor) -> Print:
    cursor.next()
    line = cursor.line
    value = parse_expression(cursor)
    cursor.expect(Kind.PRINT_CLOSE, "`}}`")
    return Print(value, line)


def _tag_name(cursor: Cursor) -> Token:
    cursor.expect(Kind.TAG_OPEN, "a tag")
    return cursor.expect(Kind.NAME, "the name of a tag")


def _tag(cursor: Cursor, name: Token) -> Statement:
    reader = _TAGS.get(name.value)
    if reader is None:
        cursor.fail(f'Unexpected tag name "{name.value}"', name)
    return reader(cursor)


def _close(cursor: Cursor) -> None:
    cursor.expect(Kind.TAG_CLOSE, "`%}`")


def _if(cursor: Cursor) -> If:
    branches: list[tuple[Node, Body]] = []
    ending: str | None = "elseif"
    while ending in ("elseif", "elif"):
        condition = parse_expression(cursor)
        _close(cursor)
        body, ending = _body(cursor, ("elseif", "elif", "else", "endif"))
        branches.append((condition, body))
    otherwise: Body = ()
    if ending == "else":
        _close(cursor)
        otherwise, _ = _body(cursor, ("endif",))
    _close(cursor)
    return If(tuple(branches), otherwise)


def _for(cursor: Cursor) -> For:
    line = cursor.line
    name = cursor.expect(Kind.NAME, "the name of the loop variable").value
    if not cursor.current.is_name("in"):
        cursor.unexpected("`in`")
    cursor.next()
    values = parse_expression(cursor)
    _close(cursor)
    body, ending = _body(cursor, ("else", "endfor"))
    otherwise: Body = ()
    if ending == "else":
        _close(cursor)
        otherwise, _ = _body(cursor, ("endfor",))
    _close(cursor)
    return For(name, values, body, otherwise, line)


def _set(cursor: Cursor) -> Set:
    name = cursor.expect(Kind.NAME, "the name of a variable").value
    cursor.expect_sign("=")
    value = parse_expression(cursor)
    _close(cursor)
    return Set(name, value)


def _filter(cursor: Cursor, ending: str = "endfilter") -> FilterBlock:
    filters: list[Filter] = [parse_filter(cursor)]
    while cursor.take_sign("|"):
        filters.append(parse_filter(cursor))
    _close(cursor)
    body, _ = _body(cursor, (ending,))
    _close(cursor)
    return FilterBlock(filters, body)


def _apply(cursor: Cursor) -> FilterBlock:
    return _filter(cursor, "endapply")


def _macro(cursor: Cursor) -> Macro:
    name = cursor.expect(Kind.NAME, "the name of a macro").value
    cursor.expect_sign("(")
    parameters: dict[str, Node | None] = {}
    while not cursor.take_sign(")"):
        token = cursor.expect(Kind.NAME, "the name of a parameter")
        if token.value in parameters:
            cursor.fail(f"The parameter `{token.value}` is named twice", token)
        parameters[token.value] = parse_expression(cursor) if cursor.take_sign("=") else None
        if not cursor.take_sign(","):
            cursor.expect_sign(")")
            break
    _close(cursor)
    body, _ = _body(cursor, ("endmacro",))
    _close_named(cursor)
    return Macro(name, tuple(parameters.items()), body)


def _block(cursor: Cursor) -> Block:
    token = cursor.next()
    if token.kind not in (Kind.NAME, Kind.STRING):
        cursor.fail("Expected the name of a block", token)
    _close(cursor)
    body, _ = _body(cursor, ("endblock",))
    _close_named(cursor)
    return Block(token.value.strip("'\""), body)


def _close_named(cursor: Cursor) -> None:
    """An ending tag may repeat the name that it ends."""
    if cursor.current.kind in (Kind.NAME, Kind.STRING):
        cursor.next()
    _close(cursor)


_TAGS: dict[str, Callable[[Cursor], Statement]] = {
    "if": _if,
    "for": _for,
    "set": _set,
    "filter": _filter,
    "apply": _apply,
    "macro": _macro,
    "block": _block,
}
