import pytest

from flows.expressions import (
    ArgumentError,
    Environment,
    ExpressionError,
    ExpressionLimitError,
    Float32,
    Limits,
    compile,
)
from flows.expressions.limits import Run
from flows.expressions.registry import camel_case, filter_
from flows.expressions.typed import Char, TypedWriter


def limited(template, scope=None, **limits):
    with pytest.raises(ExpressionLimitError) as caught:
        compile(template).render(scope or {}, Environment(limits=Limits(**limits)))
    return caught.value.message


@pytest.mark.parametrize(
    ("template", "limits", "message"),
    [
        ("{% for a in 1..100 %}{% endfor %}", {"steps": 50}, "needs more than 50 steps"),
        ("{{ 'a' ~ 'b' }}", {"output_bytes": 1}, "makes a text of more than 1 bytes"),
        ("{{ 'é' }}", {"output_bytes": 3}, "makes a text of more than 3 bytes"),
        ("{{ 'ab' }}{{ 'ab' }}", {"total_bytes": 3}, "makes more than 3 bytes of text"),
        ("abcd", {"output_bytes": 3}, "makes a text of more than 3 bytes"),
        ("{{ 1..11 }}", {"items": 10}, "makes a list of more than 10 items"),
        ("{{ [1] + range(1, 10) }}", {"items": 10}, "makes a list of more than 10 items"),
        ("{{ [[[[1]]]] }}", {"depth": 3}, "A value nests deeper than 3 levels"),
        (
            "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
            {"depth": 20},
            "The expression nests deeper than 20 levels",
        ),
        (
            "{% for a in 1..100000 %}{% for b in 1..1000 %}{% endfor %}{% endfor %}",
            {"seconds": 0.01},
            "longer than 0.01 s",
        ),
    ],
)
def test_a_limit_is_kept(template, limits, message):
    limits.setdefault("steps", 10**9 if "seconds" in limits else 500)
    assert message in limited(template, **limits)


def test_the_clock_is_looked_at_now_and_then():
    run = Run(Limits(seconds=0.0))
    run.step(100)
    with pytest.raises(ExpressionLimitError):
        run.step(1000)


def test_a_shared_value_counts_each_time_it_appears():
    run = Run(Limits())
    one = ["x"] * 10
    assert run.measure([one] * 10) == 110
    assert run.measure({"a": {"b": 1}}) == 2
    assert run.measure("text") == 1


def test_what_was_entered_is_left_again():
    run = Run(Limits(depth=10))
    for _ in range(100):
        run.enter(8)
        run.leave(8)


def test_each_rendering_has_an_account_of_its_own():
    template = compile("{% for a in 1..40 %}x{% endfor %}")
    env = Environment(limits=Limits(steps=600))
    assert {template.render({}, env) for _ in range(50)} == {"x" * 40}


def test_two_filters_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two filters are named upper"):
        filter_("upper")(lambda value: value)


def test_names_are_told_in_camel_case():
    assert [camel_case(name) for name in ("time_zone", "format", "error_on_missing", "type")] == [
        "timeZone",
        "format",
        "errorOnMissing",
        "type",
    ]


@pytest.mark.parametrize(
    ("writes", "expected"),
    [([1, 2, 3], 6), ([1.0, 2.0], 3.0), (["a", "b"], "ab"), ([Float32(1.5), Float32(2)], Float32(3.5)), ([{"a": 1}], {"a": 1}), ([None, 1], 1)],
)  # fmt: skip
def test_values_of_one_type_add_up(writes, expected):
    writer = TypedWriter()
    for each in writes:
        writer.write(each)
    assert (writer.value, type(writer.value)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("writes", "message"),
    [
        ([1, Char("a")], "Tried to add java.lang.Character to java.lang.Integer"),
        ([{}, {}], "Tried to add java.util.Map to java.util.Map"),
        ([[], "a"], "Tried to add java.lang.String to java.util.List"),
        ([True, True], "Tried to add java.lang.Boolean to java.lang.Boolean"),
    ],
)
def test_values_of_two_types_do_not(writes, message):
    writer = TypedWriter()
    writer.write(writes[0])
    with pytest.raises(ArgumentError) as caught:
        writer.write(writes[1])
    assert caught.value.message == message


def test_a_nesting_as_deep_as_the_limit_is_allowed_and_one_deeper_is_not():
    run = Run(Limits(depth=3))
    run.enter(3)
    with pytest.raises(ExpressionLimitError, match="deeper than 3 levels"):
        run.enter()


@pytest.mark.parametrize(("length", "is_read"), [(200, True), (201, False)])
def test_a_date_is_read_from_a_text_of_at_most_200_characters(length, is_read):
    text = "2024-01-15".ljust(length)
    template = compile("{{ text | date('yyyy', existingFormat='yyyy-MM-dd') }}")
    if is_read:
        assert template.render({"text": text}, Environment()) == "2024"
    else:
        with pytest.raises(ExpressionError, match="is not a date of the format"):
            template.render({"text": text}, Environment())


@pytest.mark.parametrize(
    ("work", "steps"),
    [
        (lambda run: run.work_through(0), 1),
        (lambda run: run.work_through(80), 11),
        (lambda run: run.room_for_items(0), 1),
        (lambda run: run.room_for_items(160), 11),
        (lambda run: run.made_text("a" * 40_960), 11),
        (lambda run: run.measure([1] * 80), 11),
    ],
)
def test_work_is_charged_by_its_size(work, steps):
    run = Run(Limits())
    work(run)
    assert run.steps == steps


@pytest.mark.parametrize(
    ("template", "scope"),
    [
        ("{{ t | base64encode }}", {"t": "a" * 400 * 1024}),
        ("{{ t | replace({'a': ''}, regexp=true) }}", {"t": "ab" * 600}),
        ("{{ render(t) }}", {"t": "{{ 1 }}" * 18}),
    ],
)
def test_work_that_makes_little_is_charged_too(template, scope):
    assert "needs more than 500 steps" in limited(template, scope, steps=500)
