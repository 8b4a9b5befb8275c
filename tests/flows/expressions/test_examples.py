"""Each filter, function and test shows an example in its documentation, and the example is true."""

import re

import pytest

from flows.expressions import Environment, compile
from flows.expressions.registry import FILTERS, FUNCTIONS, TESTS, Needs
from flows.expressions.vocabulary import load_vocabulary

load_vocabulary()
EXAMPLE = re.compile(r"`(\{[{%].*[}%]\})`\s*=\s*`(.*)`\s*$", re.DOTALL)
EXAMPLES = [
    pytest.param(match.group(1), match.group(2), id=f"{kind}-{name}")
    for kind, table in (("filter", FILTERS), ("function", FUNCTIONS), ("test", TESTS))
    for name, operation in table.items()
    if (match := EXAMPLE.search(operation.run.__doc__ or ""))
]
# What needs a running execution, or never succeeds, is shown by tests of its own.
WITHOUT_EXAMPLE = {"parent", "i18n", "currentEachOutput", "iterationOutput", "loopOutputs", "parentOutput"}


@pytest.mark.parametrize(("template", "expected"), EXAMPLES)
def test_the_example_is_true(template, expected):
    assert compile(template).render({}, Environment()) == expected


def test_everything_that_needs_no_execution_has_an_example():
    shown = {param.id for param in EXAMPLES}
    missing = [
        name
        for kind, table in (("filter", FILTERS), ("function", FUNCTIONS), ("test", TESTS))
        for name, operation in table.items()
        if f"{kind}-{name}" not in shown and operation.needs is not Needs.SERVICES and name not in WITHOUT_EXAMPLE
    ]
    assert missing == []


def test_everything_says_what_it_does():
    operations = [*FILTERS.values(), *FUNCTIONS.values(), *TESTS.values()]
    assert [each.name for each in operations if not each.run.__doc__] == []
