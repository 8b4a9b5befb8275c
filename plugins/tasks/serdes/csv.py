"""CSV files and Ion files, each turned into the other."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO, ClassVar

from pydantic import Field

from plugins.contracts import PluginError, Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, address, whole
from plugins.formats.ion import rows_of, text_of, write_rows
from plugins.tasks.storage.stored_files import keep, new_file, open_file

MAX_FIELD_CHARS = 16 * 1024 * 1024


class CsvTask(RunnableTask):
    """What both directions have in common."""

    from_: Property[str] = Field(alias="from")
    """The address of the file."""
    header: Property[bool] = default(True)
    """Whether the first row holds the names of the columns."""
    field_separator: Property[str] = default(",")
    """The character between two fields."""
    text_delimiter: Property[str] = default('"')
    """The character around a field that holds separators."""
    charset: Property[str] = default("UTF-8")
    """The charset of the CSV file."""

    def form(self, ctx: RunContext) -> dict[str, Any]:
        """How fields are written, as Python's csv module wants it."""
        separator, delimiter = ctx.render(self.field_separator), ctx.render(self.text_delimiter)
        if len(separator) != 1 or len(delimiter) != 1:
            raise PluginError("`fieldSeparator` and `textDelimiter` are one character each", retryable=False)
        return {"delimiter": separator, "quotechar": delimiter}

    def text_of_file(self, ctx: RunContext, file: BinaryIO, errors: str = "strict") -> io.TextIOWrapper:
        charset = ctx.render(self.charset)
        try:
            return io.TextIOWrapper(file, encoding=charset, newline="", errors=errors)
        except LookupError:
            raise PluginError(f"Nobody knows the charset `{charset}`", retryable=False) from None


class CsvToIon(CsvTask):
    """Read a CSV file and write each row as an item of an Ion file, its fields as texts."""

    TYPE: ClassVar[str] = "io.kestra.plugin.serdes.csv.CsvToIon"
    TITLE: ClassVar[str] = "Convert CSV to Ion"
    OUTPUTS: ClassVar[Outputs] = {
        "uri": address("The written file."),
        "size": whole("How many rows there are."),
    }
    ALIASES: ClassVar[tuple[str, ...]] = ("io.kestra.plugin.serdes.csv.CsvReader",)
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: csv_to_ion
namespace: company.team
tasks:
  - id: write
    type: io.kestra.plugin.core.storage.Write
    extension: .csv
    content: |
      name,total
      books,10
  - id: convert
    type: io.kestra.plugin.serdes.csv.CsvToIon
    from: "{{ outputs.write.uri }}"
""",
    )

    skip_rows: Property[int] = default(0)
    """Rows to leave out at the beginning."""
    skip_empty_rows: Property[bool] = default(False)
    """Leave out rows without a field."""
    error_on_different_field_count: Property[bool] = default(False)
    """Fail at a row that has another number of fields than the first."""
    max_bad_lines: Property[int] | None = None
    """Accepted for flows of other versions."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        with open_file(ctx, ctx.render(self.from_)) as source, new_file(ctx) as target:
            text = self.text_of_file(ctx, source)
            try:
                count = write_rows(self._items(ctx, text), target)
            except UnicodeDecodeError as error:
                raise PluginError(f"The file is not {ctx.render(self.charset)}: {error}", retryable=False) from error
            except csv.Error as error:
                raise PluginError(f"The file is no CSV: {error}", retryable=False) from error
            ctx.counter("records", count)
            return {"uri": keep(ctx, target, "rows.ion"), "size": count}

    def _items(self, ctx: RunContext, text: Iterable[str]) -> Iterator[Any]:
        rows = self._rows(ctx, text)
        names = next(rows, None) if ctx.render(self.header) else None
        if names is not None:
            names[:1] = [names[0].removeprefix("\ufeff")] if names else []
        for row in rows:
            yield row if names is None else named(names, row)

    def _rows(self, ctx: RunContext, text: Iterable[str]) -> Iterator[list[str]]:
        csv.field_size_limit(MAX_FIELD_CHARS)
        skipped, drops_empty = ctx.render(self.skip_rows), ctx.render(self.skip_empty_rows)
        is_strict, width = ctx.render(self.error_on_different_field_count), None
        for number, row in enumerate(csv.reader(text, **self.form(ctx))):
            if number < skipped or (drops_empty and not any(row)):
                continue
            width = len(row) if width is None else width
            if is_strict and len(row) != width:
                raise PluginError(f"Row {number + 1} has {len(row)} fields instead of {width}", retryable=False)
            yield row


def named(names: list[str], row: list[str]) -> dict[str, str | None]:
    """The row as a map; fields without a name are called by their place, names without a field have none."""
    fields: dict[str, str | None] = dict(zip(names, row, strict=False))
    fields.update(dict.fromkeys(names[len(row) :]))
    fields.update({f"field_{place}": row[place] for place in range(len(names), len(row))})
    return fields


class IonToCsv(CsvTask):
    """Read an Ion file and write each item as a row of a CSV file; the first item says which columns there are."""

    TYPE: ClassVar[str] = "io.kestra.plugin.serdes.csv.IonToCsv"
    TITLE: ClassVar[str] = "Convert Ion to CSV"
    OUTPUTS: ClassVar[Outputs] = {
        "uri": address("The written file."),
        "size": whole("How many rows there are."),
    }
    ALIASES: ClassVar[tuple[str, ...]] = ("io.kestra.plugin.serdes.csv.CsvWriter",)
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: ion_to_csv
namespace: company.team
tasks:
  - id: query
    type: io.kestra.plugin.jdbc.sqlite.Query
    sql: SELECT 1 AS n, 'x' AS name
    fetchType: STORE
  - id: convert
    type: io.kestra.plugin.serdes.csv.IonToCsv
    from: "{{ outputs.query.uri }}"
""",
    )

    line_delimiter: Property[str] = default("\n")
    """What ends a row."""
    always_delimit_text: Property[bool] = default(False)
    """Put delimiters around every field."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        with open_file(ctx, ctx.render(self.from_)) as source, new_file(ctx) as target:
            text = self.text_of_file(ctx, target, errors="replace")
            count = self._write(ctx, rows_of(source), text)
            text.flush()
            text.detach()
            ctx.counter("records", count)
            return {"uri": keep(ctx, target, "rows.csv"), "size": count}

    def _write(self, ctx: RunContext, items: Iterator[Any], text: io.TextIOWrapper) -> int:
        form = {**self.form(ctx), "lineterminator": ctx.render(self.line_delimiter)}
        if ctx.render(self.always_delimit_text):
            form["quoting"] = csv.QUOTE_ALL
        writer = csv.writer(text, **form)
        names: list[str] | None = None
        count = 0
        for item in items:
            if names is None and isinstance(item, Mapping):
                names = list(item)
                if ctx.render(self.header):
                    writer.writerow(names)
            writer.writerow([field_text(value) for value in _fields(item, names)])
            count += 1
        return count


def _fields(item: Any, names: list[str] | None) -> list[Any]:
    if isinstance(item, Mapping):
        return [item.get(name) for name in names or ()]
    return list(item) if isinstance(item, list) else [item]


def field_text(value: Any) -> str:
    """A value as a field: texts as they are, everything else as Ion writes it."""
    if value is None:
        return ""
    return value if isinstance(value, str) else text_of(value)
