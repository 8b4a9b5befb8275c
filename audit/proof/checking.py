"""Checks a tenant's chain where it stands: the rules of the verifier, and that columns say what the texts say."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterator
from datetime import datetime
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
    id, tenant_id, at, actor_kind, actor_id, actor_name, action, resource, object_id, namespace, is_refused, request_id,
    host(ip)
FROM audit_entry WHERE tenant_id = %s AND seq > %s AND seq <= %s ORDER BY seq LIMIT %s
"""


class _Told(msgspec.Struct):
    """What the text of an entry says that its columns repeat, in their order."""

    id: str
    tenant_id: str
    at: datetime
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
    seq = 0
    while head is not None:
        rows, tombstones = _chunk(owner, seq, head[0])
        chain.lay(tombstones)
        chain.take(_linked(rows, chain.report))
        if not rows:
            break
        seq = rows[-1][0]
        if seq >= head[0]:
            break
    if head is not None:
        chain.head(*head)
    return chain.end()


def _chunk(owner: str, seq: int, last: int) -> tuple[list[tuple[Any, ...]], list[Document]]:
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
            if astuple(decode(body)) != row[4:]:
                _tell(report, row, astuple(decode(body)))
        except msgspec.MsgspecError:
            report.tell(row[0], f"the text of entry {row[0]} cannot be read")
        yield row[0], row[1], row[2], sha256(body).hexdigest()
    if rows:
        report.first, report.start = report.first or rows[0][0], report.start or iso(rows[0][6])
        report.end = iso(rows[-1][6])


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
