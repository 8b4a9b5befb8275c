"""Entries as NDJSON that the verifier reads: the text that was hashed stands in the line as it is."""

from __future__ import annotations

from typing import Any


def entry_line(seq: int, previous: str, hash_: str, body: str) -> str:
    return f'{{"seq":{seq},"previous":"{previous}","hash":"{hash_}","entry":{body}}}'


def entry_line_of(entry: Any) -> str:
    return entry_line(entry.seq, entry.previous, entry.hash, entry.body)
