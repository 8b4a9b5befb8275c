"""A text is found in names and words, the same before its entry is indexed and afterwards."""

from __future__ import annotations

import pytest

from audit.background.system import ensure_key, purge_from_machine
from audit.models import AuditWord
from audit.recording.trail import append
from audit.searching.terms import beginning_of, term_of_beginning, words_of
from control_plane.kernel.actor import Actor, ActorKind, Change, Context
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.clock import now
from tests.audit.ground import write
from tests.audit.searching.test_index import index
from tests.cast import ACME, GLOBEX, Cast, make_cast

pytestmark = pytest.mark.django_db
ID = "7moLEAwbCFlBs13g0QVCDL"


@pytest.fixture
def cast() -> Cast:
    cast = make_cast()
    ensure_key()
    write(ACME, "daily-report", namespace="zq.sales")
    write(ACME, "other", namespace="zq.50%_off")
    write(ACME, ID, namespace=None)
    write(GLOBEX, "daily-theirs", namespace="zq.sales")
    return cast


def found(cast: Cast, text: str, more: str = "") -> list[str]:
    path = f"/api/v1/{ACME}/auditlogs/search?size=100&resources=FLOW{more}"
    answer = cast.olga.client.get(path, {"filters[q][EQUALS]": text} if not more else {})
    assert answer.status_code == 200, answer.content
    return [each["auditLog"]["detail"]["id"] for each in answer.json()["results"]]


CASES = [
    ("report", ["daily-report"]),
    ("LY-REP", ["daily-report"]),
    ("zq.sales", ["daily-report"]),
    ("q.s", ["daily-report"]),
    ("50%_", ["other"]),
    ("%", ["other"]),
    ("5__", []),
    (ID, [ID]),
    (ID[:8].lower(), [ID]),
    (ID[:7], []),
    (ID[1:], []),
    ("nowhere", []),
    ("flow", [ID, "other", "daily-report"]),
    ("syste", [ID, "other", "daily-report"]),
    ("'; --", []),
    ("größe", []),
]


@pytest.mark.parametrize(("text", "ids"), CASES)
@pytest.mark.parametrize("is_indexed", [False, True])
def test_it_is_found_where_it_is_said(cast: Cast, is_indexed: bool, text: str, ids: list[str]):
    if is_indexed:
        index()
    assert found(cast, text) == ids


@pytest.mark.parametrize("is_indexed", [False, True])
def test_all_others_are_found_by_what_they_do_not_say(cast: Cast, is_indexed: bool):
    if is_indexed:
        index()
    assert found(cast, "", "&filters[q][NOT_EQUALS]=report") == [ID, "other"]


def test_what_came_after_the_index_is_found_beside_it(cast: Cast):
    index()
    write(ACME, "late-report")
    assert found(cast, "report") == ["late-report", "daily-report"]


def test_words_go_with_their_last_entry(cast: Cast):
    write(ACME, "daily-report", "kept")
    index()
    with tenant_scope(ACME):
        assert {"daily-report", "zq.sales", "kept"} <= set(AuditWord.objects.values_list("word", flat=True))
    purge_from_machine(ACME, end=now(), namespace="zq")
    with tenant_scope(ACME):
        words = set(AuditWord.objects.values_list("word", flat=True))
    assert {"daily-report", "kept"} <= words and "zq.sales" not in words
    with tenant_scope(GLOBEX):
        assert AuditWord.objects.filter(word="zq.sales").exists()


@pytest.mark.parametrize("is_indexed", [False, True])
def test_what_was_done_with_a_token_is_found_by_its_id(cast: Cast, is_indexed: bool):
    actor = Actor(ActorKind.SERVICE_ACCOUNT, id="bot", name="bot", credential="t1", signed_in_by="TOKEN")
    with tenant_scope(ACME):
        append(Context(actor, ACME), [Change("FLOW", "by-token", "prod", None, {"id": "x"})], action=None, by="test")
    if is_indexed:
        index()
    for value, ids in (("t1", ["by-token"]), ("t2", [])):
        assert found(cast, "", f"&filters[details][EQUALS][credential]={value}") == ids


def test_ids_that_nobody_chose_are_no_words():
    entry = {"resource": "FLOW", "actor_name": "", "namespace": None, "object_id": ID}
    assert set(words_of(entry).values()) == {"FLOW"}
    assert set(words_of({**entry, "object_id": "chosen"}).values()) == {"FLOW", "chosen"}
    assert beginning_of(ID) == term_of_beginning(ID[:8].lower()) and beginning_of("chosen-by-somebody") is None
    assert term_of_beginning(ID[:7]) is None
