"""What an entry tells is found by its key and value: at once, when it is indexed, and until then."""

from __future__ import annotations

from typing import Any

import pytest

from audit.background.figures import TrailFigures
from audit.background.system import ensure_key, purge_from_machine
from audit.models import AuditTerm
from audit.searching.index import SearchIndex, forget
from audit.searching.terms import term_of, terms_of
from audit.shipping.shipper import Shipper
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.clock import now
from tests.audit.ground import entries, write
from tests.cast import ACME, GLOBEX, Cast, make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    cast = make_cast()
    ensure_key()
    write(ACME, "a", flowId="one", deep={"in": [{"it": "x"}]})
    write(ACME, "b", flowId="two", name="thing")
    write(GLOBEX, "c", flowId="one")
    return cast


def index() -> None:
    shipper = Shipper([SearchIndex()])
    while shipper.ship():
        continue


def found(cast: Cast, key: str, value: str) -> list[str]:
    answer = cast.olga.client.get(f"/api/v1/{ACME}/auditlogs/search?size=100&filters[details][EQUALS][{key}]={value}")
    assert answer.status_code == 200, answer.content
    return [each["auditLog"]["detail"].get("id") for each in answer.json()["results"]]


def everywhere(cast: Cast, value: str) -> list[Any]:
    path = f"/api/v1/auditlogs/search?size=100&filters[details][EQUALS][flowId]={value}"
    return sorted(each["auditLog"]["detail"].get("id") for each in cast.root.client.get(path).json()["results"])


def kept(owner: str, *terms: int) -> list[int]:
    with tenant_scope(owner):
        rows = AuditTerm.objects.filter(term__in=terms).values_list("seq", "seqs")
        return sorted(place for first, places in rows for place in places or [first])


CASES = [
    ("flowId", "one", ["a"]),
    ("flowId", "two", ["b"]),
    ("flowId", "on", []),
    ("it", "x", ["a"]),
    ("id", "b", ["b"]),
    ("name", "thing", ["b"]),
    ("actor_kind", "SYSTEM", ["b", "a"]),
]


@pytest.mark.parametrize(("key", "value", "ids"), CASES)
@pytest.mark.parametrize("moment", ["before", "between", "after"])
def test_it_is_found_before_it_is_indexed_and_afterwards(cast: Cast, moment: str, key: str, value: str, ids: list[str]):
    if moment == "between":
        index()
        write(ACME, "later", flowId="one")
        ids = ["later", *ids] if (key, value) == ("flowId", "one") else ids
        ids = ["later", *ids] if key == "actor_kind" else ids
    if moment == "after":
        index()
        assert len(kept(ACME, term_of("flowId", "one"))) == 1
    assert [each for each in found(cast, key, value) if each in ("a", "b", "later")] == ids


@pytest.mark.parametrize("is_indexed", [False, True])
def test_no_tenant_finds_anothers_and_a_superadmin_all(cast: Cast, is_indexed: bool):
    if is_indexed:
        index()
    assert found(cast, "flowId", "one") == ["a"]
    assert everywhere(cast, "one") == ["a", "c"] and everywhere(cast, "two") == ["b"]


def test_one_number_for_two_values_finds_only_what_tells_it(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("audit.searching.terms.term_of", lambda key, value: 1)
    monkeypatch.setattr("audit.searching.finding.term_of", lambda key, value: 1)
    index()
    assert len(kept(ACME, 1)) >= 2 and found(cast, "flowId", "one") == ["a"]


def test_what_is_purged_leaves_no_term(cast: Cast):
    index()
    assert kept(ACME, term_of("flowId", "one"), term_of("flowId", "two"))
    purge_from_machine(ACME, end=now())
    assert kept(ACME, term_of("flowId", "one"), term_of("flowId", "two")) == []
    assert kept(GLOBEX, term_of("flowId", "one"))


def test_what_is_left_of_those_that_shared_a_row_is_found(cast: Cast):
    for name in ("c", "d", "e"):
        write(ACME, name, flowId="many")
    index()
    with tenant_scope(ACME):
        (row,) = AuditTerm.objects.filter(term=term_of("flowId", "many"))
        first = row.seq
        assert row.seqs == [first, first + 1, first + 2]
        forget([first, first + 2])
    assert kept(ACME, term_of("flowId", "many")) == [first + 1]
    assert found(cast, "flowId", "many") == ["d"]


def test_entries_far_from_each_other_share_no_row(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("audit.searching.index.SPAN", 2)
    write(ACME, *"vwxyz", flowId="many")
    index()
    with tenant_scope(ACME):
        rows = [each.seqs or [each.seq] for each in AuditTerm.objects.filter(term=term_of("flowId", "many"))]
    assert len(rows) == 3 and all(max(each) - min(each) < 2 for each in rows)
    assert found(cast, "flowId", "many") == [*"zyxwv"]


def test_how_far_it_is_behind_is_shown(cast: Cast):
    def behind() -> float:
        (figure,) = [each for each in TrailFigures().collect() if each.name == "orrery_audit_entries_behind"]
        return {each.labels["destination"]: each.value for each in figure.samples}[SearchIndex.name]

    assert behind() >= len(entries(ACME))
    index()
    assert behind() == 0


def test_texts_at_any_depth_are_terms_and_nothing_else_is():
    told = {"detail": {"a": "1", "n": 2, "id": "x"}, "before": None, "after": {"l": [{"b": "2"}, "c"]}, "ip": "::1"}
    assert terms_of(told) == {term_of("a", "1"), term_of("b", "2")}
    assert terms_of({"credential": {"id": "t1", "kind": "TOKEN"}}) == {term_of("credential", "t1")}
    assert terms_of({"impersonator": {"id": "i", "name": "root"}}) == {term_of("name", "root")}
    assert term_of("a", "b") != term_of("ab", "")
