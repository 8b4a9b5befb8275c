"""JSON files and Ion files, each turned into the other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, ClassVar

from pydantic import Field

from plugins.contracts import PluginError, Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, address, whole
from plugins.formats.ion import rows_of, write_rows
from plugins.tasks.storage.stored_files import keep, new_file, open_file

MAX_DOCUMENT_BYTES = 256 * 1024 * 1024


class JsonTask(RunnableTask):
    """What both directions have in common."""

    from_: Property[str] = Field(alias="from")
    """The address of the file."""
    new_line: Property[bool] = default(True)
    """Whether the JSON file has one value a line; otherwise it is one document."""
    charset: Property[str] = default("UTF-8")
    """The charset of the JSON file."""


class JsonToIon(JsonTask):
    """Read a JSON file and write its values as items of an Ion file; a list in one document gives an item each."""

    TYPE: ClassVar[str] = "io.kestra.plugin.serdes.json.JsonToIon"
    TITLE: ClassVar[str] = "Convert JSON to Ion"
    OUTPUTS: ClassVar[Outputs] = {
        "uri": address("The written file."),
        "size": whole("How many items there are."),
    }
    ALIASES: ClassVar[tuple[str, ...]] = ("io.kestra.plugin.serdes.json.JsonReader",)
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: json_to_ion
namespace: company.team
tasks:
  - id: write
    type: io.kestra.plugin.core.storage.Write
    extension: .json
    content: '[{"n": 1}, {"n": 2}]'
  - id: convert
    type: io.kestra.plugin.serdes.json.JsonToIon
    from: "{{ outputs.write.uri }}"
    newLine: false
""",
    )

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        charset = ctx.render(self.charset)
        with open_file(ctx, ctx.render(self.from_)) as source, new_file(ctx) as target:
            values = lines(source, charset) if ctx.render(self.new_line) else document(source, charset)
            count = write_rows(values, target)
            ctx.counter("records", count)
            return {"uri": keep(ctx, target, "rows.ion"), "size": count}


def lines(source: BinaryIO, charset: str) -> Iterator[Any]:
    """One value a line; blank lines are left out."""
    for number, line in enumerate(source, 1):
        if line.strip():
            yield _parsed(line, charset, f"Line {number}")


def document(source: BinaryIO, charset: str) -> Iterator[Any]:
    """The items of a document that is a list, or the document itself."""
    content = source.read(MAX_DOCUMENT_BYTES + 1)
    if len(content) > MAX_DOCUMENT_BYTES:
        raise PluginError("The document is too large: write one value a line", retryable=False)
    value = _parsed(content, charset, "The file")
    yield from value if isinstance(value, list) else [value]


def _parsed(content: bytes, charset: str, what: str) -> Any:
    try:
        return json.loads(content.decode(charset))
    except (ValueError, LookupError, RecursionError) as error:
        raise PluginError(f"{what} is no JSON: {error}", retryable=False) from error


class IonToJson(JsonTask):
    """Read an Ion file and write its items as JSON, one a line or all in one list."""

    TYPE: ClassVar[str] = "io.kestra.plugin.serdes.json.IonToJson"
    TITLE: ClassVar[str] = "Convert Ion to JSON"
    OUTPUTS: ClassVar[Outputs] = {
        "uri": address("The written file."),
        "size": whole("How many items there are."),
    }
    ALIASES: ClassVar[tuple[str, ...]] = ("io.kestra.plugin.serdes.json.JsonWriter",)
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: ion_to_json
namespace: company.team
tasks:
  - id: query
    type: io.kestra.plugin.jdbc.sqlite.Query
    sql: SELECT 1 AS n, 'x' AS name
    fetchType: STORE
  - id: convert
    type: io.kestra.plugin.serdes.json.IonToJson
    from: "{{ outputs.query.uri }}"
    newLine: false
""",
    )

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        charset, is_lines = ctx.render(self.charset), ctx.render(self.new_line)
        with open_file(ctx, ctx.render(self.from_)) as source, new_file(ctx) as target:
            count = 0
            for item in rows_of(source):
                before = "" if is_lines else "[" if count == 0 else ","
                after = "\n" if is_lines else ""
                target.write(f"{before}{json_text(item)}{after}".encode(charset, "replace"))
                count += 1
            if not is_lines:
                target.write(("]" if count else "[]").encode(charset))
            ctx.counter("records", count)
            return {"uri": keep(ctx, target, "rows.json"), "size": count}


def json_text(value: Any) -> str:
    """A value as JSON; times as ISO texts, exact numbers as numbers."""
    return json.dumps(value, ensure_ascii=False, default=_other)


def _other(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat().replace("+00:00", "Z")
    return float(value) if hasattr(value, "is_finite") else str(value)
