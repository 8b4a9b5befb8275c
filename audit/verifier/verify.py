"""Checks an exported audit trail against signed anchors: this one file and Python, no database and no other package.

    python verify.py trail.ndjson [anchors.ndjson ...] [--key PUBLIC_KEY] [--tenant ID]

Entries, anchors, tombstones and public keys may stand in any of the files. Exit code 0: intact. 1: something was
changed, is missing or is not proved. 2: nothing could be checked.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

GENESIS = "0" * 64
MOST_PROBLEMS = 100
MOST_REPEATED = 20_000
MOST_AT_ONCE = 1_000
# The tenant stands last in a canonical text.
_ENTRY = re.compile(
    rb'\{"seq":(\d+),"previous":"([0-9a-f]{64})","hash":"([0-9a-f]{64})","entry":(\{.*,"tenant_id":"([^"\\]*)"\})\}\s*'
)

Row = tuple[int, str, str, str]
"""Of an entry: its place, the hash of the one before it, its own, and the digest of its text."""


def canonical(body: Mapping[str, Any]) -> str:
    """One text for one meaning: keys sorted, no spaces, everything else than JSON as its `str`."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)


def digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def link(previous: str, seq: int, body: str) -> str:
    """The hash of an entry: of the one before it, its place and its text."""
    return hashlib.sha256(f"{previous}:{seq}:{digest(body)}".encode()).hexdigest()


def key_id(public: str) -> str:
    """The short name of a public key, which is written in base64."""
    return hashlib.sha256(base64.b64decode(public)).hexdigest()[:16]


@dataclass(frozen=True)
class Problem:
    """What is wrong, and the first entry at which it shows; None where it is about no entry."""

    seq: int | None
    text: str


@dataclass
class Report:
    """What was found in the chain of one tenant; the instance's own is ""."""

    tenant: str
    entries: int = 0
    first: int | None = None
    last: int = 0
    start: str | None = None
    end: str | None = None
    purged: int = 0
    left_out: int = 0
    anchors: int = 0
    anchored: int = 0
    """The last entry that a signed anchor vouches for."""
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_intact(self) -> bool:
        return not self.problems

    def cover(self, first: int, start: str, end: str) -> None:
        """Entries from this one on, and of this time, are told of."""
        self.first, self.start, self.end = self.first or first, self.start or start, end

    def tell(self, seq: int | None, text: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(seq, text))


class Keys:
    """Public keys, each trusted because it was given, or signed by one that is. The first one found is, when none was
    given: who wants more gives the key that was written down when the instance began."""

    def __init__(self, documents: Iterable[Mapping[str, Any]], given: Sequence[str] = ()) -> None:
        self._trusted = {key_id(each): base64.b64decode(each) for each in given}
        self.is_given = bool(given)
        waiting = [dict(each) for each in documents]
        if not given and waiting:
            first = next((each for each in waiting if not each.get("signedBy")), waiting[0])
            self._trusted[key_id(first["public"])] = base64.b64decode(first["public"])
        while waiting:
            held = [each for each in waiting if not self._take(each)]
            if len(held) == len(waiting):
                break
            waiting = held

    def __iter__(self) -> Iterator[str]:
        return iter(self._trusted)

    def _take(self, document: Mapping[str, Any]) -> bool:
        kid = key_id(document["public"])
        if kid not in self._trusted and document.get("signedBy") in self._trusted:
            if not self.vouch_for({**document, "kid": document["signedBy"]}, signed={**document}):
                return False
            self._trusted[kid] = base64.b64decode(document["public"])
        return kid in self._trusted

    def vouch_for(self, document: Mapping[str, Any], signed: Mapping[str, Any] | None = None) -> bool:
        """Whether a trusted key signed this document as it is."""
        public = self._trusted.get(str(document.get("kid")))
        if public is None:
            return False
        told = {name: value for name, value in (signed or document).items() if name != "signature"}
        try:
            signature = base64.b64decode(str(document.get("signature")))
        except ValueError:
            return False
        return self.proves(public, canonical(told).encode(), signature)

    @staticmethod
    def proves(public: bytes, message: bytes, signature: bytes) -> bool:
        """Whether the holder of the key signed the message. Where a faster way is at hand, it may stand here."""
        return is_signed(public, message, signature)


