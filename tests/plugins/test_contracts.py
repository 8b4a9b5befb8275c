"""The words shared by engine, worker and plugin keep their meaning."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import Field, ValidationError

from plugins.contracts import (
    TERMINAL,
    Condition,
    LogLevel,
    Model,
    PluginError,
    Property,
    Retry,
    RunnableTask,
    Runner,
    State,
    Task,
)


class Sample(Task):
    amount: Property[int] = Property(1)
    names: Property[list[str]] | None = None
    wait: Property[timedelta] | None = None
    in_: str | None = Field(default=None, alias="in")


def sample(**properties):
    return Sample.model_validate({"id": "a", "type": "test.Sample", **properties})


def test_terminal_states_are_those_after_which_nothing_starts():
    assert {state for state in State if state.is_terminal} == TERMINAL
    assert State.FAILED.is_failed
    assert not State.KILLED.is_failed
    assert not State.PAUSED.is_terminal


def test_levels_are_ordered():
    assert sorted(LogLevel, key=lambda level: level.rank) == list(LogLevel)


@pytest.mark.parametrize(
    ("source", "is_dynamic"),
    [
        (1, False),
        ("{{ inputs.n }}", True),
        ("{% if true %}1{% endif %}", True),
    ],
)
def test_a_property_keeps_what_its_author_wrote(source, is_dynamic):
    amount = sample(amount=source).amount
    assert amount.source == source
    assert amount.is_dynamic is is_dynamic


@pytest.mark.parametrize("source", [["{{ a }}"], ["a", "b{{ c }}"]])
def test_an_expression_may_stand_deep_inside(source):
    assert sample(names=source).names.is_dynamic


def test_a_constant_is_checked_at_once_and_an_expression_when_it_is_rendered():
    with pytest.raises(ValidationError):
        sample(amount="many")
    amount = sample(amount="{{ inputs.n }}").amount
    assert amount.convert("12") == 12
    with pytest.raises(ValidationError):
        amount.convert("many")


def test_a_duration_is_read_in_every_form():
    assert sample(wait="5m").wait.convert("PT1M") == timedelta(minutes=1)
    assert sample(wait="PT5M").timeout is None


def test_a_property_without_a_type_converts_nothing():
    anything: Property[Any] = Property({"a": 1})
    assert anything.convert("x") == "x"
    assert anything == Property({"a": 1})
    assert anything != {"a": 1}
    assert hash(anything) == hash(Property({"a": 1}))
    assert repr(Property("x")) == "Property('x')"


def test_a_property_is_written_as_it_was_read():
    task = sample(amount="{{ n }}", names=["a"], **{"in": "x"})
    shown = task.model_dump(by_alias=True, exclude_defaults=True)
    assert shown == {"id": "a", "type": "test.Sample", "amount": "{{ n }}", "names": ["a"], "in": "x"}
    assert Sample.model_validate(shown) == task
    assert sample(amount=task.amount).amount is task.amount


def test_a_piece_of_a_flow_is_never_changed_and_knows_all_its_properties():
    with pytest.raises(ValidationError, match="frozen"):
        sample().id = "b"
    with pytest.raises(ValidationError, match="Extra inputs"):
        sample(nonsense=1)
    assert list(Model().problems()) == []


RETRIES = [
    ({"type": "constant", "interval": "PT1S"}, []),
    ({"type": "constant"}, ["must not be null"]),
    ({"type": "constant", "interval": "PT10S", "maxDuration": "PT1S"}, ["'interval' must be less than 'maxDuration' but is PT10S"]),
    ({"type": "constant", "interval": "PT1S", "maxDuration": "PT1S"}, ["'interval' must be less than 'maxDuration' but is PT1S"]),
    ({"type": "exponential", "interval": "PT1S"}, ["must not be null"]),
    ({"type": "exponential", "interval": "PT1S", "maxInterval": "PT3S"}, []),
    ({"type": "exponential", "interval": "PT3S", "maxInterval": "PT3S"}, ["'interval' must be less than 'maxInterval' but is PT3S"]),
    ({"type": "random", "minInterval": "PT1S", "maxInterval": "PT3S", "maxDuration": "PT10S"}, []),
    ({"type": "random", "minInterval": "PT3S", "maxInterval": "PT3S"}, ["'minInterval' must be less than 'maxInterval' but is PT3S"]),
    ({"type": "random", "minInterval": "PT1S", "maxInterval": "PT3S", "maxDuration": "PT2S"}, ["'maxInterval' must be less than 'maxDuration' but is PT3S"]),
    ({"type": "random", "minInterval": "PT2S", "maxInterval": "PT3S", "maxDuration": "PT1S"}, ["'minInterval' must be less than 'maxDuration' but is PT2S"]),
    ({"type": "random"}, ["must not be null", "must not be null"]),
]  # fmt: skip


@pytest.mark.parametrize(("document", "messages"), RETRIES)
def test_a_retry_is_told_what_it_lacks(document, messages):
    assert [problem.message for problem in Retry.model_validate(document).problems()] == messages


@pytest.mark.parametrize("word", ["maxAttempts", "maxAttempt"])
def test_the_attempts_of_a_retry_have_two_names(word):
    assert Retry.model_validate({"type": "constant", "interval": "PT1S", word: 3}).max_attempts == 3


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
