"""Nine ways to tamper with a chain, each as somebody does it who has the database to himself: in many forms."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import psycopg

from audit.verifier.verify import GENESIS, canonical, digest, link

Database = psycopg.Connection[Any]
Row = tuple[int, str]
"""Place and text of an entry."""
COLUMNS = "id, tenant_id, at, actor_kind, actor_id, actor_name, action, resource, object_id, namespace, is_refused, request_id, ip"


class Intruder:
    """Superuser of the database, with the anchors kept in it at his mercy, but not those outside and no key."""

    def __init__(self, database: Database, tenant: str, other: str, random: Random) -> None:
        self.database, self.tenant, self.other, self.random = database, tenant, other, random

    @property
    def rows(self) -> list[Row]:
        return self.database.execute(
            "SELECT seq, body FROM audit_entry WHERE tenant_id = %s ORDER BY seq", [self.tenant]
        ).fetchall()

    def some(self, *, but_last: int = 0, but_first: int = 0) -> Row:
        rows = self.rows
        return self.random.choice(rows[but_first : len(rows) - but_last])

    def changed(self, body: str) -> str:
        """The same entry of somebody else, or that did something else."""
        told = json.loads(body)
        name = self.random.choice(["actor_name", "object_id", "action", "at", "after", "ip", "namespace"])
        told[name] = {"after": {"id": "other"}, "at": "2020-01-01T00:00:00Z", "ip": "10.9.9.9"}.get(name, "other")
        return canonical(told)

    def say(self, seq: int, body: str, *, columns: bool = True) -> None:
        """The text of an entry, and columns that agree with it."""
        self.database.execute(
            "UPDATE audit_entry SET body = %s WHERE tenant_id = %s AND seq = %s", [body, self.tenant, seq]
        )
        if columns:
            self.agree(seq)

    def agree(self, seq: int) -> None:
        self.database.execute(
            f"UPDATE audit_entry e SET ({COLUMNS}) = (SELECT {COLUMNS} FROM"
            " jsonb_populate_record(NULL::audit_entry, e.body::jsonb)) WHERE tenant_id = %s AND seq = %s",
            [self.tenant, seq],
        )

    def relink(self, start: int = 1) -> None:
        """Hashes that are right from here to the end, in entries and head."""
        before = self.database.execute(
            "SELECT hash FROM audit_entry WHERE tenant_id = %s AND seq = %s", [self.tenant, start - 1]
        ).fetchone()
        previous = before[0] if before else GENESIS
        last = (0, GENESIS, GENESIS)
        for seq, body in self.rows:
            if seq < start:
                continue
            hash_ = link(previous, seq, body)
            self.database.execute(
                "UPDATE audit_entry SET previous = %s, hash = %s WHERE tenant_id = %s AND seq = %s",
                [previous, hash_, self.tenant, seq],
            )
            last, previous = (seq, previous, hash_), hash_
        self.head(*last)

    def head(self, seq: int, previous: str, hash_: str) -> None:
        self.database.execute(
            "UPDATE audit_head SET seq = %s, previous = %s, hash = %s WHERE tenant_id = %s",
            [seq, previous, hash_, self.tenant],
        )

    def head_is_last(self) -> None:
        last = self.database.execute(
            "SELECT seq, previous, hash FROM audit_entry WHERE tenant_id = %s ORDER BY seq DESC LIMIT 1", [self.tenant]
        ).fetchone()
        self.head(*(last or (0, GENESIS, GENESIS)))

    def delete(self, *seqs: int) -> None:
        self.database.execute(
            "DELETE FROM audit_entry WHERE tenant_id = %s AND seq = ANY(%s)", [self.tenant, list(seqs)]
        )

    def move(self, by: int, start: int) -> None:
        """The places from here on; in two steps, because each place is taken."""
        for statement in (
            "UPDATE audit_entry SET seq = -(seq + %s) WHERE tenant_id = %s AND seq >= %s",
            "UPDATE audit_entry SET seq = -seq WHERE tenant_id = %s AND seq < 0",
        ):
            self.database.execute(statement, [by, self.tenant, start] if "%s)" in statement else [self.tenant])

    def forget_anchors(self) -> None:
        """Those kept in the database, all or the newest."""
        self.database.execute(
            "DELETE FROM audit_anchor WHERE tenant_id = %s AND number > %s", [self.tenant, self.random.choice([0, 1])]
        )

    def copy(self, seq: int, to: int, tenant: str | None = None) -> None:
        self.database.execute(
            f"INSERT INTO audit_entry (seq, previous, hash, body, {COLUMNS}) SELECT %s, previous, hash, body,"
            f" 'x' || substr(md5(random()::text), 1, 21), %s, {COLUMNS.split(', ', 2)[2]}"
            " FROM audit_entry WHERE tenant_id = %s AND seq = %s",
            [to, tenant or self.tenant, self.tenant, seq],
        )


def edit(who: Intruder) -> None:
    seq, body = who.some()
    form = who.random.choice(["text", "text and columns", "columns", "hash"])
    if form == "columns":
        name = who.random.choice(["actor_name", "actor_id", "action", "resource", "object_id", "namespace"])
        who.database.execute(
            f"UPDATE audit_entry SET {name} = 'other' WHERE tenant_id = %s AND seq = %s", [who.tenant, seq]
        )
    elif form == "hash":
        who.database.execute(
            "UPDATE audit_entry SET hash = %s WHERE tenant_id = %s AND seq = %s", [digest(body), who.tenant, seq]
        )
    else:
        who.say(seq, who.changed(body), columns=form == "text and columns")


def delete_middle(who: Intruder) -> None:
    seq, _ = who.some(but_last=1)
    count = who.random.choice([1, 1, 2, 3])
    who.delete(*range(seq, min(seq + count, who.rows[-1][0])))


def delete_tail(who: Intruder) -> None:
    rows = who.rows
    kept = who.random.randrange(0, len(rows))
    who.delete(*(seq for seq, _ in rows[kept:]))
    who.head_is_last()
    who.database.execute("DELETE FROM audit_anchor WHERE tenant_id = %s AND seq > %s", [who.tenant, kept])


def swap(who: Intruder) -> None:
    (one, first), (two, second) = who.random.sample(who.rows, 2)
    if who.random.random() < 0.5:
        who.database.execute("UPDATE audit_entry SET seq = -1 WHERE tenant_id = %s AND seq = %s", [who.tenant, one])
        who.database.execute(
            "UPDATE audit_entry SET seq = %s WHERE tenant_id = %s AND seq = %s", [one, who.tenant, two]
        )
        who.database.execute("UPDATE audit_entry SET seq = %s WHERE tenant_id = %s AND seq = -1", [two, who.tenant])
        return
    for seq, body in ((one, second), (two, first)):
        who.database.execute(
            "UPDATE audit_entry SET id = %s, body = %s WHERE tenant_id = %s AND seq = %s",
            [f"x{seq}", body, who.tenant, seq],
        )
    for seq in (one, two):
        who.agree(seq)


def insert(who: Intruder) -> None:
    """An entry that never was, in its place or where another one stands; sometimes well linked to what is before it."""
    seq, body = who.some()
    forged = who.changed(body)
    who.move(1, seq)
    who.copy(seq + 1, seq)
    told = json.loads(forged)
    told["id"] = who.database.execute(
        "SELECT id FROM audit_entry WHERE tenant_id = %s AND seq = %s", [who.tenant, seq]
    ).fetchone()[0]  # type: ignore[index]
    who.say(seq, canonical(told))
    form = who.random.choice(["loose", "linked", "relinked"])
    if form == "linked":
        before = who.database.execute(
            "SELECT previous FROM audit_entry WHERE tenant_id = %s AND seq = %s", [who.tenant, seq]
        ).fetchone()
        hash_ = link(before[0], seq, canonical(told))  # type: ignore[index]
        who.database.execute(
            "UPDATE audit_entry SET hash = %s WHERE tenant_id = %s AND seq = %s", [hash_, who.tenant, seq]
        )
    if form == "relinked":
        who.relink(seq)
        who.forget_anchors()
    else:
        who.head_is_last()


def relink(who: Intruder) -> None:
    """One entry, and every hash after it."""
    seq, body = who.some()
    who.say(seq, who.changed(body))
    who.relink(seq)
    who.forget_anchors()


def move_tenant(who: Intruder) -> None:
    """An entry into another tenant's chain, or the chains of two tenants exchanged."""
    seq, _ = who.some()
    if who.random.random() < 0.5:
        for old, new in ((who.tenant, "~"), (who.other, who.tenant), ("~", who.other)):
            for table in ("audit_entry", "audit_head", "audit_anchor"):
                who.database.execute(f"UPDATE {table} SET tenant_id = %s WHERE tenant_id = %s", [new, old])  # type: ignore[arg-type]
        return
    last = who.database.execute("SELECT max(seq) FROM audit_entry WHERE tenant_id = %s", [who.other]).fetchone()
    who.copy(seq, last[0] + 1, who.other)  # type: ignore[index]
    who.delete(seq)
    if who.random.random() < 0.5:
        who.move(-1, seq)
        who.relink(seq)
        who.forget_anchors()


