"""Tasks about stored files."""

import pytest

from plugins.contracts import PluginError
from plugins.tasks.storage.split import size_of
from tests.plugins.tasks.memory import run

STORAGE = "io.kestra.plugin.core.storage."


def test_write_size_and_delete(ctx):
    uri = run(ctx, f"{STORAGE}Write", content="hello {{ flow.id }}", extension=".txt")["uri"]
    assert uri.endswith(".txt")
    assert run(ctx, f"{STORAGE}Size", uri=uri) == {"size": 10}
    assert run(ctx, f"{STORAGE}Delete", uri=uri)["deleted"] is True
    assert run(ctx, f"{STORAGE}Delete", uri=uri)["deleted"] is False
    with pytest.raises(PluginError):
        run(ctx, f"{STORAGE}Delete", uri=uri, errorOnMissing=True)


@pytest.mark.parametrize("how", ["list", "json", "one"])
def test_concat_writes_the_separator_after_every_file(ctx, how):
    uri = ctx.keep("abc", "a.yml")
    files = {"list": [uri, uri], "json": "{{ inputs.files }}", "one": uri}[how]
    ctx.scope["inputs"] = {"files": [uri, uri]}
    kept = run(ctx, f"{STORAGE}Concat", files=files, separator="\n", extension=".yml")["uri"]
    assert kept.endswith(".yml")
    assert ctx.text(kept) == "abc\n" * (1 if how == "one" else 2)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("1\n2\n3\n", "3\n2\n1\n"),
        ("1\n2\n3", "3\n2\n1\n"),
        ("", ""),
        ("\n", "\n"),
        ("a\n\nb\n", "b\n\na\n"),
        ("x", "x\n"),
    ],
)
def test_reverse(ctx, content, expected):
    kept = run(ctx, f"{STORAGE}Reverse", from_=ctx.keep(content, "f.yml"))["uri"]
    assert kept.endswith(".yml")
    assert ctx.text(kept) == expected


def test_reverse_of_a_large_file_with_a_long_separator(ctx):
    rows = [f"row {number} " + "x" * (number % 50) for number in range(40_000)]
    kept = run(ctx, f"{STORAGE}Reverse", from_=ctx.keep("<br>".join(rows)), separator="<br>")["uri"]
    assert ctx.text(kept) == "".join(f"{row}<br>" for row in reversed(rows))


def test_split_by_bytes_never_cuts_a_row(ctx):
    content = "".join(f"{number:>20}\n" for number in range(12288))
    uris = run(ctx, f"{STORAGE}Split", from_=ctx.keep(content), bytes="1KB")["uris"]
    assert len(uris) == 251
    assert "".join(map(ctx.text, uris)) == content


def test_split_by_rows_and_by_partitions(ctx):
    uri = ctx.keep("".join(f"{number}\n" for number in range(10)))
    by_rows = run(ctx, f"{STORAGE}Split", from_=uri, rows=4)["uris"]
    assert [ctx.text(each) for each in by_rows] == ["0\n1\n2\n3\n", "4\n5\n6\n7\n", "8\n9\n"]
    dealt = run(ctx, f"{STORAGE}Split", from_=uri, partitions=3)["uris"]
    assert [ctx.text(each).split() for each in dealt] == [["0", "3", "6", "9"], ["1", "4", "7"], ["2", "5", "8"]]
    assert len(run(ctx, f"{STORAGE}Split", from_=uri, partitions=50)["uris"]) == 10
    other = run(ctx, f"{STORAGE}Split", from_=ctx.keep("a;b;c"), rows=1, separator=";")["uris"]
    assert [ctx.text(each) for each in other] == ["a;", "b;", "c"]


def test_split_needs_to_know_how(ctx):
    uri = ctx.keep("a\n")
    for wrong in ({}, {"bytes": "many"}, {"partitions": 0}, {"bytes": "0"}):
        with pytest.raises(PluginError):
            run(ctx, f"{STORAGE}Split", from_=uri, **wrong)


