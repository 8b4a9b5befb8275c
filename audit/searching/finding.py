"""Conditions that go by the index, and look through the newest entries themselves."""

from __future__ import annotations

from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from audit.searching.index import NAME
from audit.searching.terms import BEGINNING, RANDOM, is_indexed, term_of, term_of_beginning
from control_plane.kernel.api.filter_fields import Search
from control_plane.kernel.isolation import IS_OWNER

# COALESCE stands inside, since outside it would count as an operator that leaks. And an array is made before anything
# else: however many the planner expects, it goes by the index of places in the chain.
# Raw statements say themselves whose rows they mean: the walls of the database are the second ones.
_NEWEST = f"SELECT COALESCE(max(seq), 0) FROM audit_cursor WHERE destination = %s AND {IS_OWNER}"
_LISTED = f"SELECT unnest(COALESCE(seqs, ARRAY[seq])) FROM audit_term WHERE {IS_OWNER}"
_HAVING = f"""audit_entry.seq = ANY(ARRAY(
    {_LISTED} AND term = %s
    UNION ALL
    SELECT seq FROM audit_entry WHERE {IS_OWNER} AND seq > ({_NEWEST})
))"""
# A word is looked at itself, so its entries need not be looked at again.
_SAYING = f"""audit_entry.seq = ANY(ARRAY(
    {_LISTED} AND term = ANY(ARRAY(
        SELECT term FROM audit_word WHERE {IS_OWNER} AND strpos(upper(word), upper(%s)) > 0
    ))
    UNION ALL
    SELECT seq FROM audit_entry
    WHERE {IS_OWNER} AND seq = ANY(ARRAY({_LISTED} AND term = %s::bigint))
        AND starts_with(upper(object_id), upper(%s))
    UNION ALL
    SELECT seq FROM audit_entry WHERE {IS_OWNER} AND seq > ({_NEWEST}) AND (
        strpos(upper(resource), upper(%s)) > 0 OR strpos(upper(actor_name), upper(%s)) > 0
        OR strpos(upper(namespace), upper(%s)) > 0
        OR object_id !~ %s AND strpos(upper(object_id), upper(%s)) > 0
        OR %s AND starts_with(upper(object_id), upper(%s))
    )
))"""


def narrowed(key: str, value: str) -> Q:
    """All entries of the open scope's chain that may tell this, and hardly another.

    To be asked for together with what decides it.
    """
    if not is_indexed(key):
        return Q()
    return _raw(_HAVING, term_of(key, value), NAME)


class IndexedSearch(Search):
    """Of the open scope's chain: any part of a name or word, and ids that nobody chose by how they begin."""

    def found(self, text: str) -> Q:
        newest = (NAME, text, text, text, RANDOM, text, len(text) >= BEGINNING, text)
        return _raw(_SAYING, text, term_of_beginning(text), text, *newest)


def _raw(condition: str, *values: object) -> Q:
    return Q(RawSQL(condition, list(values), output_field=BooleanField()))
