"""Rows that are narrowed to namespaces and their children: the condition, and how such rows are counted.

A condition that names twenty namespaces is good for finding the first rows of a list, but no index answers it alone, so
that counting by it would fetch each row. It is therefore counted range by range, each read from an index.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import CharField, Lookup, Q, QuerySet
from django.db.models.sql.where import AND, WhereNode

from control_plane.kernel.collation import AFTER_DOT, is_bytewise

Sql = tuple[str, tuple[Any, ...]]

# Of the characters that the database takes the first: between a name and this after it there is no other name.
_NEXT = "\x01"
_OF_EACH_PLACE = """SELECT count(*) FROM unnest(%s::text[], %s::text[]) AS place(lowest, beyond)
CROSS JOIN LATERAL ({rows}) AS listed"""


@CharField.register_lookup
class Within(Lookup[bool]):
    """`namespace__within=names` of a column: one of them or below one. The names must not cover each other."""

    lookup_name = "within"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Sql:
        column, _ = self.process_lhs(compiler, connection)
        below, bounds = _below(column, self.rhs)
        sql = " OR ".join([f"{column} = ANY(%s)", *below])
        return f"({sql})", (list(self.rhs), *bounds)


def within(column: str, *names: str) -> Q:
    """Rows whose column is one of these names or lies below one, by what an index serves."""
    return Q(**{f"{column}__within": list(names)})


class _WithinPlace(Within):
    """The same for the one range of names that the statement around this one gives."""

    def as_sql(self, compiler: Any, connection: Any) -> Sql:
        column, _ = self.process_lhs(compiler, connection)
        return f"({column} >= place.lowest AND {column} < place.beyond)", ()


def _below(column: str, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Behind the wall between tenants no index serves LIKE, which is not leakproof; it serves comparisons."""
    if not is_bytewise():
        return [f"starts_with({column}, %s)"] * len(names), [f"{name}." for name in names]
    bounds = [bound for name in names for bound in (f"{name}.", f"{name}{AFTER_DOT}")]
    return [f"({column} >= %s AND {column} < %s)"] * len(names), bounds


def counting(queryset: QuerySet[Any, Any]) -> Sql | None:
    """The statement that counts the rows, without their order; None where no row can match."""
    query = queryset.order_by().query.chain()
    place = _only_narrowed(query)
    if place is not None:
        children, index = place
        narrowing = children[index]
        children[index] = _WithinPlace(narrowing.lhs, narrowing.rhs)
    try:
        sql, values = query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return None
    if place is None:
        return f"SELECT count(*) FROM ({sql}) AS listed", tuple(values)
    return _OF_EACH_PLACE.format(rows=sql), (*_ranges(narrowing.rhs), *values)


def count(queryset: QuerySet[Any, Any]) -> int:
    asked = counting(queryset)
    if asked is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(*asked)
        return int(cursor.fetchone()[0])


def _only_narrowed(query: Any) -> tuple[list[Any], int] | None:
    """Where the one condition stands by which these rows, each for itself, are narrowed."""
    if not is_bytewise() or query.distinct or query.combinator or query.is_sliced or query.group_by is not None:
        return None
    found = list(_narrowings(query.where))
    return found[0] if len(found) == 1 else None


def _narrowings(node: WhereNode) -> Iterator[tuple[list[Any], int]]:
    if node.connector != AND or node.negated:
        return
    for index, child in enumerate(node.children):
        if isinstance(child, Within):
            yield node.children, index
        elif isinstance(child, WhereNode):
            yield from _narrowings(child)


def _ranges(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Each name, and what is below it: where such a range begins, and the first text after it."""
    lowest = [text for name in names for text in (name, f"{name}.")]
    beyond = [text for name in names for text in (f"{name}{_NEXT}", f"{name}{AFTER_DOT}")]
    return lowest, beyond