def recompute(who: Intruder) -> None:
    """The whole chain anew, with another history in it."""
    for seq, body in who.random.sample(who.rows, 3):
        who.say(seq, who.changed(body))
    if who.random.random() < 0.5:
        seq, _ = who.some()
        who.delete(seq)
        who.move(-1, seq)
    who.relink()
    who.forget_anchors()


def disable_and_enable(who: Intruder) -> None:
    """The trail was off for a while: what happened then is not told, and it goes on as if nothing were."""
    rows = who.rows
    kept = who.random.randrange(0, len(rows) - 1)
    form = who.random.choice(["gap", "closed", "anew"])
    away = rows[kept : who.random.randrange(kept + 1, len(rows))] if form != "anew" else rows[: kept + 1]
    who.delete(*(seq for seq, _ in away))
    if form != "gap":
        who.move(-len(away), away[0][0])
        who.relink(away[0][0])
        who.forget_anchors()


WAYS: dict[str, Callable[[Intruder], None]] = {
    "edit": edit,
    "delete middle": delete_middle,
    "delete tail": delete_tail,
    "swap": swap,
    "insert": insert,
    "re-link": relink,
    "move tenant": move_tenant,
    "recompute whole chain": recompute,
    "disable and enable": disable_and_enable,
}


def each_way(times: int) -> Iterator[tuple[str, int]]:
    return ((way, number) for way in WAYS for number in range(times))
