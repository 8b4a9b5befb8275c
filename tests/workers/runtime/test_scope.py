"""A variable that the claim did not bring costs a request, and never a wrong result."""

import pytest

from tests.workers.runtime.control_plane import job
from workers.runtime.scope import Coverage, LazyMap, plain


class Asked:
    """Answers from a full scope, and remembers what was asked."""

    def __init__(self, full):
        self.full = full
        self.names = []

    def __call__(self, names):
        self.names += names
        found = {}
        for name in names:
            value = self.full
            for step in name.split("."):
                if not isinstance(value, dict) or step not in value:
                    break
                value = value[step]
            else:
                found[name] = value
        return found


FULL = {
    "inputs": {"a": 1, "b": None},
    "outputs": {"x": {"y": 2, "z": {"deep": 3}}, "dotted.id": {"v": 1}},
    "flow": {"id": "f"},
}


def scope(known, *covered):
    asked = Asked(FULL)
    return LazyMap(known, asked, Coverage(covered)), asked


def test_what_is_known_is_not_asked_for():
    variables, asked = scope({"inputs": {"a": 1}}, "inputs.a")
    assert variables["inputs"]["a"] == 1
    assert asked.names == []


def test_what_is_missing_is_asked_for_once():
    variables, asked = scope({"outputs": {"x": {"y": 2}}}, "outputs.x.y")
    assert variables["outputs"]["x"]["z"] == {"deep": 3}
    assert variables["outputs"]["x"]["z"] == {"deep": 3}
    assert variables["flow"] == {"id": "f"}
    assert asked.names == ["outputs.x.z", "flow"]


def test_what_a_covered_branch_lacks_does_not_exist():
    variables, asked = scope({"inputs": {}}, "inputs")
    assert variables["inputs"].get("none", "default") == "default"
    assert "none" not in variables["inputs"]
    assert asked.names == []


def test_what_nobody_has_is_missing():
    variables, _ = scope({})
    with pytest.raises(KeyError):
        variables["nothing"]
    assert variables.get("nothing") is None
    assert "nothing" not in variables


def test_null_is_a_value():
    variables, _ = scope({})
    assert variables["inputs"]["b"] is None
    assert "b" in variables["inputs"]


def test_a_branch_that_is_read_whole_is_fetched_whole():
    variables, asked = scope({"outputs": {"x": {"y": 2}}}, "outputs.x.y")
    assert set(variables["outputs"]) == {"x", "dotted.id"}
    assert asked.names == ["outputs"]
    assert plain(variables["outputs"]) == FULL["outputs"]


def test_a_key_with_a_dot_is_found():
    variables, _ = scope({"outputs": {}}, "outputs.other")
    assert variables["outputs"]["dotted.id"] == {"v": 1}


def test_everything_is_covered_when_the_claim_says_so():
    variables, asked = scope({"a": 1}, "*")
    assert variables.get("b") is None
    assert asked.names == []


def test_an_expression_that_nobody_foresaw_is_resolved(plane, start):
    plane.variables = {"vars.greeting": "hello", "inputs": {"name": "Ann"}}
    inner = "{% raw %}{{ vars.greeting }} {{ inputs.name }}{% endraw %}"
    spec = f"type: io.kestra.plugin.core.log.Log\nmessage: '{inner}'"
    task = {"id": "t", "type": "io.kestra.plugin.core.templating.TemplatedTask", "spec": spec}
    plane.offer(job("one", task, scope={"vars": {}}))
    start()
    plane.end_of("one")
    assert plane.messages("one") == ["hello Ann"]


def test_an_undefined_variable_is_no_request_when_the_claim_covers_it(plane, start):
    plane.offer(job("one", {"id": "l", "type": "io.kestra.plugin.core.log.Log", "message": "{{ inputs.x ?? 'none' }}"}))
    start()
    plane.end_of("one")
    assert plane.messages("one") == ["none"]
    assert plane.count("jobs/one/resolve") == 0


@pytest.mark.parametrize(("path", "lacking"), [("vars.a.b", "vars"), ("outputs.a.value", "a"), ("outputs.b.c.d", "c")])
def test_what_is_missing_is_named_from_the_top(plane, start, path, lacking):
    text = f"{{{{ {path} }}}}"
    task = {"id": "l", "type": "io.kestra.plugin.core.log.Log", "message": text}
    plane.offer(job("one", task, scope={"outputs": {"b": {}}}))
    start()
    assert plane.end_of("one").error == f"Unable to find `{lacking}` used in the expression `{text}` at line 1"
