import base64
import random
import re
from datetime import UTC, datetime

import pytest

from flows.expressions import Environment, EvaluationError, ServiceError, UndefinedError, masked, secrets_in
from flows.expressions.encryption import decrypt, decrypted, encrypt, key_bytes
from flows.expressions.environment import NoServices, utc_now
from tests.flows.expressions.showing import show, value

KEY = base64.b64encode(b"k" * 32).decode()


class World:
    """Answers every question with what was asked."""

    def secret(self, key, namespace=None, subkey=None):
        return f"secret of {key} {namespace} {subkey}"

    def credential(self, name):
        return f"token of {name}"

    def kv(self, key, namespace, error_on_missing):
        if key == "missing":
            if error_on_missing:
                raise ServiceError(f"The key '{key}' does not exist")
            return None
        return {"field": [key, namespace]}

    def may_read(self, uri):
        return "/kin/" in uri

    def read(self, path, namespace=None):
        return f"content of {path} {namespace}"

    def file_size(self, path, namespace=None):
        return len(path)

    def file_exists(self, path, namespace=None):
        return path == "there"

    def is_file_empty(self, path, namespace=None):
        return path == "empty"

    def file_uri(self, path, namespace=None):
        return f"kestra:///{namespace}/{path}"

    def http(self, request):
        return {"asked": dict(request)}

    def error_logs(self):
        return [{"message": "boom"}]

    def tasks_with_state(self, state):
        return [{"taskId": "a", "state": state}]

    def app_link(self, app_id, base_url):
        return f"{app_id} {base_url}"

    def assets(self, criteria):
        return [dict(criteria)]

    def random_port(self):
        return 4242

    def encryption_key(self, name):
        return name.ljust(32, "-").encode()


HERE = Environment(services=World(), random=random.Random(1), clock=lambda: datetime(2024, 1, 5, 12, tzinfo=UTC))
RUNNING = {
    "flow": {"id": "my_Flow", "namespace": "my.team"},
    "execution": {"id": "E1"},
    "trigger": {"namespace": "other", "flowId": "up", "executionId": "E0"},
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("secret('A')", "secret of A None None"),
        ("secret('A', 'ns', subkey='x')", "secret of A ns x"),
        ("credential('c')", "token of c"),
        ("kv('k').field[0]", "k"),
        ("kv('k', 'ns').field[1]", "ns"),
        ("kv(key='missing', errorOnMissing=false) ?? 'none'", "none"),
        ("read('a.txt')", "content of a.txt None"),
        ("read('a.txt', namespace='ns')", "content of a.txt ns"),
        ("fileSize('abc')", "3"),
        ("fileExists('there')", "true"),
        ("isFileEmpty('full')", "false"),
        ("fileURI('x', 'ns')", "kestra:///ns/x"),
        ("http(uri='u', method='POST', body={'a': 1}).asked.body.a", "1"),
        ("http('u').asked.uri", "u"),
        ("errorLogs() | jq('.[].message') | first", "boom"),
        ("tasksWithState('failed')[0].state", "FAILED"),
        ("appLink(appId='x')", "x False"),
        ("appLink(baseUrl=true)", "None True"),
        ("assets(type='t')[0].type", "t"),
        ("randomPort()", "4242"),
        ("decrypt('name', encrypt('name', 'text'))", "text"),
        (f"decrypt('{KEY}', encrypt('{KEY}', 'text'))", "text"),
    ],
)
def test_what_is_outside_is_asked(expression, expected):
    assert show("{{ " + expression + " }}", HERE) == expected


@pytest.mark.parametrize(
    "expression", ["secret('A')", "credential('A')", f"decrypt('{KEY}', encrypt('{KEY}', 'text'))"]
)
def test_what_is_secret_is_marked(expression):
    assert masked(show("<{{ " + expression + " }}>", HERE)) == "<******>"


def test_answers_of_the_outside_carry_no_mark_of_the_question():
    assert secrets_in(show("{{ http('u', headers={'a': secret('A')}).asked.uri }}", HERE)) == set()


@pytest.mark.parametrize(
    "path",
    [
        "kestra:///my/team/my_flow/executions/E1/tasks/t/x.ion",
        "kestra:///other/up/executions/E0/x",
        "kestra:///other/kin/executions/E7/x",
    ],
)
def test_files_of_this_execution_and_of_the_one_that_started_it_may_be_read(path):
    assert show("{{ read(path) }}", HERE, path=path, **RUNNING).startswith("content of kestra")


@pytest.mark.parametrize(
    "path",
    [
        "kestra:///my/team/my_flow/executions/E2/x",
        "kestra:///my/team/my_flow/executions/E1",
        "kestra:///my/team/my_flow/executions/E10/x",
        "kestra:///other/up/executions/E1/x",
        "kestra://x",
    ],
)
@pytest.mark.parametrize("name", ["read", "fileSize", "fileExists", "isFileEmpty"])
def test_files_of_other_executions_may_not_be_read(name, path):
    with pytest.raises(ServiceError) as caught:
        show("{{ " + name + "(path) }}", HERE, path=path, **RUNNING)
    assert str(caught.value) == f"Unable to read the file '{path}' as it didn't belong to the current execution"


