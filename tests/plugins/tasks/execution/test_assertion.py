"""Assert fails by name and number."""

import pytest

from plugins.contracts import PluginError
from tests.plugins.tasks.memory import run

ASSERT = "io.kestra.plugin.core.execution.Assert"


def counts(ctx):
    return {name: value for _, name, value, _ in ctx.metrics}


@pytest.mark.parametrize("conditions", [["{{ 1 == 1 }}", "yes", "{{ [1] }}"], []])
def test_nothing_happens_when_all_hold(ctx, conditions):
    assert run(ctx, ASSERT, conditions=conditions) == {}
    assert ctx.messages == []
    assert counts(ctx) == {"failed": 0, "success": len(conditions)}


@pytest.mark.parametrize("condition", ["", "{{ null }}", "{{ 0 }}", "false"])
def test_one_that_does_not_hold_is_named(ctx, condition):
    with pytest.raises(PluginError, match=r"^1 assertion failed!$"):
        run(ctx, ASSERT, conditions=["{{ 1 == 1 }}", condition])
    assert ctx.lines == [("ERROR", f"Assertion `{condition}` failed!")]
    assert counts(ctx) == {"failed": 1, "success": 1}


def test_the_own_message_is_added(ctx):
    with pytest.raises(PluginError) as failed:
        run(ctx, ASSERT, conditions=["{{ false }}", "0"], errorMessage="wrong {{ flow.id }}")
    assert str(failed.value) == "2 assertions failed!\nwrong flow"
