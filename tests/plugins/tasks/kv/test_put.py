"""Put stores a value and says nothing."""

import pytest

from tests.plugins.tasks.memory import run

PUT = "io.kestra.plugin.core.kv.Put"
SET = "io.kestra.plugin.core.kv.Set"


@pytest.mark.parametrize("type_name", [PUT, SET])
@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("v {{ flow.id }}", "v flow"),
        ("{{ [1, 2] }}", [1, 2]),
        ("{{ 5 }}", 5),
        ({"x": 1, "f": "{{ flow.id }}"}, '{"x":1,"f":"flow"}'),
        (["ü"], '["ü"]'),
    ],
)
def test_an_expression_keeps_its_type_and_a_map_written_out_is_text(ctx, type_name, value, kept):
    assert run(ctx, type_name, key="k-{{ flow.id }}", value=value) == {}
    assert ctx.services["kv"].kept["company.team", "k-flow"]["value"] == kept


def test_what_was_there_is_replaced_in_the_namespace_that_is_named(ctx):
    run(ctx, PUT, key="k", value="a", namespace="other")
    run(ctx, PUT, key="k", value="b", namespace="other")
    assert ctx.services["kv"].kept["other", "k"]["value"] == "b"