@pytest.mark.parametrize(
    ("text", "size"), [("10", 10), ("1KB", 1024), ("1 kib", 1024), ("2M", 2 << 20), ("1GB", 1 << 30)]
)
def test_sizes(text, size):
    assert size_of(text) == size


ITEMS = '{key:"k1",value:"v1"}\n{"key":"k2","value":"v1"}\n{key:"k1",value:"v2"}\n{key:"k2",value:null}\n'


def test_deduplicate_keeps_the_last_of_each_key(ctx):
    outputs = run(ctx, f"{STORAGE}DeduplicateItems", from_=ctx.keep(ITEMS, "i.ion"), expr=" {{ key }} ")
    assert ctx.text(outputs.pop("uri")) == '{"key":"k1","value":"v2"}\n{"key":"k2","value":null}\n'
    assert outputs == {"numKeys": 2, "processedItemsTotal": 4, "droppedItemsTotal": 2}


NUMBERS = "".join(f'{{key:"k{number}",value:{number}}}\n' for number in range(1, 5))


@pytest.mark.parametrize(("kind", "left"), [("INCLUDE", "24"), ("EXCLUDE", "13")])
def test_filter_items(ctx, kind, left):
    condition = " {{ value % 2 == 0 }} "
    outputs = run(ctx, f"{STORAGE}FilterItems", from_=ctx.keep(NUMBERS), filterCondition=condition, filterType=kind)
    assert [line[-2] for line in ctx.text(outputs["uri"]).splitlines()] == list(left)
    assert (outputs["processedItemsTotal"], outputs["droppedItemsTotal"]) == (4, 2)


@pytest.mark.parametrize(("doubt", "left"), [("FAIL", None), ("INCLUDE", 1), ("EXCLUDE", 0)])
def test_items_that_cannot_be_decided(ctx, doubt, left):
    given = {"from_": ctx.keep('{value:"dummy"}\n'), "filterCondition": "{{ value % 2 == 0 }}"}
    if left is None:
        with pytest.raises(PluginError):
            run(ctx, f"{STORAGE}FilterItems", **given)
    else:
        outputs = run(ctx, f"{STORAGE}FilterItems", **given, errorOrNullBehavior=doubt)
        assert len(ctx.text(outputs["uri"]).splitlines()) == left


@pytest.mark.parametrize(("given", "left"), [("0", 0), ('""', 0), ("2", 1), ('" false "', 0), ('"no"', 1), ("null", 0)])
def test_an_item_stays_by_the_rule_of_truth_that_holds_everywhere(ctx, given, left):
    kept = run(ctx, f"{STORAGE}FilterItems", from_=ctx.keep("{v:" + given + "}\n"), filterCondition="{{ v }}")
    assert len(ctx.text(kept["uri"]).splitlines()) == left


def test_local_files(ctx):
    uris = run(ctx, f"{STORAGE}LocalFiles", inputs={"a.txt": "Hello", "b/c.md": "x"}, outputs=["**.txt"])["uris"]
    assert {name: ctx.text(uri) for name, uri in uris.items()} == {"a.txt": "Hello"}
    with pytest.raises(PluginError, match="toto"):
        run(ctx, f"{STORAGE}LocalFiles", inputs={"a.txt": "{{ toto }}"})


def test_purge(ctx):
    uri = ctx.keep("x")
    assert run(ctx, f"{STORAGE}PurgeCurrentExecutionFiles") == {"uris": [uri]}
    assert ctx.storage.kept == {}


@pytest.mark.parametrize("uri", ["", "no address", "file:///etc/passwd", "http://x/", "kestra:///none"])
def test_what_is_no_address_is_refused(ctx, uri):
    with pytest.raises(PluginError):
        run(ctx, f"{STORAGE}Reverse", from_=uri)
