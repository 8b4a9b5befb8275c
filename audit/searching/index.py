"""The terms of entries beside them, written a moment after them; a search looks through the newest ones itself.

Row-level security lets an index answer only by operators that leak nothing, and those that search in a text are none
of them: so terms are numbers in a table of their own. No write waits for it.
"""

from __future__ import annotations

import json

from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from audit.delivery.destinations import Batch
from audit.searching.terms import is_indexed, term_of, terms_of
from control_plane.kernel.pipeline import Pipeline

NAME = "search"
"""The cursor that says up to where entries are indexed stands under it."""
_KEEP = """
INSERT INTO audit_term (tenant_id, term, seq) SELECT %s, term, seq FROM unnest(%s::bigint[], %s::bigint[]) t (term, seq)
ON CONFLICT DO NOTHING
"""
# COALESCE stands inside, since outside it would count as an operator that leaks. And an array is made before anything
# else: however many the planner expects, it goes by the index of places in the chain.
_HAVING = """audit_entry.seq = ANY(ARRAY(
    SELECT seq FROM audit_term WHERE term = %s
    UNION ALL
    SELECT seq FROM audit_entry
    WHERE seq > (SELECT COALESCE(max(seq), 0) FROM audit_cursor WHERE destination = %s)
))"""


class SearchIndex:
    """A destination like any other, but that its lines go into this database, in the transaction of the cursor."""

    name = NAME

    def send(self, batch: Batch) -> None:
        found = [(term, line["seq"]) for line in map(json.loads, batch.lines) for term in terms_of(line["entry"])]
        if found:
            terms, places = zip(*sorted(found), strict=True)
            pipeline = Pipeline()
            pipeline.add(_KEEP, [batch.tenant, list(terms), list(places)])
            pipeline.run()


def narrowed(key: str, value: str) -> Q:
    """All entries of the open scope's chain that may tell this, and hardly another.

    To be asked for together with what decides it.
    """
    if not is_indexed(key):
        return Q()
    return Q(RawSQL(_HAVING, [term_of(key, value), NAME], output_field=BooleanField()))
