"""A property keeps what its author wrote, and converts what was rendered."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import Field, ValidationError

from plugins.contracts import Property, Task


class Sample(Task):
    amount: Property[int] = Property(1)
    names: Property[list[str]] | None = None
    wait: Property[timedelta] | None = None
    in_: str | None = Field(default=None, alias="in")


def sample(**properties):
    return Sample.model_validate({"id": "a", "type": "test.Sample", **properties})


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


def test_a_constant_that_is_no_text_is_checked_at_once():
    with pytest.raises(ValidationError):
        sample(amount=["many"])


def test_a_text_that_is_no_value_is_kept_with_why_and_fails_where_it_is_read():
    amount = sample(amount="many").amount
    assert amount.misfit is not None
    assert "integer" in str(amount.misfit)
    with pytest.raises(ValidationError):
        amount.convert(amount.source)
    assert sample(amount="12").amount.misfit is None


def test_an_expression_is_checked_when_it_is_rendered():
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
