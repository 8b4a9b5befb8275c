"""What a plugin does not do, and what an error keeps."""

import pytest

from plugins.contracts import Condition, PluginError, RunnableTask, Runner


def test_what_a_plugin_does_not_do_is_told():
    with pytest.raises(PluginError, match=r"test\.Task cannot run"):
        RunnableTask(id="a", type="test.Task").run(None)
    with pytest.raises(PluginError, match=r"test\.Runner cannot run commands"):
        Runner(type="test.Runner").run_commands(None, None)
    with pytest.raises(PluginError, match=r"test\.Condition cannot be decided"):
        Condition(type="test.Condition").holds(None)


def test_an_error_keeps_what_was_made_before_it():
    error = PluginError("no", retryable=False, outputs={"a": 1})
    assert (str(error), error.retryable, error.outputs) == ("no", False, {"a": 1})
    assert PluginError("no").retryable
