"""Pages and order of lists."""

import pytest
from django.http import QueryDict

from control_plane.kernel.api.pages import Page, order_of, page_of, sliced
from control_plane.kernel.words.errors import BadParameter, Invalid

FIELDS = {"id": "flow_id", "state.startDate": "started_at"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [("", Page(1, 10)), ("page=3&size=500", Page(3, 500)), ("size=10000", Page(1, 10000)), ("page=", Page(1, 10))],
)
def test_a_page_is_read(query, expected):
    assert page_of(QueryDict(query)) == expected


@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", "size=0", "size=x", "size=1e3", "page=" + "9" * 30, "size=10001"]
)
def test_a_page_that_cannot_be_is_refused(query):
    with pytest.raises(BadParameter):
        page_of(QueryDict(query))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["-started_at", "pk"]),
        ("sort=id:asc", ["flow_id", "pk"]),
        ("sort=id:ASC&sort=state.startDate:desc", ["flow_id", "-started_at", "pk"]),
        ("sort=id:whatever", ["-flow_id", "pk"]),
    ],
)
def test_an_order_is_read_and_the_id_decides_last(query, expected):
    assert order_of(QueryDict(query), FIELDS, ["-started_at"]) == expected


@pytest.mark.parametrize(("query", "refusal"), [("sort=id", Invalid), ("sort=flow_id:asc", BadParameter)])
def test_an_order_that_is_not_offered_is_refused(query, refusal):
    with pytest.raises(refusal):
        order_of(QueryDict(query), FIELDS, [])


def test_a_page_past_the_end_is_empty_and_knows_the_total():
    assert sliced([1, 2, 3], Page(9, 2)) == {"results": [], "total": 3}
