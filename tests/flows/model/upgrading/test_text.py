"""Edits of a text leave everything else as it stands."""

from __future__ import annotations

import pytest

from flows.model.upgrading.text import Edits, Map, Scalar, read

TEXT = """\
# a flow
id: ü  # its name
list:
  - name: a   # first
    type: X
    # between
    more: {k: v, l: [1, 2]}
  - type: 'quoted'
last: |
  block
"""


def root() -> Map:
    found = read(TEXT)
    assert isinstance(found, Map)
    return found


def item(number: int) -> Map:
    found = root().items("list")[number]
    assert isinstance(found, Map)
    return found


def test_nothing_changed_is_the_same_text() -> None:
    assert Edits(TEXT).result() == TEXT


def test_a_key_is_renamed_and_a_value_replaced_in_place() -> None:
    edits = Edits(TEXT)
    edits.rename(item(0).entries["name"], "id")
    edits.replace(item(0).entries["type"].value.place, "Y")
    assert edits.result() == TEXT.replace("name: a   #", "id: a   #").replace("type: X", "type: Y")


def test_offsets_count_characters_whatever_stands_before() -> None:
    edits = Edits(TEXT)
    edits.replace(root().entries["id"].value.place, "name")
    assert edits.result() == TEXT.replace("id: ü ", "id: name ")


def test_a_line_is_added_behind_another_with_its_indent() -> None:
    edits = Edits(TEXT)
    edits.add_after(item(0).entries["type"], item(0), "limit: 0")
    assert "    type: X\n    limit: 0\n    # between\n" in edits.result()


def test_an_entry_is_added_in_a_map_on_one_line() -> None:
    more = item(0).value("more")
    assert isinstance(more, Map)
    edits = Edits(TEXT)
    edits.add_after(more.entries["k"], more, "m: 1")
    assert "{k: v, m: 1, l: [1, 2]}" in edits.result()


def test_a_removed_entry_takes_its_lines_along() -> None:
    edits = Edits(TEXT)
    edits.remove(item(0).entries["more"], item(0))
    assert "    # between\n  - type: 'quoted'\n" in edits.result()


def test_the_entry_behind_a_removed_first_one_moves_up() -> None:
    edits = Edits(TEXT)
    edits.remove(item(0).entries["name"], item(0))
    assert "  - type: X\n" in edits.result()


@pytest.mark.parametrize(("key", "rest"), [("k", "{l: [1, 2]}"), ("l", "{k: v}")])
def test_an_entry_on_one_line_goes_with_its_comma(key: str, rest: str) -> None:
    more = item(0).value("more")
    assert isinstance(more, Map)
    edits = Edits(TEXT)
    edits.remove(more.entries[key], more)
    assert f"more: {rest}\n" in edits.result()


def test_a_quoted_value_keeps_its_quotes() -> None:
    quoted = item(1).value("type")
    assert isinstance(quoted, Scalar)
    edits = Edits(TEXT)
    edits.set_quoted(quoted, "it's")
    assert "- type: 'it''s'\n" in edits.result()


def test_changes_that_overlap_are_refused() -> None:
    edits = Edits(TEXT)
    edits.replace_span(0, 5, "")
    edits.replace_span(3, 6, "")
    with pytest.raises(ValueError, match="overlap"):
        edits.result()
