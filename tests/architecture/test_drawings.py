"""What the pages for newcomers say of the house is so."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.drawings import ROOT, drawing, drawn

PAGES = sorted((ROOT / "docs").glob("*.md"))
PATH = re.compile(r"`([\w./-]+/[\w./-]*|[\w-]+\.(?:py|toml|sql|yml))(?::([\w.]+))?`")
FIRST_PARTY = (
    "audit/",
    "control_plane/",
    "executions/",
    "flows/",
    "iam/",
    "plugins/",
    "stores/",
    "tenants/",
    "triggers/",
    "workers/",
)
FIRST_PARTY += ("governance/", "tests/", "frontend/", "deploy/", "docs/", "findings/")


def mentions(page: Path) -> list[tuple[str, str]]:
    """The first-party paths a page names, each with what it names in them."""
    return [(path, name) for path, name in PATH.findall(page.read_text()) if path.startswith(FIRST_PARTY)]


def names_in(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found


def test_the_rooms_are_drawn_as_the_import_contract_has_them():
    """`python -m tests.architecture.drawings` draws them again."""
    assert drawn() == drawing()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_only_what_is_there(page: Path):
    built = ("control_plane/ui",)
    wrong = []
    for path, name in mentions(page):
        place = ROOT / path
        if path.startswith(built) or "<" in path:
            continue
        if not place.exists() or (name and name.split(".")[0] not in names_in(place)):
            wrong.append(f"{path}:{name}")
    assert wrong == []


def test_ten_changes_are_worked_out_for_a_newcomer():
    text = (ROOT / "docs" / "where-to-change.md").read_text()
    answers = re.split(r"(?m)^## ", text)[1:]
    assert len(answers) >= 10
    assert all(PATH.search(answer) for answer in answers)
