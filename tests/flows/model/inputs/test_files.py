"""Uploads are named by what the flow asks for."""

import pytest

from flows.model.inputs.definitions import FileInput, StringInput
from flows.model.inputs.files import file_extension
from flows.model.inputs.nesting import nested

DEFINITIONS = [
    FileInput(id="zip", type="FILE", extension=".zip"),
    FileInput(id="any", type="FILE"),
    StringInput(id="s", type="STRING"),
]


@pytest.mark.parametrize(
    ("name", "file", "expected"),
    [
        ("zip", "a.txt", ".zip"),
        ("any", "a.txt", ".txt"),
        ("any", None, ".upl"),
        ("any", "a", ".upl"),
        ("nobody", None, ".upl"),
        ("s", "a.b.csv", ".csv"),
    ],
)
def test_an_upload_has_an_extension(name, file, expected):
    assert file_extension(DEFINITIONS, name, file) == expected


def test_where_a_value_stands_in_the_way_of_a_map_the_map_wins():
    assert nested({"a": 1, "a.b": 2}) == {"a": {"b": 2}}
