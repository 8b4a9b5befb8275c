"""Files of a start, by the names that clients of every age give them."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from control_plane.kernel.config import override
from tests.cast import Cast
from tests.executions.ground import row, save

pytestmark = pytest.mark.django_db
FLOW = """
id: files
namespace: prod.data
inputs:
  - {id: f, type: FILE}
  - {id: g, type: FILE, required: false}
  - {id: s, type: STRING, required: false}
tasks:
  - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
"""


def started(people: Cast, parts: dict[str, Any]) -> dict[str, Any]:
    answer = people.olga.client.post("/api/v1/acme/executions/prod.data/files", parts)
    assert answer.status_code == 200, answer.content
    return row(answer.json()["id"]).inputs


@pytest.mark.parametrize(
    "parts",
    [
        {"f": SimpleUploadedFile("x.txt", b"one")},
        {"files": SimpleUploadedFile("f", b"one")},
        {"files": [SimpleUploadedFile("f", b"one"), SimpleUploadedFile("g", b"two")], "s": "text"},
    ],
    ids=["by its part", "by its file name", "several"],
)
def test_a_file_reaches_its_input(people: Cast, tmp_path: Any, parts: dict[str, Any]) -> None:
    save(people, FLOW)
    with override(storage={"path": str(tmp_path)}):
        inputs = started(people, parts)
    assert inputs["f"].startswith("kestra:///")
    assert ("s" in parts) == (inputs.get("s") == "text")
    assert ("s" in parts) == bool(inputs.get("g"))
