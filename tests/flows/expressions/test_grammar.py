"""Whatever text is thrown at the language, it answers with a value or with an error of its own."""

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.expressions import Environment, ExpressionError, ExpressionSyntaxError, Limits, References, compile
from flows.expressions.lexer import Kind, tokens

ENV = Environment(limits=Limits(steps=20_000, seconds=0.3))
SCOPE = {"a": 1, "b": "text", "c": [1, "x", None], "d": {"k": {"l": 2.5}}, "e": None}
WORDS = """
{{ }} {% %} {# #} {{- -}} {%- -%} ( ) [ ] { } , : . ? ?? ??? ?: | ~ + - * / % == != < > <= >= .. =
a b c d e k missing loop _context 1 0 2.5 10l 'x' "y" '' true false null not and or is contains matches isIn
in if elseif else endif for endfor set macro endmacro block endblock filter endfilter raw endraw
upper lower first last length join(',') split('x') sort toJson default(1) date jq('.') yaml number
defined empty even map json render renderOnce max( min( range( now() fromJson( f( \\ ' " \u00e9
"""
PARTS = st.sampled_from([*WORDS.split(), "\n", " "])
SOUP = st.lists(PARTS, max_size=30).map(" ".join)
GLUED = st.lists(PARTS, max_size=20).map("".join)
INSIDE = st.lists(PARTS, max_size=12).map(lambda parts: "{{ " + " ".join(parts) + " }}")


@settings(max_examples=400, deadline=None)
@given(st.one_of(SOUP, GLUED, INSIDE, st.text(max_size=60)))
def test_any_text_gives_a_value_or_an_error_of_ours(source):
    try:
        template = compile(source)
        assert isinstance(template.references, References)
        assert isinstance(template.render(SCOPE, ENV), str)
    except ExpressionError as error:
        assert error.message


@settings(max_examples=200, deadline=None)
@given(st.one_of(SOUP, GLUED, st.text(max_size=60)))
def test_a_syntax_error_says_where(source):
    try:
        compile(source)
    except ExpressionSyntaxError as error:
        lines = source.split("\n")
        assert 1 <= error.line <= len(lines)
        assert 1 <= error.column <= len(lines[error.line - 1]) + 1


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(exclude_characters="{"), max_size=80))
def test_text_without_expressions_comes_back_as_it_is(source):
    assert compile(source).render({}, ENV) == source


@settings(max_examples=200, deadline=None)
@given(st.one_of(SOUP, GLUED))
def test_tokens_stand_in_order_and_inside_the_source(source):
    try:
        found = tokens(source)
    except ExpressionSyntaxError:
        return
    positions = [token.position for token in found]
    assert positions == sorted(positions)
    assert found[-1].kind is Kind.END


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\\"), max_size=40))
def test_a_quoted_text_is_that_text(text):
    quoted = text.replace("'", "\\'")
    assert compile("{{ '" + quoted + "' }}").render({}, ENV) == text