@pytest.mark.parametrize("path", ["../x", "a/../b", "a/..", "%2e%2e/x", "a\\..\\b", "kestra:///a/../b"])
def test_a_path_never_goes_up(path):
    for name in ("read", "fileURI"):
        with pytest.raises(EvaluationError, match=re.escape("Path must not contain '../'")):
            show("{{ " + name + "(path) }}", HERE, path=path)


def test_without_an_execution_no_file_of_one_may_be_read():
    with pytest.raises(ServiceError):
        show("{{ read('kestra:///a/b/executions/c/x') }}", HERE, flow={"id": "b"}, execution=None)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("secret()", "The function `secret` expects an argument `key`"),
        ("secret(1)", "The argument `key` must be a text"),
        ("kv('missing')", "does not exist"),
        ("kv('k', errorOnMissing='no')", "must be true or false"),
        ("http('u', colour='red')", "The function `http` has no argument `colour`"),
        ("read('')", "must name a file"),
        ("encrypt('a')", "expects an argument `plaintext`"),
        (f"decrypt('{KEY}', 'xx')", "cannot be decrypted"),
        (f"decrypt('{KEY}', '%%')", "cannot be decrypted"),
        ("randomInt(1)", "expects an argument `upper`"),
        ("randomInt('1', '2')", "must be a whole number"),
        ("randomInt(10, 1)", "upper must not be less than lower"),
        ("nanoId(0)", "makes 1 to 1000 letters"),
        ("range(1, 2, 0)", "The step of a range cannot be 0"),
        ("max()", "need at least one argument"),
        ("currentEachOutput(1)", "must be the outputs of a task"),
        ("iterationOutput()", "the task is not in a loop"),
        ("iterationOutput({}, 5)", "There is no output for the iteration 5"),
        ("iterationOutput('unknown', 5)", "There is no output for the iteration 5"),
        ("parentOutput(3)", "There is no parent task at level 3"),
        ("fromJson()", "expects an argument `json`"),
        ("fromJson(1)", "must be a text"),
        ("render('a', recursive='x')", "must be true or false"),
    ],
)
def test_a_function_says_what_it_needs(expression, message):
    with pytest.raises(EvaluationError) as caught:
        show("{{ " + expression + " }}", HERE)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("name", "spoken"),
    [
        ("secret('a')", "secret"),
        ("fileURI('a')", "fileURI"),
        ("tasksWithState('a')", "tasksWithState"),
        ("http('a')", "http"),
    ],
)
def test_without_a_port_everything_outside_is_refused_by_name(name, spoken):
    with pytest.raises(ServiceError, match=f"`{spoken}` cannot be used here"):
        show("{{ " + name + " }}")


def test_the_empty_port_pretends_nothing():
    with pytest.raises(AttributeError):
        _ = NoServices().__length_hint__


def test_the_usual_clock_is_in_utc():
    assert utc_now().tzinfo is UTC


LOOP = {
    "outputs": {
        "make": {"a": {"x": {"value": 1}}, "b": {"value": 2}},
        "again": {"0": {"value": "first"}, "1": {"value": "second"}},
    },
    "task": {"id": "again"},
}


def test_the_output_of_the_running_iteration_is_found():
    scope = {**LOOP, "taskrun": {"value": "b"}}
    assert show("{{ currentEachOutput(outputs.make).value }}", HERE, **scope) == "2"
    nested = {**LOOP, "taskrun": {"value": "x"}, "parents": [{"taskrun": {"value": "a"}}, {"outputs": {}}]}
    assert show("{{ currentEachOutput(outputs.make).value }}", HERE, **nested) == "1"
    assert value("{{ currentEachOutput(outputs.make) }}", HERE, **LOOP) == LOOP["outputs"]["make"]
    with pytest.raises(EvaluationError, match="no output for the iteration"):
        show("{{ currentEachOutput(outputs.make).value }}", HERE, **{**LOOP, "taskrun": {"value": "z"}})


def test_the_output_of_another_iteration_is_found():
    scope = {**LOOP, "taskrun": {"iteration": 1}}
    assert show("{{ iterationOutput(outputs.again).value }}", HERE, **scope) == "first"
    assert show("{{ iterationOutput(outputs.again, 1).value }}", HERE, **scope) == "second"
    assert show("{{ iterationOutput().value }}", HERE, **scope) == "first"
    assert show("{{ iterationOutput('again', 1).value }}", HERE, **scope) == "second"


def test_the_output_of_a_parent_is_found():
    parents = [{"outputs": {"v": 1}}, {"outputs": {"v": 2}}]
    assert show("{{ parentOutput().v }}{{ parentOutput(1).v }}", HERE, parents=parents) == "12"
    assert show("{{ parentOutput() }}", HERE, parents=["odd"]) == ""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("range(0, 3)", "[0,1,2,3]"),
        ("range(5, 1, -2)", "[5,3,1]"),
        ("range(3, 1)", "[]"),
        ("range(1, 3, -1)", "[]"),
        ("max('a', 'b')", "b"),
        ("min(2, 1.5)", "1.5"),
        ("randomInt(10, 10)", "10"),
        ("randomInt(lower=0, upper=1)", "0"),
        ("json('[1]')[0]", "1"),
    ],
)
def test_a_function_gives(expression, expected):
    assert show("{{ " + expression + " }}", HERE) == expected


