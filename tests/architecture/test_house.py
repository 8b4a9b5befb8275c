"""How the house is kept: rules that no linter knows."""

from __future__ import annotations

import ast
import configparser
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("audit", "tenants", "iam", "stores", "flows", "workers", "executions", "triggers", "governance")
PACKAGES = ("control_plane", "plugins", *APPS)
LONGEST_FILE = 450
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
ROOMS_OF_EVERY_APP = {"apps", "models", "permissions", "hooks", "lifecycle", "shapes", "access", "queries", "conf"}
SHADOWS = {"secrets", "platform", "queue", "logging"}

SOURCES = sorted(
    path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts
)
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def contracts() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    return parser


def first_party_packages() -> set[str]:
    return {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}


def test_each_first_party_package_is_in_the_import_contract():
    listed = contracts()["importlinter"]["root_packages"].split()
    assert set(listed) == first_party_packages()


def test_each_module_of_the_control_plane_is_in_a_layer():
    layers = contracts()["importlinter:contract:house"]["layers"]
    listed = set(re.findall(r"control_plane\.(\w+)", layers))
    present = {path.stem for path in (ROOT / "control_plane").glob("*.py")} - {"__init__"}
    present |= {path.parent.name for path in (ROOT / "control_plane").glob("*/__init__.py")}
    assert listed == present


@pytest.mark.parametrize("app", APPS)
def test_the_rooms_of_each_app_are_a_contract_without_exceptions(app):
    contract = contracts()[f"importlinter:contract:{app}"]
    assert contract["exhaustive"] == "true"


def test_no_contract_has_an_exception():
    assert "ignore_imports" not in (ROOT / ".importlinter").read_text()


def test_each_package_ships():
    with (ROOT / "pyproject.toml").open("rb") as file:
        found = tomllib.load(file)["tool"]["setuptools"]["packages"]["find"]["include"]
    assert {pattern.removesuffix("*") for pattern in found} == first_party_packages()


@pytest.mark.parametrize("package", ["control_plane", "control_plane/kernel", *APPS])
def test_the_init_of_an_app_is_empty(package):
    assert (ROOT / package / "__init__.py").read_text() == ""


@pytest.mark.parametrize("app", APPS)
def test_an_app_has_no_loose_file_at_its_top(app):
    """What is not a room of every app has a folder of its own, named for what it holds."""
    loose = {path.stem for path in (ROOT / app).glob("*.py")} - {"__init__"}
    assert loose - ROOMS_OF_EVERY_APP == set()


def test_plugins_have_no_loose_file_at_their_top():
    assert {path.stem for path in (ROOT / "plugins").glob("*.py")} == {"__init__"}


def test_no_package_shadows_the_standard_library():
    assert first_party_packages().isdisjoint(SHADOWS)


def test_a_file_is_named_for_what_it_holds():
    assert [name(path) for path in SOURCES if path.stem in NAMES_THAT_SAY_NOTHING] == []


def test_no_file_has_outgrown_one_noun():
    lengths = {name(path): len(path.read_text().splitlines()) for path in SOURCES}
    assert {file: lines for file, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_every_module_opens_with_one_sentence():
    def opening(path: Path) -> str | None:
        return ast.get_docstring(ast.parse(path.read_text()))

    silent = [name(path) for path in SOURCES if path.read_text().strip() and not opening(path)]
    assert silent == []


@pytest.mark.parametrize(
    "pattern",
    [
        r"from \S+ import \*",
        r"\b(TODO|FIXME)\b|# XXX",
        r"\braise NotImplementedError\b",
        r"# type: ignore(?!\[[\w, -]+\])",
        r"except Exception:\s*pass",
        r"pytest\.mark\.(skip|xfail)\b",
        r"(?<![\w.])(/root/|/home/\w)",
    ],
)
def test_nothing_unfinished_or_local_is_left(pattern):
    this = Path(__file__).resolve()
    found = [
        f"{name(path)}:{number}"
        for path in (*SOURCES, *TESTS)
        if path != this
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(pattern, line)
    ]
    assert found == []


def test_a_switched_off_type_check_gives_its_reason():
    """After the code in brackets, or in a comment on the line above."""
    bare = []
    for path in SOURCES:
        lines = path.read_text().splitlines()
        for number, line in enumerate(lines):
            found = re.search(r"# type: ignore\[[\w, -]+\](.*)", line)
            if found and not found.group(1).strip() and not lines[number - 1].strip().startswith("#"):
                bare.append(f"{name(path)}:{number + 1}")
    assert bare == []


def test_tests_mirror_the_packages():
    """A test of one module stands where the module stands, in the same tree again."""
    beside = {"architecture", "journeys", "faults", "bench", "conformance", "manual"}
    strange = [
        name(path)
        for path in (ROOT / "tests").rglob("test_*.py")
        if path.parent != ROOT / "tests"
        and path.relative_to(ROOT / "tests").parts[0] not in beside
        and not (ROOT / path.relative_to(ROOT / "tests").parent).is_dir()
    ]
    assert strange == []
