"""The JSON schemas say what the parser accepts."""

from typing import Any, ClassVar

import jsonschema
import pytest
from pydantic import AliasChoices, Field

from flows.model.documents.compose import compose
from flows.model.documents.tree import plain
from flows.model.parse import parse_document
from flows.model.schema import flow_schema
from plugins.catalog.registry import registry
from plugins.catalog.schemas import describe, is_internal, schema
from plugins.contracts import Property, RunnableTask, Task

VALIDATOR = jsonschema.Draft202012Validator(flow_schema())
EXAMPLES = [
    pytest.param(source, id=f"{plugin.__name__}-{number}")
    for plugin in registry().all()
    for number, source in enumerate(plugin.EXAMPLES)
]


class Sample(RunnableTask):
    """A sample."""

    TYPE: ClassVar[str] = "test.Sample"
    ALIASES: ClassVar[tuple[str, ...]] = ("test.Old",)
    TITLE: ClassVar[str] = "A title"
    EXAMPLES: ClassVar[tuple[str, ...]] = ("id: a",)
    DEPRECATED: ClassVar[str] = "Use another."

    amount: Property[int]
    """How many."""
    text: Property[str] = Property("x")
    anything: Any = None
    named: str = Field(validation_alias=AliasChoices("named", "name"))
    children: list[Task] = Field(default_factory=list)


def sample() -> dict[str, Any]:
    definitions, names = describe([Sample])
    return definitions[names[Sample]]


def test_the_schema_of_a_flow_is_one():
    jsonschema.Draft202012Validator.check_schema(flow_schema())
    assert flow_schema()["$ref"] == "#/$defs/Flow"


@pytest.mark.parametrize("source", EXAMPLES)
def test_every_example_of_a_plugin_is_parsed_and_fits_the_schema(source):
    document = plain(compose(source))
    if any(registry().find(name) is None for name in types_in(document)):
        pytest.skip("it uses a plugin that is not installed")
    assert parse_document(document).expression_problems == []
    VALIDATOR.validate(document)


def types_in(value: Any) -> list[str]:
    """The plugin types a document names."""
    if isinstance(value, list):
        return [name for item in value for name in types_in(item)]
    if not isinstance(value, dict):
        return []
    own = [value["type"]] if "." in str(value.get("type", "")) else []
    return own + [name for item in value.values() for name in types_in(item)]


@pytest.mark.parametrize(
    "change",
    [
        {"id": "a b"},
        {"tasks": [{"id": "a", "type": "com.example.Nothing"}]},
        {"tasks": [{"id": "a", "type": "io.kestra.plugin.core.flow.Pause", "dely": "PT1S"}]},
        {"tasks": [{"id": "a", "type": "io.kestra.plugin.core.flow.Sequential", "tasks": [{"id": "b"}]}]},
        {"inputs": [{"id": "a", "type": "TEXT"}]},
        {"inputs": [{"type": "STRING"}]},
        {"nonsense": 1},
        {"triggers": [{"id": "a", "type": "io.kestra.plugin.core.trigger.Schedule"}]},
    ],
)
def test_what_the_parser_refuses_does_not_fit(change):
    good = {"id": "a", "namespace": "b", "tasks": [{"id": "a", "type": "io.kestra.plugin.core.flow.Pause"}]}
    assert VALIDATOR.is_valid(good)
    assert not VALIDATOR.is_valid(good | change)


def test_a_dynamic_property_may_be_an_expression():
    amount = sample()["properties"]["amount"]
    assert amount["description"] == "How many."
    check = jsonschema.Draft202012Validator(amount)
    assert check.is_valid(1)
    assert check.is_valid("{{ inputs.n }}")
    assert not check.is_valid("one")


def test_a_text_is_a_text_anyway():
    assert sample()["properties"]["text"] == {"type": "string", "default": "x"}


def test_other_names_are_there_and_deprecated():
    properties = sample()["properties"]
    assert properties["name"]["deprecated"] is True
    assert "deprecated" not in properties["named"]
    assert {"required": ["name"]} in sample()["anyOf"]
    assert properties["type"]["anyOf"][1] == {"enum": ["test.Old"], "deprecated": True}


def test_what_only_the_class_knows_is_there():
    found = sample()
    assert (found["title"], found["description"], found["examples"]) == ("A title", "A sample.", ["id: a"])
    assert found["deprecated"] is True
    assert found["x-name"] == "Sample"


def test_a_plugin_has_a_schema_of_its_own_by_any_of_its_names():
    pause = schema("io.kestra.plugin.core.flow.Pause")
    assert schema("io.kestra.core.tasks.flows.Pause") == pause
    assert schema("com.example.Nothing") is None
    jsonschema.Draft202012Validator.check_schema(pause)
    document = {"id": "a", "type": "io.kestra.plugin.core.flow.Pause", "tasks": [{"id": "b", "type": "any.Thing"}]}
    assert jsonschema.Draft202012Validator(pause).is_valid(document)


@pytest.mark.parametrize("plugin", [p for p in registry().all() if not is_internal(p)], ids=lambda p: p.TYPE)
def test_every_plugin_is_documented(plugin):
    own = schema(plugin.TYPE)
    assert own["description"]
    assert own["title"]
    assert "$defs" in own
