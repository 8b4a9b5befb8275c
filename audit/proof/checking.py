"""Checks a tenant's chain where it stands: the rules of the verifier, and that columns say what the texts say."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import connection

from audit.models import AuditHead
from audit.proof.anchors import anchor_documents
from audit.proof.keys import Document, KnownKeys, key_documents
from audit.proof.tombstones import tombstone_documents
from audit.recording.owners import scope_of
from audit.verifier.verify import Chain, Report, Row
from control_plane.kernel.words.clock import iso

AT_ONCE = 20_000
_ENTRIES = """
SELECT seq, previous, hash, body,
    id, tenant_id, (at AT TIME ZONE 'UTC')::text, actor_kind, actor_id, actor_name, action, resource, object_id,
    namespace, is_refused, request_id, host(ip)
FROM audit_entry WHERE tenant_id = %s AND seq > %s AND seq <= %s ORDER BY seq LIMIT %s
"""


class _Told(msgspec.Struct):
    """What the text of an entry says that its columns repeat, in their order."""

    id: str
    tenant_id: str
    at: str
    actor_kind: str
    actor_id: str
    actor_name: str
    action: str
    resource: str
    object_id: str
    namespace: str | None
    is_refused: bool
    request_id: str
    ip: str | None


_decode = msgspec.json.Decoder(_Told).decode


def check(owner: str, outside: list[Document] | None = None) -> Report:
    """The chain of one tenant, "" for the instance's own, against its anchors, kept here and `outside`.

    What is appended meanwhile is not looked at; a short scope for each chunk.
    """
    with scope_of(owner):
        keys = KnownKeys(key_documents())
        anchors = {int(each["number"]): each for each in anchor_documents()}
        head = AuditHead.objects.filter(tenant_id=owner).values_list("seq", "hash").first()
    more = [each for each in outside or () if each.get("tenant") == owner and anchors.get(int(each["number"])) != each]
    chain = Chain(owner, keys, [*anchors.values(), *more], [])
    for rows, tombstones in _chunks(owner, head[0] if head is not None else 0):
        chain.lay(tombstones)
        chain.take(_linked(rows, chain.report))
    if head is not None:
        chain.head(*head)
    return chain.end()


Chunk = tuple[list[tuple[Any, ...]], list[Document]]


def _chunks(owner: str, last: int) -> Iterator[Chunk]:
    chunk = _chunk(owner, 0, last)
    while len(chunk[0]) == AT_ONCE:
        yield chunk
        chunk = _chunk(owner, chunk[0][-1][0], last)
    yield chunk


def _chunk(owner: str, seq: int, last: int) -> Chunk:
    with scope_of(owner), connection.cursor() as cursor:
        cursor.execute(_ENTRIES, [owner, seq, last, AT_ONCE])
        rows = cursor.fetchall()
        until = rows[-1][0] if len(rows) == AT_ONCE else last
        return rows, tombstone_documents(seq, until)


def _linked(rows: list[tuple[Any, ...]], report: Report) -> Iterator[Row]:
    """The sums of each, after its columns were compared with its text."""
    sha256, decode, astuple = hashlib.sha256, _decode, msgspec.structs.astuple
    for row in rows:
        body = row[3].encode()
        try:
            told = decode(body)
            told.at = _as_kept(told.at)
            if astuple(told) != row[4:]:
                _tell(report, row, astuple(told))
        except msgspec.MsgspecError:
            report.tell(row[0], f"the text of entry {row[0]} cannot be read")
        yield row[0], row[1], row[2], sha256(body).hexdigest()
    if rows:
        report.cover(rows[0][0], _as_told(rows[0][6]), _as_told(rows[-1][6]))


def _as_kept(moment: str) -> str:
    """As the database writes a time in UTC: making a moment of each of them costs more than all sums."""
    text = moment.removesuffix("Z").replace("T", " ")
    return text.rstrip("0") if "." in text else text


def _as_told(moment: str) -> str:
    return iso(datetime.fromisoformat(moment).replace(tzinfo=UTC))


def _tell(report: Report, row: tuple[Any, ...], told: tuple[Any, ...]) -> None:
    wrong = [
        name
        for name, here, there in zip(_Told.__struct_fields__, row[4:], told, strict=True)
        if here != there and not (name == "ip" and here and there and _ip(here) == _ip(there))
    ]
    if wrong:
        report.tell(row[0], f"the columns of entry {row[0]} do not say what its text says: {', '.join(wrong)}")


def _ip(text: str) -> object:
    return ipaddress.ip_address(text)
