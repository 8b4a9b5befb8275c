"""Documents made to hurt: each is refused with a line, within a second, and without eating memory."""

import tracemalloc

import pytest

from flows.model.errors import FlowInvalid
from flows.model.parse import parse_documents, parse_flow, parse_task
from tests.quickest import takes_less_than

HEAD = "id: a\nnamespace: b\n"
PAUSE = "io.kestra.plugin.core.flow.Pause"
SEQUENTIAL = "io.kestra.plugin.core.flow.Sequential"
TASK = f"tasks:\n  - id: t\n    type: {PAUSE}\n"
MIB = 1024 * 1024


def bomb(levels: int, width: int = 9) -> str:
    lines = ["l0: &l0 [x, x]"]
    lines += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(lines)


def merge_bomb(levels: int) -> str:
    lines = ["m0: &m0 {a: 1}"]
    lines += [f"m{n}: &m{n}\n  <<: [{', '.join([f'*m{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join(lines)


def nested_tasks(depth: int) -> str:
    task = f"{{id: t0, type: {PAUSE}}}"
    for number in range(1, depth):
        task = f"{{id: t{number}, type: {SEQUENTIAL}, tasks: [{task}]}}"
    return f"{HEAD}tasks: [{task}]"


STRUCTURE = {
    "an alias bomb": (bomb(12), "The alias `\\*l0` is not supported", 2),
    "a merge bomb": (merge_bomb(12), "The merge key `<<` is not supported", 3),
    "an alias of itself": ("a: &x [*x]", "The alias `\\*x` is not supported", 1),
    "a single alias": (HEAD + "description: &d text\nlabels: {a: *d}\n" + TASK, "alias `\\*d`", 4),
    "an alias as a key": ("*a : 1", "alias `\\*a`", 1),
    "a merge key without an alias": (HEAD + "<<: {a: 1}\n" + TASK, "merge key", 3),
    "lists nested 3,000 deep": (HEAD + "variables: " + "[" * 3000 + "]" * 3000, "nested deeper than 100 levels", 3),
    "maps nested 3,000 deep": (HEAD + "variables: " + "{a: " * 3000 + "}" * 3000, "nested deeper than", 3),
    "blocks nested 3,000 deep": ("\n".join(" " * n + "a:" for n in range(1500)), "nested deeper than 100", 101),
    "dashes nested 3,000 deep": ("- " * 3000 + "a", "nested deeper than 100 levels", 1),
    "tasks nested 200 deep": (nested_tasks(200), "nested deeper than 100 levels", 3),
    "a line of more than 2 MiB": (HEAD + "description: " + "x" * (2 * MIB) + "\n" + TASK, "larger than", 1),
    "a NUL": (HEAD + "description: a\0b\n" + TASK, "NUL character", 3),
    "an escaped NUL": (HEAD + 'description: "a\\0b"\n' + TASK, "NUL character", 3),
    "an escaped surrogate": (HEAD + "description: a\ud800b\n" + TASK, "surrogate", 3),
    "UTF-16": ((HEAD + TASK).encode("utf-16"), "encoded in UTF-16; save it as UTF-8", 1),
    "UTF-16 the other way round": (b"\xfe\xff" + (HEAD + TASK).encode("utf-16-be"), "UTF-16", 1),
    "UTF-32": ((HEAD + TASK).encode("utf-32"), "encoded in UTF-32", 1),
    "Latin-1": ("id: a\nnamespace: b\ndescription: é".encode("latin-1"), "not valid UTF-8", 3),
    "half a character": ((HEAD + "description: é").encode()[:-1], "not valid UTF-8", 3),
    "a control character": (HEAD + "description: a\x07b\n" + TASK, "cannot be read", 3),
    "a python object": (HEAD + "variables: !!python/object/apply:os.system ['true']\n" + TASK, "The tag `", 3),
    "a python name": (HEAD + "variables: !!python/name:os.system x\n" + TASK, "The tag `", 3),
    "a tag of its own": (HEAD + "variables: !secret x\n" + TASK, "The tag `!secret`", 3),
    "a standard tag": (HEAD + "description: !!str 12\n" + TASK, "The tag `", 3),
    "a binary": (HEAD + "description: !!binary aGVsbG8=\n" + TASK, "The tag `", 3),
    "a key given twice": (HEAD + "id: c\n" + TASK, "Duplicate field 'id'", 3),
    "a key given twice far down": (HEAD + TASK + "    type: x\n", "Duplicate field 'type'", 6),
    "a list as a key": ("? [a, b]\n: c", "A key must be a text", 1),
    "a map as a key": ("? {a: b}\n: c", "A key must be a text", 1),
    "a list as a key of a list": ("? [a]\n: [b]", "A key must be a text", 1),
    "a tab as indentation": ("id: a\n\tnamespace: b", "cannot be read", 2),
    "an open quote": (HEAD + 'description: "abc', "cannot be read", 3),
    "an open bracket": (HEAD + "tasks: [", "cannot be read", 3),
    "a stray colon": ("id: a: b", "cannot be read", 1),
    "an undefined handle": ("!x!y a", "cannot be read", 1),
    "a directive nobody knows": ("%YAML 9.9\n---\na: 1", "cannot be read", 1),
    "nothing": ("", "The document is empty", 1),
    "blanks": ("   \n\n  ", "The document is empty", 1),
    "a comment": ("# nothing here", "The document is empty", 1),
    "only marks": ("---\n---\n---\n", "The document is empty", 1),
    "a null": ("~", "The document is empty", 1),
    "two documents": (HEAD + TASK + "---\n" + HEAD + TASK, "One document is expected here", 1),
    "a thousand and one documents": ("a: 1\n---\n" * 1001 + "b: 2", "more than 1000 documents", None),
    "a list": ("- a\n- b", "must be a map, but is a list", 1),
    "a word": ("hello", "must be a map, but is `hello`", 1),
    "a number": ("12", "must be a map, but is `12`", 1),
    "very many values": (HEAD + "variables: [" + "1, " * 250_000 + "1]", "more than 100000 values", 3),
    "very many duplicate keys": ("a: 1\n" * 20_000, "Duplicate field 'a'", 2),
    "very many aliases": ("\n".join(f"k{n}: *a" for n in range(20_000)), "The alias", 1),
    "very many unknown properties": (HEAD + "\n".join(f"k{n}: 1" for n in range(20_000)), "Unrecognized field", 3),
    "a very long key": ("x" * 100_000 + ": 1", "cannot be read", 1),
    "a very long number": (HEAD + "revision: " + "9" * 100_000 + "\n" + TASK, "revision", 3),
    "a very long type": (HEAD + "tasks: [{id: a, type: " + "x" * 100_000 + "}]", "Invalid type", 3),
}


def refusal_of(source: str | bytes, message: str) -> FlowInvalid:
    """The refusal, given within a second."""
    found: list[FlowInvalid] = []

    def work() -> None:
        with pytest.raises(FlowInvalid, match=message) as refused:
            parse_flow(source)
        found.append(refused.value)

    assert takes_less_than(1.0, work)
    return found[0]


@pytest.mark.parametrize("name", STRUCTURE)
def test_a_structure_made_to_hurt_is_refused_with_its_line(name):
    source, message, line = STRUCTURE[name]
    refused = refusal_of(source, message)
    if line is not None:
        assert refused.violations[0].line == line
    assert len(refused.violations) <= 200


@pytest.mark.parametrize("name", ["an alias bomb", "a merge bomb", "lists nested 3,000 deep", "very many values"])
def test_it_costs_little_memory(name):
    source, *_ = STRUCTURE[name]
    tracemalloc.start()
    try:
        with pytest.raises(FlowInvalid):
            parse_flow(source)
        assert tracemalloc.get_traced_memory()[1] < 64 * MIB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "source", ["\ufeff" + HEAD + TASK, (HEAD + TASK).encode("utf-8-sig"), HEAD.replace("\n", "\r\n") + TASK]
)
def test_a_byte_order_mark_and_foreign_line_ends_do_no_harm(source):
    assert parse_flow(source).flow.id == "a"