class Chain:
    """The chain of one tenant, taken in entry by entry in its order."""

    def __init__(
        self, tenant: str, keys: Keys, anchors: Iterable[Mapping[str, Any]], tombstones: Iterable[Mapping[str, Any]]
    ) -> None:
        self.report = Report(tenant)
        self._seq, self._hash = 0, GENESIS
        self._recent: dict[int, tuple[str, str]] = {}
        self._older: dict[int, tuple[str, str]] = {}
        self._newest = 0
        self._anchors: dict[int, Mapping[str, Any]] = {}
        self._tombstones: dict[int, Mapping[str, Any]] = {}
        previous = None
        for anchor in sorted(anchors, key=lambda each: int(each["number"])):
            if not keys.vouch_for(anchor):
                self.report.tell(int(anchor["seq"]), f"anchor {anchor['number']} is not signed by a trusted key")
                continue
            self._follow(previous, anchor)
            self._anchors[int(anchor["seq"])] = previous = anchor
        self._keys = keys
        self.lay(tombstones)

    def lay(self, tombstones: Iterable[Mapping[str, Any]]) -> None:
        """What is to be found where entries are missing; it may come as the chain is taken in."""
        for tombstone in tombstones:
            if self._keys.vouch_for(tombstone):
                self._tombstones[int(tombstone["first"])] = tombstone
            else:
                self.report.tell(int(tombstone["first"]), "a tombstone is not signed by a trusted key")

    def _follow(self, previous: Mapping[str, Any] | None, anchor: Mapping[str, Any]) -> None:
        """Anchors are numbered without gaps and only grow, as far as the files hold them."""
        number, seq = int(anchor["number"]), int(anchor["seq"])
        before = (int(previous["number"]), int(previous["seq"])) if previous is not None else (number - 1, 0)
        if number == before[0]:
            if previous is not None and canonical(previous) != canonical(anchor):
                self.report.tell(seq, f"there are two anchors {number} that say different things")
        elif number != before[0] + 1:
            self.report.tell(before[1], f"anchors {before[0] + 1} to {number - 1} are missing")
        if seq < before[1]:
            self.report.tell(seq, f"anchor {number} saw fewer entries than the one before it")

    def take(self, rows: Iterable[Row]) -> None:
        """The next entries. The hot path: nothing but the sums of each is done here."""
        sha256, anchors, report = hashlib.sha256, self._anchors, self.report
        seq_before, hash_before = self._seq, self._hash
        count = 0
        for seq, previous, hash_, body_digest in rows:
            if seq != seq_before + 1:
                self._seq, self._hash = seq_before, hash_before
                if not self._bridge(seq, previous):
                    continue
                hash_before = self._hash
            if previous != hash_before:
                report.tell(seq, f"entry {seq} does not follow the one before it")
            if sha256(f"{previous}:{seq}:{body_digest}".encode()).hexdigest() != hash_:
                report.tell(seq, f"entry {seq} was changed")
            if seq in anchors:
                self._compare(anchors[seq], hash_)
            seq_before, hash_before = seq, hash_
            count += 1
        self._seq, self._hash = seq_before, hash_before
        report.entries += count
        report.last = max(report.last, self._seq)

    def repeats(self, row: Row) -> bool:
        """Whether this very entry came before, among the last many: what is shipped may come twice."""
        seq, _, hash_, body_digest = row
        if seq > self._newest:
            self._newest = seq
        elif (self._recent.get(seq) or self._older.get(seq)) == (hash_, body_digest):
            return True
        self._recent[seq] = (hash_, body_digest)
        if len(self._recent) > MOST_REPEATED:
            self._recent, self._older = {}, self._recent
        return False

    def pass_by(self, first: int, digests: Iterable[str]) -> None:
        """The next entries, of which only the digests are shown."""
        for seq, body_digest in enumerate(digests, first):
            if seq != self._seq + 1 and not self._bridge(seq, None):
                continue
            self._seq, self._hash = seq, hashlib.sha256(f"{self._hash}:{seq}:{body_digest}".encode()).hexdigest()
            self.report.left_out += 1
            if seq in self._anchors:
                self._compare(self._anchors[seq], self._hash)
        self.report.last = max(self.report.last, self._seq)

    def _compare(self, anchor: Mapping[str, Any], hash_: str) -> None:
        seq = int(anchor["seq"])
        if anchor["hash"] != hash_:
            self.report.tell(seq, f"entry {seq} is not the one that was anchored at {anchor['at']}")
            return
        self.report.anchors += 1
        self.report.anchored = seq

    def _bridge(self, seq: int, previous: str | None) -> bool:
        """Over what was purged, as tombstones say. False when this entry stood here already."""
        if seq <= self._seq:
            self.report.tell(seq, f"entry {seq} is out of order, or there twice")
            return False
        while self._seq + 1 < seq and self._bury():
            pass
        if self._seq + 1 != seq:
            last = seq - 1
            missing = f"entry {last} is" if self._seq + 1 == last else f"entries {self._seq + 1} to {last} are"
            self.report.tell(self._seq + 1, f"{missing} missing")
            self._hash = previous or self._hash
        return True

    def _bury(self) -> bool:
        tombstone = self._tombstones.get(self._seq + 1)
        if tombstone is None:
            return False
        first, last = int(tombstone["first"]), int(tombstone["last"])
        if tombstone["previous"] != self._hash:
            self.report.tell(first, f"the tombstone of entries {first} to {last} does not follow what is before it")
        self._seq, self._hash = last, str(tombstone["hash"])
        self.report.purged += last - first + 1
        self.report.last = max(self.report.last, last)
        if last in self._anchors:
            self._compare(self._anchors[last], self._hash)
        return True

    def head(self, seq: int, hash_: str) -> None:
        """What the database says is the last entry."""
        while self._bury():
            pass
        if seq != self._seq:
            self.report.tell(min(seq, self._seq) + 1, f"the head says {seq} entries, the chain ends with {self._seq}")
        elif hash_ != self._hash:
            self.report.tell(seq, f"the head is not entry {seq}")

    def end(self) -> Report:
        """Nothing more comes: what was anchored must have been there."""
        while self._bury():
            pass
        beyond = [anchor for seq, anchor in self._anchors.items() if seq > self._seq]
        if beyond:
            last = max(beyond, key=lambda each: int(each["seq"]))
            cut = f"the chain ends with entry {self._seq}, but entry {last['seq']} was anchored at {last['at']}"
            self.report.tell(self._seq + 1, cut)
        return self.report


