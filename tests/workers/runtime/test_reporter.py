"""How long a line waits before it is reported."""

import pytest

from workers.runtime.reporter import company_seconds


@pytest.mark.parametrize(
    ("since_last_report", "waits"),
    [
        (3600.0, 0.01),  # a silence: the first line goes as soon as a quick task would have ended
        (0.05, 0.01),
        (0.03, 0.02),
        (0.0, 0.05),  # a report has just gone: the next takes along what comes until then
    ],
)
def test_a_line_waits_for_company_only_as_long_as_others_are_on_their_way(since_last_report, waits):
    assert company_seconds(since_last_report) == pytest.approx(waits)
