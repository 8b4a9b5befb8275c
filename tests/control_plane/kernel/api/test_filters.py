"""Filters of lists, as a table of what is sent and what becomes of it."""

import pytest
from django.db.models import Q
from django.http import QueryDict

from control_plane.kernel.api.filter_fields import Choice, Flag, Labels, Moment, Number, Op, Search, Since, Text
from control_plane.kernel.api.filters import Filters
from control_plane.kernel.words.errors import BadParameter


class Things(Filters):
    q = Search("name", "title")
    namespace = Text("namespace")
    flowId = Text("flow_id")
    state = Choice("state", ["FAILED", "KILLED", "SUCCESS"])
    created = Moment("created_at")
    timeRange = Since("created_at")
    size = Number("size")
    enabled = Flag("is_disabled", negated=True)
    labels = Labels("labels")
    legacy = {"minSize": ("size", Op.GREATER_THAN_OR_EQUAL_TO)}


def q(query: str) -> Q:
    return Things.matching(QueryDict(query))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", Q()),
        ("page=1&size=2", Q()),
        ("filters[namespace][EQUALS]=a.b", Q(namespace="a.b")),
        ("filters%5Bnamespace%5D%5BEQUALS%5D=a.b", Q(namespace="a.b")),
        ("filters[namespace][NOT_EQUALS]=a", ~Q(namespace="a")),
        ("filters[namespace][PREFIX]=a", Q(namespace="a") | Q(namespace__startswith="a.")),
        ("filters[namespace][STARTS_WITH]=a%25_", Q(namespace__startswith="a%_")),
        ("filters[flowId][REGEX]=^a.*$", Q(flow_id__regex="^a.*$")),
        ("filters[state][IN]=FAILED,KILLED", Q(state__in=["FAILED", "KILLED"])),
        ("filters[state][NOT_IN]=FAILED", ~Q(state__in=["FAILED"])),
        ("filters[size][GREATER_THAN]=3", Q(size__gt=3)),
        ("filters[enabled][EQUALS]=true", Q(is_disabled=False)),
        ("filters[enabled][NOT_EQUALS]=true", Q(is_disabled=True)),
        ("filters[labels][EQUALS][team]=sdk", Q(labels__contains={"team": "sdk"})),
        ("filters[labels][EQUALS]=team:a:b", Q(labels__contains={"team": "a:b"})),
        ("filters[labels][NOT_EQUALS][a.b]=c", ~Q(labels__contains={"a.b": "c"})),
        ("filters[q][EQUALS]=x", Q(name__icontains="x") | Q(title__icontains="x")),
        ("filters[q][EQUALS]=", Q()),
        ("filters[namespace][EQUALS]=a&filters[namespace][EQUALS]=b", Q(namespace="a") & Q(namespace="b")),
        ("minSize=2", Q(size__gte=2)),
    ],
)
def test_a_query_becomes_a_condition(query, expected):
    assert q(query) == expected


@pytest.mark.parametrize(
    "query",
    [
        "filters[color][EQUALS]=x",
        "filters[namespace][GREATER_THAN]=x",
        "filters[namespace][equals]=x",
        "filters[namespace][FLY]=x",
        "filters[namespace]=x",
        "filters[]=x",
        "filters[namespace__in][EQUALS]=x",
        "filters[state][EQUALS]=FLYING",
        "filters[created][EQUALS]=yesterday",
        "filters[created][EQUALS]=99999-01-01",
        "filters[timeRange][EQUALS]=soon",
        "filters[timeRange][EQUALS]=P99999999D",
        "filters[size][EQUALS]=many",
        "filters[size][EQUALS]=99999999999999999999999",
        "filters[size][EQUALS]=²",
        "filters[enabled][EQUALS]=maybe",
        "filters[labels][EQUALS]=no-colon",
        "filters[flowId][REGEX]=(",
        "filters[flowId][REGEX]=(a)\\1",
        "filters[flowId][REGEX]=((a{1,100}){1,100}){1,100}",
        "filters[flowId][REGEX]=" + "a" * 501,
        "filters[namespace][EQUALS]=a%00b",
        "&".join(["filters[namespace][EQUALS]=a"] * 101),
        "filters[namespace][EQUALS]=" + "a" * 10_001,
    ],
)
def test_what_is_not_understood_is_a_bad_parameter(query):
    with pytest.raises(BadParameter):
        q(query)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (None, Q()),
        ([], Q()),
        ([{"field": "namespace", "operation": "EQUALS", "value": "a"}], Q(namespace="a")),
        ([{"field": "NAMESPACE", "operation": "EQUALS", "value": {"value": "a"}}], Q(namespace="a")),
        ([{"field": "FLOW_ID", "operation": "IN", "value": ["a", "b,c"]}], Q(flow_id__in=["a", "b,c"])),
        ([{"field": "QUERY", "operation": "EQUALS", "value": "x"}], Q(name__icontains="x") | Q(title__icontains="x")),
        ([{"field": "labels", "operation": "EQUALS", "value": {"team": "sdk"}}], Q(labels__contains={"team": "sdk"})),
        ([{"field": "enabled", "operation": "EQUALS", "value": True}], Q(is_disabled=False)),
        (
            [{"logical": "or", "children": [
                {"field": "namespace", "operation": "EQUALS", "value": "a"},
                {"field": "flowId", "operation": "EQUALS", "value": "b"},
            ]}],
            Q(namespace="a") | Q(flow_id="b"),
        ),
    ],
)  # fmt: skip
def test_the_json_form_means_the_same(sent, expected):
    assert Things.matching_json(sent) == expected


def test_json_filters_are_bounded():
    deep: dict = {"field": "namespace", "operation": "EQUALS", "value": "a"}
    for _ in range(20):
        deep = {"logical": "and", "children": [deep]}
    for wrong in ("x", {}, [1], [deep], [{}] * 101, [{"field": "namespace", "operation": "X", "value": 1}]):
        with pytest.raises(BadParameter):
            Things.matching_json(wrong)


@pytest.mark.parametrize("query", ["filters[namespace][EQUALS][a]=b", "filters[q][EQUALS][a][b]=c"])
def test_a_key_where_there_are_none_is_refused(query: str):
    with pytest.raises(BadParameter, match="has no keys"):
        q(query)


@pytest.mark.parametrize("value", ["--1", "1-", "-", "\u0661", "1.5", "9" * 19, "+1"])
def test_what_is_no_whole_number_is_refused(value: str):
    with pytest.raises(BadParameter, match="`size` must be a whole number"):
        q(f"filters[size][EQUALS]={value.replace('+', '%2B')}")


def test_only_lists_are_split_at_commas():
    q = Labels("labels").q
    assert q("labels", Op.EQUALS, "a,b", "k") == Q(labels__contains={"k": "a,b"})
    assert q("labels", Op.NOT_EQUALS, " a , b ", "k") == ~Q(labels__contains={"k": " a , b "})
    assert q("labels", Op.EQUALS, "k:a,b", None) == Q(labels__contains={"k": "a,b"})
    assert q("labels", Op.IN, "a,b", "k") == Q(labels__contains={"k": "a"}) | Q(labels__contains={"k": "b"})
    assert q("labels", Op.NOT_IN, "a,b", "k") == ~(Q(labels__contains={"k": "a"}) | Q(labels__contains={"k": "b"}))
    with pytest.raises(BadParameter):
        Number("n").q("n", Op.EQUALS, "1,2", None)