def test_several_documents_are_fine_where_several_are_expected():
    assert len(parse_documents((HEAD + TASK + "---\n") * 3)) == 3


def deep(depth: int) -> dict[str, object]:
    document: object = 1
    for _ in range(depth):
        document = {"a": document}
    return {"id": "a", "namespace": "b", "variables": document}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (deep(5_000), "nested deeper than 100 levels"),
        ({"id": "a", "variables": [1] * 100_001}, "more than 100000 values"),
        ({"id": "a", "description": "a\0b"}, "NUL character"),
        ({"id": "a", "variables": {"a\0b": 1}}, "NUL character"),
        ({"id": "a", "description": "\ud800"}, "half of a surrogate pair"),
        ({"id": "a", "variables": {1: 1}}, "A key must be a text"),
    ],
    ids=["deep", "large", "NUL", "NUL in a key", "surrogate", "number as key"],
)
def test_a_document_that_comes_as_a_map_has_the_same_limits(document, message):
    for parse in (parse_flow, parse_task):
        with pytest.raises(FlowInvalid, match=message):
            parse(document)


WORDS = [
    "NO", "no", "Off", "on", "Y", "012", "0o14", "0x1F", "0b11", "1_000", "22:22", "22:22:22", "1e3", "1.10", "1.0",
    "2024-01-01", "2024-01-01T00:00:00Z", ".inf", "-.INF", ".nan", "~", "+1", "-0", "0.", ".5", "12345678901234567890",
    "null", "True", "TRUE", "=", "0777", "1,000", "1e400", "<", "12e03", "0.1e-3",
]  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_a_text_is_kept_as_its_author_wrote_it_but_for_words_of_truth(word):
    flow = parse_flow(f"{HEAD}description: {word}\nlabels: {{a: '{word}'}}\n{TASK}").flow
    truths = {"NO": "false", "no": "false", "Off": "false", "on": "true", "True": "true", "TRUE": "true"}
    written = None if word in ("~", "null") else truths.get(word, word)
    assert flow.description == written
    assert flow.label_map == {"a": word}
    assert parse_flow(f"{HEAD}labels:\n  version: x{word}\n{TASK}").flow.label_map == {"version": f"x{word}"}


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("NO", False), ("012", 10), ("22:22", "22:22"), ("1_000", 1000), ("0x1F", 31), ("2024-01-01", "2024-01-01"),
        ("1e3", 1000.0), ("1.10", 1.1), ("12", 12), ("-0", 0), ("+7", 7), ("true", True), ("FALSE", False), ("~", None),
        ("''", ""), ("'12'", "12"), ("", ""), ("0b101", 5), ("0o17", "0o17"), ("y", "y"), (".inf", float("inf")), ("yes", True), ("0.5", 0.5), (".5", 0.5),
    ],
)  # fmt: skip
def test_a_value_where_no_type_is_known_has_the_type_of_yaml_1_1(word, value):
    flow = parse_flow(f"{HEAD}variables:\n  v: {word}\n{TASK}").flow
    assert flow.variables["v"] == value
    assert type(flow.variables["v"]) is type(value)


