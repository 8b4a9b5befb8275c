import pytest

from plugins.contracts.truth import is_true


@pytest.mark.parametrize(
    "rendered", [None, False, 0, "", " ", "\n", "false", " false ", "\n false", "false\n", "0", "0 ", "-0", "\t-0\n"]
)
def test_null_and_what_reads_as_nothing_false_or_zero_is_not_true(rendered):
    assert not is_true(rendered)


@pytest.mark.parametrize(
    "rendered", [True, 1, -1, 0.0, "true", "FALSE", "no", "null", "[]", "0.0", "00", [], {}, "x", " false x"]
)
def test_everything_else_is_true(rendered):
    assert is_true(rendered)
