"""A tenant's entries as lines that stream: keys and tombstones first, then the chain, a short scope for each chunk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Q

from audit.exporting.lines import entry_line
from audit.models import AuditEntry, AuditHead, AuditKey, AuditTombstone
from audit.recording.owners import scope_of
from audit.verifier.verify import canonical

CHUNK = 1000
Link = tuple[int, str, str, str]


def ndjson(owner: str, condition: Q, *, with_proof: bool = False) -> Iterator[str]:
    """What matches, in the order of the chain, up to the head of this moment.

    With proof also the digests of what does not match, so that the verifier can follow the chain through it.
    """
    with scope_of(owner):
        head = AuditHead.objects.filter(tenant_id=owner).values_list("seq", flat=True).first() or 0
        keys = list(AuditKey.objects.order_by("number").values_list("document", flat=True))
        tombstones = list(AuditTombstone.objects.order_by("first").values_list("document", flat=True))
    yield from (f"{text}\n" for text in (*keys, *tombstones))
    walk = _walk_all if with_proof else _walk_matching
    yield from walk(owner, condition, head)


def _walk_matching(owner: str, condition: Q, head: int) -> Iterator[str]:
    for links in _chunks(owner, head, lambda after: AuditEntry.objects.filter(condition, seq__gt=after)):
        yield "".join(f"{entry_line(*link)}\n" for link in links)


def _walk_all(owner: str, condition: Q, head: int) -> Iterator[str]:
    matching: set[int] = set()

    def chunk(after: int) -> Any:
        links = AuditEntry.objects.filter(seq__gt=after)
        matching.clear()
        last = list(links.order_by("seq").values_list("seq", flat=True)[CHUNK - 1 : CHUNK])
        until = last[0] if last else head
        found = links.filter(condition, seq__lte=until)
        matching.update(found.values_list("seq", flat=True))
        return links

    for links in _chunks(owner, head, chunk):
        yield from _shown(owner, links, matching)


def _chunks(owner: str, head: int, entries: Callable[[int], Any]) -> Iterator[list[Link]]:
    after = 0
    while after < head:
        with scope_of(owner):
            rows = entries(after).filter(seq__lte=head).order_by("seq").values_list("seq", "previous", "hash", "body")
            links = list(rows[:CHUNK])
        if not links:
            return
        yield links
        after = links[-1][0]


def _shown(owner: str, links: list[Link], matching: set[int]) -> Iterator[str]:
    """Lines of those that match, and digests of those between them."""
    first, digests = 0, list[str]()
    for seq, previous, hash_, body in links:
        follows = digests and seq == first + len(digests)
        if digests and (seq in matching or not follows):
            yield _left_out(owner, first, digests)
            digests = []
        if seq in matching:
            yield f"{entry_line(seq, previous, hash_, body)}\n"
            continue
        first = first if digests else seq
        digests.append(hashlib.sha256(body.encode()).hexdigest())
    if digests:
        yield _left_out(owner, first, digests)


def _left_out(owner: str, first: int, digests: list[str]) -> str:
    return f"{canonical({'kind': 'left-out', 'tenant': owner, 'first': first, 'digests': digests})}\n"
