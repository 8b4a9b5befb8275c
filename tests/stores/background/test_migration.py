"""Secrets are carried from one place to another; the source keeps all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from audit.models import AuditEntry
from control_plane.kernel.scope import tenant_scope
from plugins.secrets.port import BackendRefused, Described, Place
from stores.background.migration import End, Order, migrate
from stores.secrets.reading import revealed
from stores.secrets.services import put_secret
from tests.cast import ACME, Cast, make_cast
from tests.stores.secrets.memory import MemoryBackend, memory

pytestmark = pytest.mark.django_db
OURS, THEIRS = End("built-in", {}), End("memory", {})


@pytest.fixture
def cast() -> Cast:
    made = make_cast()
    for namespace, key in (("prod", "A"), ("prod", "B"), ("dev", "C")):
        put_secret(made.olga.context(ACME), namespace=namespace, key=key, value=f"value of {key}", description="d")
    return made


@pytest.fixture
def elsewhere() -> Iterator[type[MemoryBackend]]:
    with memory() as kind:
        yield kind


def carried(source: End = OURS, target: End = THEIRS, **more: Any) -> list[tuple[str, str, str]]:
    return [(each.namespace, each.key, each.what) for each in migrate(Order(ACME, source, target, **more))]


def test_all_of_a_tenant_are_carried_with_what_is_told_of_them(cast: Cast, elsewhere: type[MemoryBackend]) -> None:
    assert carried() == [("dev", "C", "carried"), ("prod", "A", "carried"), ("prod", "B", "carried")]
    assert elsewhere.kept[Place(ACME, "prod")]["A"] == ("value of A", Described("A", "d"))
    with tenant_scope(ACME):
        assert revealed("prod", "A") == "value of A"


def test_a_dry_run_tells_the_same_and_changes_nothing(cast: Cast, elsewhere: type[MemoryBackend]) -> None:
    assert carried(is_trial=True) == [("dev", "C", "carried"), ("prod", "A", "carried"), ("prod", "B", "carried")]
    assert not any(elsewhere.kept.values())
    with tenant_scope(ACME):
        assert not AuditEntry.objects.filter(body__contains="carried").exists()


def test_it_is_repeated_without_harm_and_what_differs_is_kept(cast: Cast, elsewhere: type[MemoryBackend]) -> None:
    elsewhere.kept[Place(ACME, "prod")]["a"] = ("another", Described("a"))
    carried()
    assert carried() == [
        ("dev", "C", "the same already"),
        ("prod", "A", "kept: another value is there"),
        ("prod", "B", "the same already"),
    ]
    assert carried(overwrites=True)[1] == ("prod", "A", "carried")
    assert elsewhere.kept[Place(ACME, "prod")]["a"][0] == "value of A"


def test_one_namespace_is_carried_and_back_again(cast: Cast, elsewhere: type[MemoryBackend]) -> None:
    assert [each[0] for each in carried(namespaces=("dev",))] == ["dev"]
    elsewhere.kept[Place(ACME, "dev")]["NEW"] = ("from there", Described("NEW", "", {"team": "x"}))
    assert carried(THEIRS, OURS, namespaces=("dev",)) == [
        ("dev", "C", "the same already"),
        ("dev", "NEW", "carried"),
    ]
    with tenant_scope(ACME):
        assert revealed("dev", "NEW") == "from there"


def test_what_fails_keeps_none_of_the_others(cast: Cast, elsewhere: type[MemoryBackend]) -> None:
    elsewhere.failure, elsewhere.failing_acts = BackendRefused("no right to write"), frozenset({"write"})
    found = migrate(Order(ACME, OURS, THEIRS))
    assert [(each.what, each.reason) for each in found] == [("failed", "no right to write")] * 3


def test_each_is_in_the_trail_without_its_value(cast: Cast, elsewhere: type[MemoryBackend]) -> None:
    carried()
    with tenant_scope(ACME):
        bodies = [each.body for each in AuditEntry.objects.filter(body__contains="carried")]
    assert len(bodies) == 3
    assert all('"from":"built-in"' in body.replace(" ", "") and "value of" not in body for body in bodies)
