"""Namespaces below another, by comparison and by LIKE."""

from __future__ import annotations

import pytest
from django.db.models import Q

from control_plane.kernel import collation
from control_plane.kernel.collation import below, is_bytewise
from control_plane.kernel.scope import tenant_scope
from stores.models import KvEntry
from tests.cast import ACME
from tests.factories import make_row

pytestmark = pytest.mark.django_db
NAMES = (
    *("prod", "prod.a", "prod.a.b", "prod.", "prod-a", "prod/a", "prod0", "prod_a", "prodx", "pro", "PROD.a", "a.prod"),
    *("prod.é", "prod.z-1_2", "dev.a", "dev", "dev!x"),
)


@pytest.fixture
def rows() -> None:
    with tenant_scope(ACME):
        for name in NAMES:
            make_row(KvEntry, namespace=name)


def found(where: Q) -> set[str]:
    with tenant_scope(ACME):
        return set(KvEntry.objects.filter(where).values_list("namespace", flat=True))


@pytest.mark.parametrize("above", ["prod", "dev", "prod.a", "nothing"])
@pytest.mark.parametrize("bytewise", [True, False])
def test_what_lies_below_is_the_same_either_way(
    rows: None, monkeypatch: pytest.MonkeyPatch, above: str, bytewise: bool
):
    if bytewise and not is_bytewise():
        pytest.skip("this database orders texts otherwise")
    monkeypatch.setattr(collation, "is_bytewise", lambda: bytewise)
    assert found(below("namespace", above)) == {name for name in NAMES if name.startswith(f"{above}.")}


def test_a_database_taken_for_one_that_orders_byte_by_byte_does(rows: None):
    """The reverse is not said: the C.UTF-8 of some C libraries orders so too, that of others does not."""
    if not is_bytewise():
        pytest.skip("this database orders texts otherwise")
    with tenant_scope(ACME):
        ordered = list(KvEntry.objects.order_by("namespace").values_list("namespace", flat=True))
    assert ordered == sorted(NAMES)
