"""Rows from one format into another."""

import pytest

from plugins.contracts import PluginError
from tests.plugins.tasks.memory import run

CSV = "io.kestra.plugin.serdes.csv."
JSON = "io.kestra.plugin.serdes.json."


def converted(ctx, task, content, **properties):
    return ctx.text(run(ctx, task, from_=ctx.keep(content), **properties)["uri"])


@pytest.mark.parametrize(
    ("content", "options", "expected"),
    [
        ("a,b\n1,x\n", {}, '{"a":"1","b":"x"}\n'),
        ('a,b\r\n1,"x,\ny"\r\n', {}, '{"a":"1","b":"x,\\ny"}\n'),
        ("\ufeffa\n1\n", {}, '{"a":"1"}\n'),
        ("a;b\n1;2\n", {"fieldSeparator": ";"}, '{"a":"1","b":"2"}\n'),
        ("1,2\n3,4\n", {"header": False}, '["1","2"]\n["3","4"]\n'),
        ("junk\na\n1\n", {"skipRows": 1}, '{"a":"1"}\n'),
        ("a\n\n1\n", {"skipEmptyRows": True}, '{"a":"1"}\n'),
        ("a,b\n1\n2,3,4\n", {}, '{"a":"1","b":null}\n{"a":"2","b":"3","field_2":"4"}\n'),
        ("", {}, ""),
    ],
)
def test_csv_to_ion(ctx, content, options, expected):
    assert converted(ctx, f"{CSV}CsvToIon", content, **options) == expected


def test_csv_of_another_charset(ctx):
    uri = ctx.keep("name\né\n".encode("latin-1"))
    assert ctx.text(run(ctx, f"{CSV}CsvToIon", from_=uri, charset="ISO-8859-1")["uri"]) == '{"name":"é"}\n'
    with pytest.raises(PluginError, match="not UTF-8"):
        run(ctx, f"{CSV}CsvToIon", from_=uri)
    with pytest.raises(PluginError, match="charset"):
        run(ctx, f"{CSV}CsvToIon", from_=uri, charset="nonsense")


@pytest.mark.parametrize(
    ("content", "options"),
    [
        ("a,b\n1\n", {"errorOnDifferentFieldCount": True}),
        ("a\n1\n", {"fieldSeparator": ""}),
        ("a\n1\n", {"fieldSeparator": ";;"}),
    ],
)
def test_csv_that_is_none(ctx, content, options):
    with pytest.raises(PluginError):
        run(ctx, f"{CSV}CsvToIon", from_=ctx.keep(content), **options)


@pytest.mark.parametrize(
    ("content", "options", "expected"),
    [
        ('{a:1,b:"x,y"}\n{b:null,a:true}\n', {}, 'a,b\n1,"x,y"\ntrue,\n'),
        ("{a:1}\n", {"header": False}, "1\n"),
        ("{a:1}\n", {"alwaysDelimitText": True, "lineDelimiter": "\r\n"}, '"a"\r\n"1"\r\n'),
        (
            "{a:[1,2],t:2024-01-02T03:04:05Z,d:2024-01-02,n:1.50}\n",
            {},
            'a,t,d,n\n"[1,2]",2024-01-02T03:04:05Z,2024-01-02,1.50\n',
        ),
        ("[1,2]\n3\n", {}, "1,2\n3\n"),
    ],
)
def test_ion_to_csv(ctx, content, options, expected):
    assert converted(ctx, f"{CSV}IonToCsv", content, **options) == expected


def test_json_to_ion(ctx):
    assert converted(ctx, f"{JSON}JsonToIon", '{"a": 1}\n\n[2]\n') == '{"a":1}\n[2]\n'
    assert converted(ctx, f"{JSON}JsonToIon", '[{"a": 1}, 2]', newLine=False) == '{"a":1}\n2\n'
    assert converted(ctx, f"{JSON}JsonToIon", '{"a":\n1}', newLine=False) == '{"a":1}\n'
    with pytest.raises(PluginError, match="Line 2 is no JSON"):
        converted(ctx, f"{JSON}JsonToIon", '{}\n{"a":\n')


def test_ion_to_json(ctx):
    content = "{a:1,t:2024-01-02T03:04:05Z,d:1.50}\n{a:null}\n"
    expected = ['{"a": 1, "t": "2024-01-02T03:04:05Z", "d": 1.5}', '{"a": null}']
    assert converted(ctx, f"{JSON}IonToJson", content) == "\n".join(expected) + "\n"
    assert converted(ctx, f"{JSON}IonToJson", content, newLine=False) == f"[{','.join(expected)}]"
    assert converted(ctx, f"{JSON}IonToJson", "", newLine=False) == "[]"


def test_csv_to_ion_and_back(ctx):
    content = 'a,b\n1,"x, ""y"""\n,z\n'
    there = run(ctx, f"{CSV}CsvToIon", from_=ctx.keep(content))["uri"]
    assert ctx.text(run(ctx, f"{CSV}IonToCsv", from_=there)["uri"]) == content
