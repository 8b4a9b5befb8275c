"""No module can be reached from itself by imports: not at its top, not inside a function, not for types alone."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.architecture.test_house import ROOT, SOURCES

EXCEPTIONS: frozenset[str] = frozenset()


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports_of(source: str, modules: set[str]) -> set[str]:
    """The modules among `modules` that a source imports, wherever in it the import stands."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= names & modules or {node.module}
    return found & modules


def circles(graph: dict[str, set[str]]) -> list[set[str]]:
    """Strongly connected sets of more than one module."""
    reach = {module: _reached(graph, module) for module in graph}
    found: list[set[str]] = []
    for module in graph:
        circle = {other for other in reach[module] if module in reach[other]}
        if len(circle) > 1 and circle not in found:
            found.append(circle)
    return found


def _reached(graph: dict[str, set[str]], start: str) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        for module in graph[waiting.pop()] - reached:
            reached.add(module)
            waiting.append(module)
    return reached


def test_a_circle_is_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == [{"b", "c"}]


def test_an_import_is_found_wherever_it_stands():
    source = "import a.b\ndef f():\n    from a import c\n    from a.d import Thing"
    assert imports_of(source, {"a.b", "a.c", "a.d", "a.e"}) == {"a.b", "a.c", "a.d"}


def test_no_first_party_module_imports_itself_on_a_way_round():
    modules = {module_of(path): path for path in SOURCES}
    graph = {name: imports_of(path.read_text(), set(modules)) - {name} for name, path in modules.items()}
    assert [circle for circle in circles(graph) if not circle <= EXCEPTIONS] == []
