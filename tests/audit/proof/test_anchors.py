"""Signed heads: made when a chain has moved, brought to every place, and followed through changes of keys."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.background.system import anchor_all, ensure_key, make_another_key
from audit.delivery.destinations import Batch, DeliveryFailed
from audit.delivery.file import File
from audit.models import AuditAnchor
from audit.proof.anchors import anchor, owners_to_anchor
from audit.proof.checking import check
from audit.proof.keys import KnownKeys, key_documents
from audit.verifier import verify
from audit.verifier.verify import Keys, canonical, is_signed
from control_plane.kernel.config import override
from control_plane.kernel.scope import instance_scope, tenant_scope
from tests.audit.ground import anchored, entries, exported, write

pytestmark = pytest.mark.django_db


class Flaky:
    """Refuses as often as it is told to, then keeps."""

    name = "flaky"

    def __init__(self, refusals: int) -> None:
        self.refusals, self.kept = refusals, list[Batch]()

    def send(self, batch: Batch) -> None:
        if self.refusals:
            self.refusals -= 1
            raise DeliveryFailed("not now")
        self.kept.append(batch)


def test_a_head_is_signed_when_it_has_moved_and_only_then(tmp_path: Path):
    file = tmp_path / "anchors"
    write("acme", "a")
    with override(audit={"anchor_to": (file.as_uri(),)}):
        assert anchor_all() == 2, "the tenant's, and the instance's own, which tells of the key"
        assert anchor_all() == 0
        write("acme", "b")
        assert owners_to_anchor() == ["acme"] and anchor_all() == 1
    documents = list(map(json.loads, file.read_text().splitlines()))
    seen = [(each["tenant"], each["number"], each["seq"]) for each in documents if each["kind"] == "anchor"]
    assert seen == [("", 1, 1), ("acme", 1, 1), ("acme", 2, 2)]


def test_what_could_not_be_brought_out_is_brought_the_next_time(tmp_path: Path):
    ensure_key()
    place = Flaky(refusals=1)
    write("acme", "a")
    anchor("acme", [place])
    assert place.kept == [] and owners_to_anchor() == ["", "acme"]
    write("acme", "b")
    anchor("acme", [place])
    (batch,) = place.kept
    assert (batch.kind, batch.tenant, batch.first, batch.last) == ("anchors", "acme", 1, 2)
    with tenant_scope("acme"):
        assert not AuditAnchor.objects.filter(is_outside=False).exists()


def test_keys_rotate_and_a_verifier_follows_from_the_first(tmp_path: Path):
    anchors = tmp_path / "anchors"
    anchored("acme", anchors, (2,))
    make_another_key()
    write("acme", "later")
    anchor("acme", [File(anchors)])
    make_another_key()
    write("acme", "last")
    anchor("acme", [File(anchors)])
    first = key_of(1)
    reports, keys = verify.check([exported("acme", tmp_path / "trail"), anchors], [first], "acme")
    assert [report.is_intact for report in reports] == [True] and reports[0].anchors == 3
    assert len(list(keys)) == 3
    assert check("acme").is_intact
    wrong, _ = verify.check([tmp_path / "trail", anchors], [key_of_nobody()], "acme")
    assert not wrong[0].is_intact


def key_of(number: int) -> str:
    with instance_scope():
        return str(key_documents()[number - 1]["public"])


def key_of_nobody() -> str:
    return base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()


def test_a_change_of_keys_is_an_entry_without_the_private_half():
    ensure_key()
    made = make_another_key()
    last = entries("")[-1]
    assert (last.resource, last.action, last.object_id) == ("AUDITLOG", "UPDATE", made["public"])
    assert "sealed" not in last.body


def test_a_key_that_nobody_vouches_for_is_not_trusted():
    ensure_key()
    with instance_scope():
        documents = key_documents()
    stranger = {"kind": "key", "public": key_of_nobody(), "at": "x", "signedBy": verify.key_id(documents[0]["public"])}
    forged = {**stranger, "signature": base64.b64encode(b"x" * 64).decode()}
    for kind in (Keys, KnownKeys):
        assert list(kind([*documents, forged])) == [verify.key_id(documents[0]["public"])]


def test_an_anchor_that_was_left_out_is_missed(tmp_path: Path):
    anchors = tmp_path / "anchors"
    anchored("acme", anchors, (2, 2, 2))
    kept = [line for line in anchors.read_text().splitlines() if '"number":2' not in line]
    (tmp_path / "fewer").write_text("\n".join(kept))
    (report,), _ = verify.check([exported("acme", tmp_path / "trail"), tmp_path / "fewer"], tenant="acme")
    assert [problem.text for problem in report.problems] == ["anchors 2 to 2 are missing"]


def test_signatures_are_judged_alike_by_both_arithmetics():
    for number in range(20):
        private = Ed25519PrivateKey.generate()
        public, message = private.public_key().public_bytes_raw(), canonical({"n": number}).encode()
        right = private.sign(message)
        for signature in (
            right,
            right[:-1] + bytes([right[-1] ^ 1]),
            bytes([right[0] ^ 1]) + right[1:],
            b"",
            b"\xff" * 64,
        ):
            assert is_signed(public, message, signature) is KnownKeys.proves(public, message, signature)
            assert is_signed(public, message + b" ", signature) is False
