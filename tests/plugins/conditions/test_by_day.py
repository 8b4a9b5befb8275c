"""Which conditions look at nothing but the day."""

import pytest

from flows.model.parse import parse_plugin
from plugins.conditions.by_day import decides_by_day
from plugins.contracts import Condition

PREFIX = "io.kestra.plugin.core.condition."
WEEKEND = {"type": PREFIX + "Weekend"}
TIME = {"type": PREFIX + "TimeBetween", "after": "08:00:00"}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (WEEKEND, True),
        ({**WEEKEND, "date": "{{trigger.date}}"}, True),
        ({**WEEKEND, "date": "{{ now() }}"}, False),
        ({"type": PREFIX + "DayWeek", "dayOfWeek": "MONDAY"}, True),
        ({"type": PREFIX + "PublicHoliday", "country": "FR"}, True),
        (TIME, False),
        ({"type": PREFIX + "Not", "conditions": [WEEKEND]}, True),
        ({"type": PREFIX + "Or", "conditions": [WEEKEND, TIME]}, False),
    ],
)
def test_a_condition_looks_at_the_day_alone_or_it_does_not(document, expected):
    assert decides_by_day(parse_plugin(Condition, document)) is expected
