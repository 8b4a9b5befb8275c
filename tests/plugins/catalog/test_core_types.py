"""Every type of the core of release 2.0.0 is here with its properties, defaults and outputs."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plugins.catalog.registry import registry
from plugins.catalog.schemas import schema
from plugins.contracts import Plugin

SPEC = Path(os.environ.get("CORE_TYPES") or Path(__file__).parents[4] / "shared" / "spec" / "core-types-2.0.0.json")
KINDS = {"task", "trigger", "taskRunner"}
OTHER_OUTPUTS = {("Request", "formData"): "never given there either", ("HttpTrigger", "formData"): "nor here"}
OTHER_DEFAULTS: dict[tuple[str, str], str] = {
    ("Schedule", "timezone"): "the zone of the server, which is UTC unless its operator says otherwise",
    ("ScheduleOnDates", "timezone"): "the zone of the server, which is UTC unless its operator says otherwise",
    ("", "namespace"): "the flow's own where none is said, though it must be said there",
    ("", "runIf"): "true is what is meant by none",
    ("", "when"): "true is what is meant by none",
    ("", "disabled"): "false is what is meant by none",
    ("", "options"): "the defaults stand at the options themselves",
    ("", "assets"): "an object of its own",
}


def described() -> Iterator[Any]:
    if SPEC.is_file():
        for entry in json.loads(SPEC.read_text())["types"]:
            if entry["kind"] in KINDS:
                yield pytest.param(entry, id=entry["type"])


ENTRIES = list(described())
pytestmark = pytest.mark.skipif(not ENTRIES, reason="the description of the core is not here")


def plugin_of(entry: dict[str, Any]) -> type[Plugin]:
    found = registry().find(entry["type"])
    assert found is not None, "there is no such type"
    return found.plugin


@pytest.mark.parametrize("entry", ENTRIES)
def test_it_has_every_property_with_its_default(entry: dict[str, Any]) -> None:
    plugin = plugin_of(entry)
    own = schema(plugin.TYPE)
    assert own is not None
    missing = [each["name"] for each in entry["properties"] if each["name"] not in own["properties"]]
    assert missing == []
    other = {}
    for each in entry["properties"]:
        name = each["name"]
        if (plugin.__name__, name) in OTHER_DEFAULTS or ("", name) in OTHER_DEFAULTS:
            continue
        here = own["properties"][name].get("default")
        if plain(here) != plain(each.get("default")):
            other[name] = (here, each.get("default"))
    assert other == {}


@pytest.mark.parametrize("entry", ENTRIES)
def test_it_asks_for_nothing_that_may_be_left_out_there(entry: dict[str, Any]) -> None:
    own = schema(plugin_of(entry).TYPE)
    assert own is not None
    optional = {each["name"] for each in entry["properties"] if not each["required"]}
    assert optional & set(own.get("required", ())) == set()


@pytest.mark.parametrize("entry", ENTRIES)
def test_its_outputs_are_described(entry: dict[str, Any]) -> None:
    plugin = plugin_of(entry)
    there = {each["name"] for each in entry["outputs"] if (plugin.__name__, each["name"]) not in OTHER_OUTPUTS}
    assert there - set(plugin.OUTPUTS) == set()


def plain(value: Any) -> Any:
    """A default as it is meant: dynamic ones are told as text there, and nothing is nothing in every spelling."""
    if isinstance(value, str):
        value = value.replace("\\n", "\n")
        with contextlib.suppress(ValueError):
            value = json.loads(value)
    if isinstance(value, dict):
        value = {key: item for key, item in value.items() if item is not None}
    return None if value in (None, [], {}, False, "") else value
