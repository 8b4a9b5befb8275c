"""Read a jq program: pipes, operators by precedence, definitions, terms with what follows them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from flows.expressions.jq import nodes
from flows.expressions.jq.errors import JqSyntaxError
from flows.expressions.jq.lexing import Token, tokens
from flows.expressions.jq.nodes import Node, Pattern

MAX_NESTING = 60
END = Token("end", "the end of the program")
PRECEDENCE = {
    "//": 2,
    "?//": 2,
    "=": 3,
    "|=": 3,
    "+=": 3,
    "-=": 3,
    "*=": 3,
    "/=": 3,
    "%=": 3,
    "//=": 3,
    "or": 4,
    "and": 5,
    "==": 6,
    "!=": 6,
    "<": 6,
    "<=": 6,
    ">": 6,
    ">=": 6,
    "+": 7,
    "-": 7,
    "*": 8,
    "/": 8,
    "%": 8,
}
ASSIGNING, COMPARING, ALTERNATIVE = 3, 6, 2
KEYWORDS = frozenset(
    [
        "if",
        "then",
        "elif",
        "else",
        "end",
        "as",
        "def",
        "reduce",
        "foreach",
        "try",
        "catch",
        "label",
        "and",
        "or",
        "import",
    ]
)
IDENTITY = nodes.Identity()


@lru_cache(maxsize=256)
def parse(program: str) -> Node:
    """Raises `JqSyntaxError`."""
    found = tokens(program)
    return _Parser(found).whole() if found else IDENTITY


class _Parser:
    def __init__(self, found: tuple[Token, ...]) -> None:
        self.tokens = found
        self.place = 0
        self.nesting = 0

    @property
    def current(self) -> Token:
        return self.tokens[self.place] if self.place < len(self.tokens) else END

    def whole(self) -> Node:
        node = self.pipe()
        if self.current is not END:
            self.unexpected()
        return node

    def unexpected(self) -> None:
        raise JqSyntaxError(f"syntax error, unexpected `{self.current.value or 'text'}`")

    def next(self) -> Token:
        token = self.current
        self.place += 1
        return token

    def at(self, *values: str) -> bool:
        return self.current.kind in ("sign", "name") and self.current.value in values

    def take(self, value: str) -> bool:
        found = self.at(value)
        self.place += found
        return found

    def expect(self, value: str) -> None:
        if not self.take(value):
            self.unexpected()

    def expect_kind(self, kind: str) -> str:
        if self.current.kind != kind:
            self.unexpected()
        return self.next().value

    def pipe(self, *, with_comma: bool = True) -> Node:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise JqSyntaxError("the program nests too deep")
        node = self._pipe(with_comma)
        self.nesting -= 1
        return node

    def _pipe(self, with_comma: bool) -> Node:
        """Long pipes are read in a loop: only what stands in brackets nests."""
        stages: list[Node] = []
        while True:
            if self.at("def"):
                definition = self._definition(with_comma)
                stages.append(definition)
                break
            stage = self._comma() if with_comma else self.binary(ALTERNATIVE)
            if self.at("as"):
                stages.append(self._binding(stage, with_comma))
                break
            stages.append(stage)
            if not self.take("|"):
                break
        node = stages.pop()
        while stages:
            node = nodes.Pipe(stages.pop(), node)
        return node

    def _definition(self, with_comma: bool) -> Node:
        self.expect("def")
        name = self.expect_kind("name")
        parameters: list[str] = []
        if self.take("("):
            parameters.append(self._parameter())
            while self.take(";"):
                parameters.append(self._parameter())
            self.expect(")")
        self.expect(":")
        body = self.pipe()
        self.expect(";")
        rest = IDENTITY if self.current is END or self.at(")") else self.pipe(with_comma=with_comma)
        return nodes.Definition(name, tuple(parameters), body, rest)

    def _parameter(self) -> str:
        if self.current.kind == "variable":
            return _bare(self.next().value, keep_sign=True)
        return self.expect_kind("name")

    def _comma(self) -> Node:
        node = self.binary(ALTERNATIVE)
        while self.take(","):
            node = nodes.Comma(node, self.binary(ALTERNATIVE))
        return node

    def _binding(self, source: Node, with_comma: bool) -> Node:
        self.expect("as")
        patterns = [self._pattern()]
        while self.take("?//"):
            patterns.append(self._pattern())
        self.expect("|")
        return nodes.Binding(source, tuple(patterns), self.pipe(with_comma=with_comma))

    def binary(self, minimum: int) -> Node:
        """Operators by precedence: `//` joins to the right, assignments and comparisons stand alone."""
        left = self._unary()
        while self.current.kind in ("sign", "name") and PRECEDENCE.get(self.current.value, -1) >= minimum:
            sign = self.next().value
            level = PRECEDENCE[sign]
            right = self.binary(level if level == ALTERNATIVE else level + 1)
            if level == ASSIGNING:
                left = nodes.Assignment(sign, left, right)
            elif sign == "?//":
                left = nodes.Operation("//", _forgiving(left), right)
            else:
                left = nodes.Operation(sign, left, right)
            if level in (ASSIGNING, COMPARING) and PRECEDENCE.get(self.current.value, -1) == level:
                self.unexpected()
        return left

    def _unary(self) -> Node:
        if self.take("-"):
            return nodes.Negation(self._unary())
        return self.postfix()

    def postfix(self) -> Node:
        node = self._term()
        while True:
            if self.current.kind == "field":
                node = nodes.Index(node, nodes.Literal(self.next().value[1:]))
            elif self.at("."):
                node = self._after_dot(node)
            elif self.at("["):
                node = self._bracket(node)
            elif self.take("?"):
                node = _forgiving(node)
            elif self.at("as") and not isinstance(node, nodes.Binding):
                return self._binding(node, True)
            else:
                return node

    def _after_dot(self, node: Node) -> Node:
        self.expect(".")
        if self.current.kind == "text":
            return nodes.Index(node, self._text("@text"))
        if not self.at("["):
            self.unexpected()
        return node

    def _bracket(self, target: Node) -> Node:
        self.expect("[")
        if self.take("]"):
            return nodes.Each(target)
        if self.take(":"):
            end = self.pipe()
            self.expect("]")
            return nodes.Slice(target, None, end)
        key = self.pipe()
        if self.take("]"):
            return nodes.Index(target, key)
        self.expect(":")
        last = None if self.at("]") else self.pipe()
        self.expect("]")
        return nodes.Slice(target, key, last)

    def _term(self) -> Node:
        token = self.current
        if token.kind == "number":
            return self._number()
        if token.kind == "text":
            return self._text("@text")
        if token.kind == "format":
            return self._format()
        if token.kind == "field":
            return nodes.Index(IDENTITY, nodes.Literal(self.next().value[1:]))
        if token.kind == "variable":
            return nodes.Variable(_bare(self.next().value))
        if token.kind == "name":
            return self._word()
        return self._signed()

    def _signed(self) -> Node:
        if self.take(".."):
            return nodes.Everything()
        if self.at("."):
            self.next()
            return nodes.Index(IDENTITY, self._text("@text")) if self.current.kind == "text" else IDENTITY
        if self.take("("):
            inner = self.pipe()
            self.expect(")")
            return inner
        if self.take("["):
            body = None if self.at("]") else self.pipe()
            self.expect("]")
            return nodes.Array(body)
        if self.at("{"):
            return self._object()
        self.unexpected()
        return IDENTITY

    def _number(self) -> Node:
        word = self.next().value
        return nodes.Literal(int(word) if word.isdecimal() and len(word) < 20 else float(word))

    def _text(self, format: str) -> Node:
        parts = [part if isinstance(part, str) else self._inner(part) for part in self.next().parts]
        if all(isinstance(part, str) for part in parts):
            return nodes.Literal("".join(str(part) for part in parts))
        return nodes.Text(format, tuple(parts))

    def _inner(self, found: tuple[Token, ...]) -> Node:
        inner = _Parser(found)
        inner.nesting = self.nesting + 1
        return inner.whole()

    def _format(self) -> Node:
        name = self.next().value
        return self._text(name) if self.current.kind == "text" else nodes.Format(name)

    def _word(self) -> Node:
        word = self.current.value
        special: dict[str, Callable[[], Node]] = {
            "if": self._if,
            "reduce": self._reduce,
            "foreach": self._foreach,
            "try": self._try,
            "label": self._label,
            "def": lambda: self._definition(True),
        }
        if word in special:
            return special[word]()
        if word in KEYWORDS:
            self.unexpected()
        self.next()
        if word == "break":
            return nodes.Break(_bare(self.expect_kind("variable")))
        if word in ("null", "true", "false"):
            return nodes.Literal({"null": None, "true": True, "false": False}[word])
        arguments: list[Node] = []
        if self.take("("):
            arguments.append(self.pipe())
            while self.take(";"):
                arguments.append(self.pipe())
            self.expect(")")
        return nodes.Call(word, tuple(arguments))

    def _if(self) -> Node:
        self.next()
        condition = self.pipe()
        self.expect("then")
        then = self.pipe()
        if self.at("elif"):
            return nodes.If(condition, then, self._if())
        otherwise: Node = self.pipe() if self.take("else") else IDENTITY
        self.expect("end")
        return nodes.If(condition, then, otherwise)

    def _source(self) -> tuple[Node, Pattern]:
        self.next()
        source = self._plain_postfix()
        self.expect("as")
        return source, self._pattern()

    def _plain_postfix(self) -> Node:
        """A term with what follows it, but without an `as`."""
        node = self._term()
        while self.current.kind == "field" or self.at("[", "?", "."):
            if self.current.kind == "field":
                node = nodes.Index(node, nodes.Literal(self.next().value[1:]))
            elif self.take("?"):
                node = _forgiving(node)
            else:
                node = self._bracket(node) if self.at("[") else self._after_dot(node)
        return node

    def _reduce(self) -> Node:
        source, pattern = self._source()
        self.expect("(")
        start = self.pipe()
        self.expect(";")
        update = self.pipe()
        self.expect(")")
        return nodes.Reduce(source, pattern, start, update)

    def _foreach(self) -> Node:
        source, pattern = self._source()
        self.expect("(")
        start = self.pipe()
        self.expect(";")
        update = self.pipe()
        extract = self.pipe() if self.take(";") else None
        self.expect(")")
        return nodes.Foreach(source, pattern, start, update, extract)

    def _try(self) -> Node:
        self.next()
        body = self._plain_postfix()
        return nodes.Try(body, self._plain_postfix() if self.take("catch") else None)

    def _label(self) -> Node:
        self.next()
        name = _bare(self.expect_kind("variable"))
        self.expect("|")
        return nodes.Label(name, self.pipe())

    def _object(self) -> Node:
        self.expect("{")
        entries: list[tuple[Node, Node]] = []
        while not self.take("}"):
            entries.append(self._entry())
            if not self.take(","):
                self.expect("}")
                break
        return nodes.Object(tuple(entries))

    def _entry(self) -> tuple[Node, Node]:
        token = self.current
        if token.kind == "variable":
            name = _bare(self.next().value)
            return nodes.Literal(name), nodes.Variable(name)
        key = self._key()
        if self.take(":"):
            return key, self._value()
        return key, nodes.Index(IDENTITY, key)

    def _key(self) -> Node:
        token = self.current
        if token.kind == "name":
            return nodes.Literal(self.next().value)
        if token.kind == "number":
            return nodes.Literal(self.next().value)
        if token.kind == "text":
            return self._text("@text")
        if token.kind == "format":
            return self._format()
        self.expect("(")
        inner = self.pipe()
        self.expect(")")
        return inner

    def _value(self) -> Node:
        """Pipes of terms, without commas: `{a: .b | .c}` is not one entry more."""
        node = self.binary(ALTERNATIVE)
        return nodes.Pipe(node, self._value()) if self.take("|") else node

    def _pattern(self) -> Pattern:
        if self.current.kind == "variable":
            return _bare(self.next().value)
        if self.take("["):
            items = [self._pattern()]
            while self.take(","):
                items.append(self._pattern())
            self.expect("]")
            return nodes.ListPattern(tuple(items))
        self.expect("{")
        entries = [self._pattern_entry()]
        while self.take(","):
            entries.append(self._pattern_entry())
        self.expect("}")
        return nodes.MapPattern(tuple(entries))

    def _pattern_entry(self) -> tuple[str | None, Node, Pattern | None]:
        if self.current.kind == "variable":
            name = _bare(self.next().value)
            return name, nodes.Literal(name), self._pattern() if self.take(":") else None
        key = self._key()
        self.expect(":")
        return None, key, self._pattern()


def _forgiving(node: Node) -> Node:
    return nodes.Optional(node) if isinstance(node, nodes.Index | nodes.Slice | nodes.Each) else nodes.Try(node, None)


def _bare(variable: str, *, keep_sign: bool = False) -> str:
    name = variable[1:].strip()
    return "$" + name if keep_sign else name