@pytest.mark.parametrize(
    ("expression", "pattern"),
    [
        ("uuid()", r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
        ("id()", r"[0-9A-Za-z]{22}"),
        ("ksuid()", r"[0-9A-Za-z]{27}"),
        ("nanoId()", r"[\w-]{21}"),
        ("nanoId(5, 'ab')", r"[ab]{5}"),
        ("randomInt(-10, -1)", r"-(?:10|[2-9])"),
    ],
)
def test_chance_comes_from_the_environment(expression, pattern):
    template = "{{ " + expression + " }}"
    given = [show(template, Environment(random=random.Random(seed), clock=HERE.clock)) for seed in (1, 1, 2)]
    assert all(re.fullmatch(pattern, text) for text in given)
    assert given[0] == given[1]
    assert show("{{ ksuid() }}", HERE) < show(
        "{{ ksuid() }}", Environment(clock=lambda: datetime(2025, 1, 1, tzinfo=UTC))
    )


def test_encrypted_values_in_a_scope_are_opened_and_marked():
    key = b"x" * 16
    sealed = {"type": "io.kestra.datatype:aes_encrypted", "value": encrypt(key, "It's a secret")}
    scope = decrypted({"a": [sealed, 1], "b": {"c": sealed}}, lambda text: decrypt(key, text))
    assert masked(show("{{ a[0] }}, {{ b.c }}, {{ a[1] }}", **scope)) == "******, ******, 1"


def test_a_key_is_base64_of_a_fitting_length():
    assert key_bytes(KEY) == b"k" * 32
    assert key_bytes("I6EGNzRESu3X3pKZidrqCGOHQFUFC0yK") is not None
    assert key_bytes("c2hvcnQ=") is None
    assert key_bytes("%%%") is None
    with pytest.raises(EvaluationError):
        decrypt(b"k" * 32, encrypt(b"l" * 32, "text"))


def test_render_follows_expressions_in_values():
    scope = {
        "first": "1",
        "second": "{{ first }}",
        "third": "{{ second }}",
        "fourth": "{{ render(third, recursive=false) }}",
    }
    assert show("{{ third }}", **scope) == "{{ second }}"
    assert show("{{ render(third) }}", **scope) == "1"
    assert show("{{ render(fourth) }}", **scope) == "1"
    assert show("{{ renderOnce(third) }}", **scope) == "{{ first }}"
    assert value("{{ render([third, {'{{ first }}': third}, 3]) }}", **scope) == ["1", {"1": "1"}, 3]
    assert value("{{ render(42) }}") == 42
    assert value("{{ render(null) ?? 'null' }}") == "null"
    assert show("{% set local = 'x' %}{{ render('{{ local }}') }}") == "x"


def test_raw_text_is_never_rendered_again():
    assert show("{{ render(t) }}", t="{% raw %}{{ x }}{% endraw %} {{ 1 }}") == "{{ x }} 1"
    assert show("{{ render(t) }}", t="{{ u }}", u="{%- raw -%}{{ x }}{%- endraw -%}") == "{{ x }}"


def test_rendering_ends_somewhere():
    with pytest.raises(EvaluationError, match="Too many rendering attempts"):
        show("{{ render(a) }}", a="{{ b }}", b="{{ a }}")


def test_everything_may_be_rendered_recursively():
    env = Environment(recursive=True)
    from flows.expressions import render

    scope = {"first": "1", "second": "{{ first }}", "map": {"k": "{{ second }}"}}
    assert render("{{ second }} {{ map }}", scope, env) == '1 {"k":"1"}'
    with pytest.raises(EvaluationError, match=r"Function or Macro \[render\] does not exist"):
        render("{{ render(second) }}", scope, env)


def test_undefined_names_in_rendered_values_are_told():
    with pytest.raises(UndefinedError, match="Unable to find `nothing` used"):
        show("{{ render('{{ nothing }}') }}")
    assert show("{{ render('{{ nothing }}') ?? 'none' }}") == "none"


class Empty(NoServices):
    """A store without a pair."""

    def kv(self, key, namespace, error_on_missing):
        error = UndefinedError(key, "", 0)
        error.message, error.line = f"no key {key}", None
        raise error


def test_what_the_world_lacks_is_told_with_the_expression_that_asked():
    with pytest.raises(UndefinedError) as caught:
        show("one\n{{ 1 }}\n{{ kv('k').a }}", Environment(services=Empty()))
    assert caught.value.message == "no key k (one\n{{ 1 }}\n{{ kv('k').a }}:3)"
    long = "{{ kv('k') }}" + "x" * 400
    with pytest.raises(UndefinedError) as caught:
        show(long, Environment(services=Empty()))
    assert str(caught.value) == f"no key k ({long[:300]}...:1)"
    assert show("{{ kv('k') ?? 'other' }}", Environment(services=Empty())) == "other"
