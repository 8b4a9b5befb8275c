"""People act by commands alone."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from audit.recording.commands import Command

ROOT = Path(__file__).resolve().parents[2]
APPS = ("tenants", "iam", "stores", "flows", "workers", "executions", "triggers", "governance")

# Endpoints through which no person comes: a job's or a worker's token is the right.
NOT_PEOPLES = ("workers/api/jobs", "workers/api/fleet", "workers/worker_api")


def doors() -> list[Path]:
    """The modules that people's requests come in by."""
    found = [path for app in APPS for path in (ROOT / app / "api").rglob("*.py")]
    return [path for path in found if not str(path.relative_to(ROOT)).startswith(NOT_PEOPLES)]


def services_used(path: Path) -> Iterator[tuple[str, object]]:
    """What a endpoint takes out of rooms called `services`: by name, or through a module it imports."""
    tree = ast.parse(path.read_text())
    modules = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and "services" in (node.module or "").split("."):
            module = importlib.import_module(node.module or "")
            for alias in node.names:
                found = getattr(module, alias.name)
                if isinstance(found, ModuleType):
                    modules[alias.asname or alias.name] = found
                else:
                    yield f"{node.module}.{alias.name}", found
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            module = modules[node.value.id]
            yield f"{module.__name__}.{node.attr}", getattr(module, node.attr)


def test_a_endpoint_calls_nothing_that_acts_but_commands():
    wrong = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in doors()
        for name, found in services_used(path)
        if inspect.isfunction(found) and takes_a_context(found)
    }
    assert wrong == set()


def test_a_room_of_services_offers_commands():
    for app in ("tenants", "iam", "flows", "executions"):
        found = [name for name in Command.registered if name.startswith(f"{app}.")]
        assert len(found) > 5, app


def takes_a_context(function: object) -> bool:
    assert inspect.isfunction(function)
    return next(iter(inspect.signature(function).parameters), "") == "ctx"


def test_each_look_across_tenants_says_why():
    """`across_tenants("...")` with a text, or a name that is one."""
    for path in ROOT.glob("*/**/*.py"):
        if path.parts[len(ROOT.parts)] not in (*APPS, "audit", "control_plane"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "across_tenants":
                assert node.args, path
                reason = node.args[0]
                assert not isinstance(reason, ast.Constant) or len(str(reason.value)) > 10, path


def test_commands_live_in_services():
    """A endpoint that declares its own command would hide it."""
    for name in Command.registered:
        if not name.startswith("tests."):
            assert "services" in name.split(".") or name.startswith("stores."), name
