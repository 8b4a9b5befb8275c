"""Entries leave at least once and in order, whatever fails between, and how far is known."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from audit.delivery.destinations import Batch, DeliveryFailed
from audit.delivery.file import File
from audit.models import AuditCursor
from audit.queries import lags
from audit.recording.owners import scope_of
from audit.shipping import shipper
from audit.shipping.shipper import Shipper
from audit.verifier import verify
from control_plane.kernel.config import override
from tests.audit.ground import anchored, write

pytestmark = pytest.mark.django_db


class Keeper:
    """Keeps batches; refuses those whose number is named, after having kept them where `keeps_refused`."""

    name = "keeper"

    def __init__(self, refused: tuple[int, ...] = (), *, keeps_refused: bool = False) -> None:
        self.refused, self.keeps_refused = refused, keeps_refused
        self.asked, self.kept = 0, list[Batch]()

    def send(self, batch: Batch) -> None:
        self.asked += 1
        if self.asked not in self.refused or self.keeps_refused:
            self.kept.append(batch)
        if self.asked in self.refused:
            raise DeliveryFailed("not now")

    def seqs(self, tenant: str) -> list[int]:
        return [json.loads(line)["seq"] for batch in self.kept if batch.tenant == tenant for line in batch.lines]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Small batches, and no waiting after a failure."""
    monkeypatch.setattr(shipper, "AT_ONCE", 3)
    monkeypatch.setattr(shipper, "PATIENCE", shipper.PATIENCE * 0)
    yield


def all_of(shipping: Shipper) -> None:
    while shipping.ship():
        pass


def test_each_tenants_entries_leave_in_order():
    keeper = Keeper()
    for owner in ("acme", "globex", ""):
        write(owner, *"abcdefg")
    all_of(Shipper([keeper]))
    for owner in ("acme", "globex", ""):
        assert keeper.seqs(owner) == list(range(1, 8))


def test_a_cursor_survives_and_only_what_is_new_leaves():
    keeper = Keeper()
    write("acme", "a", "b")
    all_of(Shipper([keeper]))
    write("acme", "c")
    connection.close()
    all_of(Shipper([keeper]))
    assert keeper.seqs("acme") == [1, 2, 3]


@pytest.mark.parametrize("keeps_refused", [False, True])
def test_what_was_refused_comes_again_and_nothing_overtakes_it(keeps_refused: bool):
    keeper = Keeper(refused=(2, 3), keeps_refused=keeps_refused)
    write("acme", *"abcdefg")
    for _ in range(6):
        all_of(Shipper([keeper]))
    seqs = keeper.seqs("acme")
    assert list(dict.fromkeys(seqs)) == list(range(1, 8)), "at least once, and first in order"
    assert seqs.count(4) == (3 if keeps_refused else 1)


def test_a_failure_is_told_and_forgotten_when_it_is_over():
    keeper = Keeper(refused=(1,))
    write("acme", "a")
    Shipper([keeper]).ship()
    with scope_of("acme"):
        cursor = AuditCursor.objects.get()
        assert (cursor.seq, cursor.error) == (0, "not now") and cursor.failed_at
    (lag,) = lags(["keeper"])
    assert (lag.tenants, lag.entries, lag.failing) == (1, 1, 1) and lag.seconds > 0
    Shipper([keeper]).ship()
    (lag,) = lags(["keeper"])
    assert (lag.tenants, lag.entries, lag.seconds, lag.failing) == (0, 0, 0, 0)


def test_two_shippers_send_nothing_twice_at_the_same_time():
    write("acme", *"abc")
    entered, leave = threading.Event(), threading.Event()

    class Slow(Keeper):
        def send(self, batch: Batch) -> None:
            entered.set()
            assert leave.wait(10)
            super().send(batch)

    slow = Slow()

    def other() -> None:
        Shipper([slow]).ship()
        connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    assert entered.wait(10)
    quick = Keeper()
    Shipper([quick]).ship()
    leave.set()
    thread.join()
    assert (quick.kept, slow.seqs("acme")) == ([], [1, 2, 3])


def test_a_shipped_file_is_checked_by_the_verifier(tmp_path: Path):
    anchors = tmp_path / "anchors"
    for owner in ("acme", "globex"):
        anchored(owner, anchors)
    all_of(Shipper([File(tmp_path / "shipped")]))
    reports, _ = verify.check([tmp_path / "shipped", anchors])
    assert {report.tenant: (report.is_intact, report.entries) for report in reports if report.tenant} == {
        "acme": (True, 12),
        "globex": (True, 12),
    }


def test_a_file_with_a_batch_that_came_twice_is_intact_too(tmp_path: Path):
    anchors = tmp_path / "anchors"
    anchored("acme", anchors)
    all_of(Shipper([File(tmp_path / "shipped")]))
    lines = (tmp_path / "shipped").read_text().splitlines()
    again = [line for line in lines if '"tenant_id":"acme"' in line]
    (tmp_path / "twice").write_text("\n".join([*again[:6], *again[3:]]))
    (report,), _ = verify.check([tmp_path / "twice", anchors], tenant="acme")
    assert report.is_intact and report.entries == 12, report.problems
    forged = [*again[:6], again[3].replace("flow-0-3", "flow-9-9"), *again[6:]]
    (tmp_path / "forged").write_text("\n".join(forged))
    (report,), _ = verify.check([tmp_path / "forged", anchors], tenant="acme")
    assert not report.is_intact


def test_the_lag_is_in_the_figures(tmp_path: Path):
    write("acme", "a", "b")
    with override(audit={"ship_to": ((tmp_path / "trail").as_uri(),)}):
        told = Client().get("/prometheus").content.decode()
        assert f'orrery_audit_entries_behind{{destination="{(tmp_path / "trail").as_uri()}"}} 2.0' in told
        all_of(Shipper())
        told = Client().get("/prometheus").content.decode()
        assert f'orrery_audit_entries_behind{{destination="{(tmp_path / "trail").as_uri()}"}} 0.0' in told
    assert "orrery_audit_unanchored_seconds" in told
