"""The terms of entries beside them, written a moment after them; a search looks through the newest ones itself.

Row-level security lets an index answer only by operators that leak nothing, and those that search in a text are none
of them: so terms are numbers in a table of their own, and a text is looked for in a dictionary of all words. No write
waits for it. Of the entries that are indexed together, those that share a term share its row.
"""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from audit.delivery.destinations import Batch
from audit.searching.terms import beginning_of, terms_of, words_of
from control_plane.kernel.pipeline import Pipeline

NAME = "search index"
"""The cursor that says up to where entries are indexed stands under it."""
AT_ONCE = 2_000
"""Entries: the more at once, the more of them share a row."""
SECONDS = 5.0
"""Between looks: a search finds what is not indexed yet by itself."""
SPAN = 4_096
"""No row is about an entry further than that from its first."""

_KEEP = """
INSERT INTO audit_term (tenant_id, term, seq, seqs)
SELECT %s, term, seq, seqs::bigint[] FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) t (term, seq, seqs)
ON CONFLICT (tenant_id, term, seq) DO UPDATE SET seqs = excluded.seqs
"""
_KEEP_WORDS = """
INSERT INTO audit_word (tenant_id, term, word)
SELECT %s, term, word FROM unnest(%s::bigint[], %s::text[]) t (term, word)
ON CONFLICT DO NOTHING
"""
# The row of the cursor keeps what is indexed and what is forgotten apart.
_HOLD = "SELECT seq FROM audit_cursor WHERE destination = %s FOR UPDATE"
_FORGET = """
WITH told AS (
    SELECT t.term, t.seq, count(gone.seq) AS gone,
        array_agg(each.seq ORDER BY each.seq) FILTER (WHERE gone.seq IS NULL) AS kept
    FROM audit_term t CROSS JOIN LATERAL unnest(COALESCE(t.seqs, ARRAY[t.seq])) each (seq)
    LEFT JOIN unnest(%s::bigint[]) gone (seq) ON gone.seq = each.seq
    WHERE t.seq BETWEEN %s AND %s
    GROUP BY t.term, t.seq
), forgotten AS (
    DELETE FROM audit_term t USING told WHERE t.term = told.term AND t.seq = told.seq AND told.kept IS NULL
)
UPDATE audit_term t SET seqs = told.kept FROM told
WHERE t.term = told.term AND t.seq = told.seq AND told.kept IS NOT NULL AND told.gone > 0
"""
_FORGET_WORDS = """
DELETE FROM audit_word w
WHERE NOT EXISTS (SELECT 1 FROM audit_term t WHERE t.tenant_id = w.tenant_id AND t.term = w.term)
"""


class SearchIndex:
    """A destination like any other, but that its lines go into this database, in the transaction of the cursor."""

    name = NAME

    def send(self, batch: Batch) -> None:
        places, words = _collected(map(json.loads, batch.lines))
        rows = [(term, part[0], _list(part)) for term, found in sorted(places.items()) for part in _parted(found)]
        if rows:
            terms, firsts, lists = map(list, zip(*rows, strict=True))
            pipeline = Pipeline()
            pipeline.add(_KEEP, [batch.tenant, terms, firsts, lists])
            pipeline.add(_KEEP_WORDS, [batch.tenant, list(words), list(words.values())])
            pipeline.run()


def _collected(lines: Iterable[dict[str, Any]]) -> tuple[dict[int, list[int]], dict[int, str]]:
    """Places of each term, in order, and the words by their terms."""
    places: dict[int, list[int]] = defaultdict(list)
    words: dict[int, str] = {}
    for line in lines:
        entry = line["entry"]
        said, beginning = words_of(entry), beginning_of(entry["object_id"])
        words |= said
        for term in {*terms_of(entry), *said, *([] if beginning is None else [beginning])}:
            places[term].append(line["seq"])
    return places, words


def _parted(places: list[int]) -> Iterator[list[int]]:
    """Those of one row each."""
    if places[-1] - places[0] < SPAN:
        yield places
        return
    for _, part in itertools.groupby(places, lambda place: place // SPAN):
        yield list(part)


def _list(places: list[int]) -> str | None:
    """None says that there is no other one but the first."""
    return None if len(places) == 1 else "{" + ",".join(map(str, places)) + "}"


def forget(places: Sequence[int]) -> None:
    """That these were ever there, in the open scope."""
    pipeline = Pipeline()
    pipeline.add(_HOLD, [NAME])
    pipeline.add(_FORGET, [list(places), min(places) - SPAN, max(places)])
    pipeline.add(_FORGET_WORDS)
    pipeline.run()