@pytest.mark.parametrize(("word", "expected"), [("true", True), ("'true'", True), ("False", False)])
def test_a_switch_takes_true_and_false(word, expected):
    assert parse_flow(f"{HEAD}disabled: {word}\n{TASK}").flow.disabled is expected


@pytest.mark.parametrize("word", ["'yes'", "'NO'", "''", "t"])
def test_a_switch_takes_no_other_word(word):
    with pytest.raises(FlowInvalid, match="must be `true` or `false`"):
        parse_flow(f"{HEAD}disabled: {word}\n{TASK}")


def many(count: int, line: str) -> str:
    return "".join(line.format(n=n) for n in range(count))


def flow_of(tasks: str) -> str:
    return f"{HEAD}tasks:\n{tasks}"


SLEEPY = "  - {{id: t{n}, type: " + PAUSE + "}}\n"
DAG = "io.kestra.plugin.core.flow.Dag"
SHAPES = {
    "no tasks": (HEAD, "tasks: must not be empty"),
    "an empty list of tasks": (HEAD + "tasks: []", "tasks: must not be empty"),
    "tasks that are null": (HEAD + "tasks: ~", "tasks: must not be empty"),
    "tasks that are a map": (HEAD + "tasks: {a: b}", "tasks: must be a list, but is a map"),
    "a task that is null": (flow_of("  - ~\n"), r"tasks\[0\]: must not be null"),
    "a task that is a word": (flow_of("  - log\n"), "must be a task: a map with a `type`, but is `log`"),
    "a task without a type": (flow_of("  - id: a\n"), r"tasks\[0\].type: must not be null"),
    "a task with a list as type": (flow_of("  - {id: a, type: [a]}\n"), "must be the type of a task"),
    "a task without an id": (flow_of(f"  - type: {PAUSE}\n"), r"tasks\[0\].id: must not be null"),
    "a trigger as a task": (
        flow_of("  - {id: a, type: io.kestra.plugin.core.trigger.Webhook, key: a}\n"),
        "is a trigger, but a task is expected here",
    ),
    "the same task twice": (flow_of(many(2, "  - {{id: t, type: " + PAUSE + "}}\n")), r"Duplicate task id with name \[t\]"),
    "a dag in a circle": (
        flow_of(
            f"  - id: d\n    type: {DAG}\n    tasks:\n"
            f"      - {{task: {{id: x, type: {PAUSE}}}, dependsOn: [y]}}\n"
            f"      - {{task: {{id: y, type: {PAUSE}}}, dependsOn: [x]}}\n"
        ),
        "Cyclic dependency detected: x, y",
    ),
    "a dag on itself": (
        flow_of(f"  - {{id: d, type: {DAG}, tasks: [{{task: {{id: x, type: {PAUSE}}}, dependsOn: [x]}}]}}\n"),
        "Cyclic dependency detected: x",
    ),
    "a dag on nobody": (
        flow_of(f"  - {{id: d, type: {DAG}, tasks: [{{task: {{id: x, type: {PAUSE}}}, dependsOn: [z]}}]}}\n"),
        "Not existing task id in dependency: z",
    ),
    "itself as a subflow": (
        flow_of("  - {id: s, type: io.kestra.plugin.core.flow.Subflow, namespace: b, flowId: a}\n"),
        r"Recursive call to flow \[b.a\]",
    ),
    "itself as a subflow far down": (
        flow_of(
            f"  - id: x\n    type: {SEQUENTIAL}\n    tasks:\n"
            "      - {id: s, type: io.kestra.plugin.core.flow.Subflow, namespace: b, flowId: a}\n"
        ),
        r"Recursive call to flow \[b.a\]",
    ),
    "inputs in a circle": (
        HEAD
        + "inputs:\n  - {id: x, type: STRING, dependsOn: {inputs: [y]}}\n"
        + "  - {id: y, type: STRING, dependsOn: {inputs: [x]}}\n"
        + TASK,
        r"Cycle dependency detected for input with id 'x': \[y\]",
    ),
    "an input on nobody": (
        HEAD + "inputs:\n  - {id: x, type: STRING, dependsOn: {inputs: [z]}}\n" + TASK,
        "depends on a non-existent input 'z'",
    ),
    "a retry without end or interval": (
        flow_of(f"  - {{id: t, type: {PAUSE}, retry: {{type: constant}}}}\n"),
        r"tasks\[0\].retry.interval: must not be null",
    ),
    "a retry of no attempts": (
        flow_of(f"  - {{id: t, type: {PAUSE}, retry: {{type: constant, interval: PT1S, maxAttempts: 0}}}}\n"),
        "must be greater than or equal to 1",
    ),
    "a concurrency of none": (HEAD + "concurrency: {limit: 0}\n" + TASK, "must be greater than or equal to 1"),
    "a concurrency of too many": (HEAD + "concurrency: {limit: 1e999}\n" + TASK, "concurrency.limit"),
    "an id of a hundred and one letters": (f"id: {'x' * 101}\nnamespace: b\n{TASK}", "size must be between 1 and 100"),
    "an id from the right to the left": (f"id: \u202ea\nnamespace: b\n{TASK}", "id"),
    "an id with a line end": (f'id: "a\\n"\nnamespace: b\n{TASK}', "id: must match"),
    "a namespace with capitals": (f"id: a\nnamespace: B\n{TASK}", "namespace: must match"),
    "a task id of 257 letters": (flow_of(f"  - {{id: {'x' * 257}, type: {PAUSE}}}\n"), "size must be between 1 and 256"),
}  # fmt: skip
SHAPES["a thousand tasks of one id"] = (
    flow_of(many(1000, "  - {{id: t, type: " + PAUSE + "}}\n")),
    r"Duplicate task id with name \[t\]",
)


@pytest.mark.parametrize("name", SHAPES)
def test_a_flow_of_a_wrong_shape_is_refused(name):
    source, message = SHAPES[name]
    refused = refusal_of(source, message)
    assert all(violation.line is not None for violation in refused.violations)


@pytest.mark.parametrize(
    "tasks",
    [
        many(10_000, SLEEPY),
        f"  - id: p\n    type: {SEQUENTIAL}\n    tasks:\n" + many(10_000, "    " + SLEEPY),
        f"  - id: d\n    type: {DAG}\n    tasks:\n"
        + "".join(
            f"      - {{task: {{id: t{n}, type: {PAUSE}}}, dependsOn: [{f't{n - 1}' if n else ''}]}}\n"
            for n in range(5000)
        ),
    ],
    ids=["10,000 tasks", "10,000 children", "a dag of 5,000 in a row"],
)
def test_a_large_flow_is_read_in_time(tasks):
    flows = []
    assert takes_less_than(3.0, lambda: flows.append(parse_flow(flow_of(tasks)).flow))
    assert len(list(flows[0].walk())) >= 5000


def test_tasks_nested_as_deep_as_allowed_are_read():
    assert len(list(parse_flow(nested_tasks(48)).flow.walk())) == 48