def read(paths: Sequence[Path]) -> Iterator[bytes]:
    for path in paths:
        with path.open("rb") as lines:
            yield from lines


def check(paths: Sequence[Path], given: Sequence[str] = (), tenant: str | None = None) -> tuple[list[Report], Keys]:
    """A report of each tenant whose entries or anchors stand in the files."""
    documents: dict[str, list[dict[str, Any]]] = {"key": [], "anchor": [], "tombstone": []}
    for line in read(paths):
        if not line.startswith(b'{"seq":') and line.strip():
            document = json.loads(line)
            documents.get(document.get("kind", ""), []).append(document)
    keys, chains = Keys(documents["key"], given), dict[str, Chain]()

    def chain_of(name: str) -> Chain:
        if name not in chains:
            own = {kind: [each for each in found if each.get("tenant") == name] for kind, found in documents.items()}
            chains[name] = Chain(name, keys, own["anchor"], own["tombstone"])
        return chains[name]

    _take_lines(read(paths), chain_of)
    for name in {str(each.get("tenant")) for each in documents["anchor"]}:
        chain_of(name)
    reports = [chain.end() for name, chain in sorted(chains.items()) if tenant is None or name == tenant]
    return reports, keys


def _take_lines(lines: Iterable[bytes], chain_of: Callable[[str], Chain]) -> None:
    """Entries that follow each other in one chain are taken in together."""
    sha256, owner = hashlib.sha256, b""
    waiting: list[Row] = []
    texts: list[bytes] = []
    for line in lines:
        found = _ENTRY.fullmatch(line)
        if waiting and (found is None or found[5] != owner or len(waiting) == MOST_AT_ONCE):
            _take_in(chain_of(owner.decode()), waiting, texts)
            waiting, texts = [], []
        if found is None:
            _take_other(line, chain_of)
            continue
        seq, previous, hash_, text, owner = found.groups()
        waiting.append((int(seq), previous.decode(), hash_.decode(), sha256(text).hexdigest()))
        texts.append(text)
    if waiting:
        _take_in(chain_of(owner.decode()), waiting, texts)


