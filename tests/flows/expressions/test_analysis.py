import pytest

from flows.expressions import References, compile


def references(template):
    return compile(template).references


@pytest.mark.parametrize(
    ("template", "paths"),
    [
        ("text", set()),
        ("{{ inputs.a }}", {"inputs.a"}),
        ("{{ inputs.a ~ outputs.b.c | upper }}", {"inputs.a", "outputs.b.c"}),
        ("{{ outputs['b-c'].d }}", {"outputs.b-c.d"}),
        ("{{ outputs.b[0].d }}", {"outputs.b.0.d"}),
        ("{{ outputs[taskrun.value].x }}", {"outputs", "taskrun.value"}),
        ("{{ outputs['a.b'].x }}", {"outputs"}),
        ("{{ outputs.a.get('x').y }}", {"outputs.a"}),
        ("{{ outputs.a.get(inputs.k) }}", {"outputs.a", "inputs.k"}),
        ("{{ inputs }}{{ inputs.a }}", {"inputs"}),
        ("{{ a.b }}{{ a.b.c }}{{ ab }}", {"a.b", "ab"}),
        ("{{ a is defined ? b : c }}", {"a", "b", "c"}),
        ("{{ a ?? b ??? c }}", {"a", "b", "c"}),
        ("{{ not a and (b or c) }}", {"a", "b", "c"}),
        ("{{ {'k': a, b: [c]} }}", {"a", "b", "c"}),
        ("{{ " + ".".join("a" * 40) + " }}", {".".join("a" * 16)}),
        ("{{ x | replace({a: b}) | date(format=c) }}", {"x", "a", "b", "c"}),
        ("{{ x is equals(y) }}", {"x", "y"}),
        ("{{ max(a, b.c) }}", {"a", "b.c"}),
        ("{{ (a | first).b }}", {"a"}),
        ("{{ [a][b].c }}", {"a", "b"}),
        ("{% if a.b %}{{ c }}{% elseif d %}{{ e }}{% else %}{{ f }}{% endif %}", {"a.b", "c", "d", "e", "f"}),
        ("{% for r in outputs.q.rows %}{{ r.id }}{{ loop.index }}{% else %}{{ z }}{% endfor %}", {"outputs.q.rows", "z"}),
        ("{% for r in rows %}{% endfor %}{{ r }}", {"rows", "r"}),
        ("{% set v = inputs.a %}{{ v.b }}", {"inputs.a"}),
        ("{{ v }}{% set v = inputs.a %}", {"inputs.a", "v"}),
        ("{% if c %}{% set v = 1 %}{% endif %}{{ v }}", {"c", "v"}),
        ("{% macro m(a, b=inputs.d) %}{{ a }}{{ b }}{% endmacro %}{{ m(inputs.x) }}", {"inputs.d", "inputs.x"}),
        ("{% macro m(_context) %}{{ _context.a }}{% endmacro %}{{ m() }}", {"*"}),
        ("{{ _context.a }}", {"*"}),
        ("{{ printContext() }}", {"*"}),
        ("{% filter replace({'a': b}) %}{{ c }}{% endfilter %}", {"b", "c"}),
        ("{% block 'x' %}{{ a }}{% endblock %}", {"a"}),
        ("{{ currentEachOutput(outputs.a).v }}", {"outputs.a.{loop}", "parents", "taskrun.value"}),
        ("{{ currentEachOutput((outputs | first).a) }}", {"outputs", "parents", "taskrun.value"}),
        ("{{ currentEachOutput(outputs) }}", {"outputs", "parents", "taskrun.value"}),
        ("{{ outputs.a[taskrun.value].v }}", {"outputs.a.{loop}.v", "taskrun.value"}),
        ("{{ outputs.a[parent.taskrun.value][taskrun.value] }}", {"outputs.a.{loop}.{loop}", "parent.taskrun.value", "taskrun.value"}),
        ("{{ outputs.a[parents[1].taskrun.value] }}", {"outputs.a.{loop}", "parents.1.taskrun.value"}),
        ("{{ outputs.a[taskrun.iteration] }}", {"outputs.a", "taskrun.iteration"}),
        ("{% set taskrun = x %}{{ outputs.a[taskrun.value] }}", {"x", "outputs.a"}),
        ("{{ read(x) }}", {"x", "flow", "execution", "trigger"}),
        ("{% raw %}{{ a }}{% endraw %}", set()),
    ],
)  # fmt: skip
def test_the_variables_that_may_be_touched_are_known(template, paths):
    assert references(template).paths == paths


@pytest.mark.parametrize(
    ("template", "rendered"),
    [
        ("{{ render(vars.a) }}", {"vars.a"}),
        ("{{ renderOnce(namespace['b']) }}", {"namespace.b"}),
        ("{{ render(vars) }}", {"vars"}),
        ("{{ render(vars[inputs.k]) }}", {"vars"}),
        ("{{ render(vars.a ~ vars.b) }}", {"vars.a", "vars.b"}),
        ("{{ render(x ? vars.a : 'plain') }}", {"x", "vars.a"}),
        ("{{ render('{{ anything }}') }}", {"*"}),
        ("{{ render('plain') }}", set()),
        ("{{ render(read('x')) }}", {"*"}),
        ("{{ render(a | trim) }}", {"*"}),
        ("{% set v = vars.a %}{{ render(v) }}", {"*"}),
        ("{{ render(toRender=[vars.a], recursive=false) }}", {"vars.a"}),
        ("{{ render(kv('x').field) }}", {"*"}),
    ],
)
def test_what_is_rendered_in_turn_is_known(template, rendered):
    assert references(template).calls_render == rendered
    assert not references(template).is_pure or not rendered


@pytest.mark.parametrize(
    ("template", "is_pure", "needs_services"),
    [
        ("{{ inputs.a | upper }}", True, False),
        ("{{ a | jq('.x') }}", True, False),
        ("{{ now() }}", False, False),
        ("{{ uuid() }}", False, False),
        ("{{ secret('A') }}", False, True),
        ("{{ true ? 1 : kv('a') }}", False, True),
        ("{% for x in http('u') %}{% endfor %}", False, True),
        ("{% macro secret(a) %}{% endmacro %}{{ secret('A') }}", True, False),
        ("{{ nothing('A') }}", True, False),
    ],
)
def test_what_is_asked_of_the_outside_is_known(template, is_pure, needs_services):
    assert (references(template).is_pure, references(template).needs_services) == (is_pure, needs_services)


def test_names_that_do_not_exist_are_known():
    found = references(
        "{{ a | nope }}{{ nada() }}{{ x is nil }}{{ m() }}{% macro m() %}{% endmacro %}{{ x is defined }}"
    )
    assert found.unknown == {"nope", "nada", "nil"}


def test_functions_and_filters_are_named():
    found = references("{{ max(1, 2) | abs | upper }}")
    assert (found.functions, found.filters) == ({"max"}, {"abs", "upper"})


def test_references_add_up():
    both = references("{{ a }}{{ now() }}") | references("{{ b | nope }}{{ render(c) }}")
    assert both == References(
        frozenset({"a", "b", "c"}), frozenset({"now", "render"}), frozenset(), frozenset({"c"}), frozenset({"nope"})
    )
