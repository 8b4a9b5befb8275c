"""The syntax of expressions is looked at, and told with its place."""

import pytest

from flows.model.checks import syntax_problem


@pytest.mark.parametrize("text", ["plain", "{{ inputs.a }}", "{{ inputs.a12 }} {% if a %}b{% endif %}", "{{ f(1) }}"])
def test_what_can_be_read_has_no_problem(text):
    assert syntax_problem(text) is None


@pytest.mark.parametrize("text", ["{{ inputs. }}", "{{ a1 b2 }}", "{% if a %}", "x" * 2000 + "{{", "{{ 'abc }}"])
def test_what_cannot_be_read_is_told_with_its_place(text):
    assert syntax_problem(text).startswith("The expression cannot be read: ")
    assert "line 1" in syntax_problem(text)


def test_texts_that_differ_by_a_number_have_their_own_places():
    assert "column 12" in syntax_problem("{{ a1 ~ b1 c }}")
    assert syntax_problem("{{ a1 ~ b1 c }}") != syntax_problem("{{ a111 ~ b1 c }}")