def _take_in(chain: Chain, rows: list[Row], texts: Sequence[bytes]) -> None:
    new = [place for place, row in enumerate(rows) if not chain.repeats(row)]
    if new:
        chain.take([rows[place] for place in new])
        chain.report.cover(rows[new[0]][0], json.loads(texts[new[0]])["at"], json.loads(texts[new[-1]])["at"])


def _take_other(line: bytes, chain_of: Callable[[str], Chain]) -> None:
    """An entry as another program wrote the same JSON; or digests of some that were left out."""
    document = json.loads(line) if line.strip() else {}
    if document.get("kind") == "left-out":
        chain_of(str(document["tenant"])).pass_by(int(document["first"]), document["digests"])
    if "entry" in document:
        text = canonical(document["entry"])
        row = (int(document["seq"]), document["previous"], document["hash"], digest(text))
        _take_in(chain_of(str(document["entry"]["tenant_id"])), [row], [text.encode()])


def lines_of(report: Report) -> Iterator[str]:
    """The report in words."""
    name = report.tenant or "the instance"
    yield f"{name}: {report.entries} entries, {report.first or '-'} to {report.last}, {report.start} to {report.end}"
    if report.purged:
        yield f"  {report.purged} entries were purged, as signed tombstones say"
    if report.left_out:
        yield f"  {report.left_out} entries are shown by their digests alone"
    if report.anchors:
        yield f"  {report.anchors} anchors agree; the last vouches for all up to entry {report.anchored}"
    else:
        yield "  no anchor: that the end was not cut off, or all of it written anew, is not proved"
    for problem in report.problems:
        yield f"  BROKEN {problem.text}"
    yield "  intact" if report.is_intact else "  NOT INTACT"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("files", nargs="+", type=Path, help="NDJSON: an export, and anchors")
    parser.add_argument("--key", action="append", default=[], help="public key to trust, in base64")
    parser.add_argument("--tenant", help="look at this one alone")
    asked = parser.parse_args(arguments)
    try:
        reports, keys = check(asked.files, asked.key, asked.tenant)
    except (OSError, ValueError, KeyError) as error:
        sys.stderr.write(f"cannot be read: {error!r}\n")
        return 2
    if not keys.is_given:
        sys.stdout.write(f"trusting {next(iter(keys), 'no key')} as found in the files; give --key to trust your own\n")
    for report in reports:
        sys.stdout.write("\n".join(lines_of(report)) + "\n")
    if not reports:
        return 2
    return 0 if all(report.is_intact and report.anchors for report in reports) else 1


# Ed25519 (RFC 8032, 5.1.7) by plain arithmetic, for machines that have nothing but Python.
_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
Point = tuple[int, int, int, int]


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the holder of the key signed the message."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, commitment = _point(public), _point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or scalar >= _L:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _L
    left, right = _times(scalar, _BASE), _sum(commitment, _times(challenge, key))
    return (left[0] * right[2] - right[0] * left[2]) % _P == 0 and (left[1] * right[2] - right[1] * left[2]) % _P == 0


def _point(text: bytes) -> Point | None:
    number = int.from_bytes(text, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return x, y, 1, x * y % _P


def _sum(one: Point, two: Point) -> Point:
    a, b = (one[1] - one[0]) * (two[1] - two[0]) % _P, (one[1] + one[0]) * (two[1] + two[0]) % _P
    c, d = 2 * one[3] * two[3] * _D % _P, 2 * one[2] * two[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(factor: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            result = _sum(result, point)
        point, factor = _sum(point, point), factor >> 1
    return result


_BASE = _point(bytes.fromhex("58" + "66" * 31)) or (0, 1, 1, 0)

if __name__ == "__main__":
    sys.exit(main())
