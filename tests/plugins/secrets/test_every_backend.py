"""Every place that keeps secrets keeps the same promises: one suite, run over all of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from plugins.secrets.port import Described, Place, SecretMissing
from tests.plugins.secrets.places import Opened

HOME = Place("acme", "company.team")
PEM = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0\nBAQEFAASCBKcwggSjAgEAAo\n-----END KEY-----\n"
VALUES = {
    "a word": "hunter2",
    "one letter": "x",
    "several lines": PEM,
    "line ends of Windows": "one\r\ntwo\r\n",
    "JSON": '{"user": "u", "password": "p", "port": 5432}',
    "letters of the world": "pässwörd-пароль-密码-🔑",
    "quotes and backslashes": "a'b\"c\\d`e",
    "blanks around": "  padded\t ",
    "what looks like a number": "0123456789012345678901234567890",
    "what looks like a truth": "true",
    "what looks like nothing": "null",
    "what looks encoded": "aHVudGVyMg==",
    "what addresses escape": "a%20b+c&d=e?f#g/h",
    "what looks like an expression": "{{ secret('OTHER') }} ${HOME} %s",
    "what looks like markup": "<a href='x'>&amp;</a>",
    "a long text": "0123456789abcdef" * 1000,
}
KEYS = (
    *("A", "DB_PASSWORD", "lower", "MiXeD", "9LIVES", "with.dots", "with-hyphens", "A.B-C_D", "a__b", "ends_"),
    *("X" * 60, "value", "key", "data", "password", "_X"[1:]),
)


def put(opened: Opened, key: str, value: str, place: Place = HOME, description: str = "", **tags: str) -> None:
    opened.backend.write(place, Described(key, description, tags), value)


def keys(opened: Opened, place: Place = HOME) -> list[str]:
    return sorted(each.key for each in opened.backend.entries(place))


@pytest.mark.parametrize("kind", VALUES)
def test_what_was_set_is_read_again(opened, kind):
    put(opened, "K", VALUES[kind])
    assert opened.backend.read(HOME, "K") == VALUES[kind]


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_read_in_any_case_and_listed(opened, key):
    put(opened, key, "v")
    assert [opened.backend.read(HOME, each) for each in (key, key.upper(), key.lower(), key.swapcase())] == ["v"] * 4
    assert [each.upper() for each in keys(opened)] == [key.upper()]


def test_there_is_nothing_at_first(opened):
    assert opened.backend.entries(HOME) == []
    assert opened.backend.find(HOME, "K") is None


def test_a_missing_one_is_named(opened):
    with pytest.raises(SecretMissing, match="'NOPE'"):
        opened.backend.read(HOME, "NOPE")


def test_a_missing_one_is_missing_beside_others(opened):
    put(opened, "K", "v")
    for key in ("K2", "K.", "KK", "J"):
        with pytest.raises(SecretMissing):
            opened.backend.read(HOME, key)


def test_a_second_value_takes_the_place_of_the_first(opened):
    for value in ("first", "second, and longer than the first", "3"):
        put(opened, "K", value)
        assert opened.backend.read(HOME, "K") == value
    assert len(keys(opened)) == 1


def test_a_key_in_another_case_is_the_same_secret(opened):
    put(opened, "db_password", "one")
    put(opened, "DB_PASSWORD", "two")
    assert opened.backend.read(HOME, "db_password") == opened.backend.read(HOME, "DB_Password") == "two"
    assert len(keys(opened)) == 1


def test_keys_that_begin_alike_are_different_secrets(opened):
    for number, key in enumerate(("A", "A_B", "A.B", "A-B", "A_B_C", "AB")):
        put(opened, key, str(number))
    assert [opened.backend.read(HOME, key) for key in ("A", "A_B", "A.B", "A-B", "A_B_C", "AB")] == list("012345")
    assert [each.upper() for each in keys(opened)] == sorted(("A", "A_B", "A.B", "A-B", "A_B_C", "AB"))


def test_many_are_all_listed(opened):
    for number in range(22):
        put(opened, f"KEY_{number:02}", str(number))
    assert [each.upper() for each in keys(opened)] == [f"KEY_{number:02}" for number in range(22)]
    assert opened.backend.read(HOME, "KEY_21") == "21"


@pytest.mark.parametrize(
    "other",
    [
        Place("globex", "company.team"),
        Place("acme", "company"),
        Place("acme", "company.team.sub"),
        Place("acme", "company.teams"),
        Place("acme", "company-team"),
        Place("acme", "company_team"),
        Place("acme", "companyteam"),
        Place("acme2", "company.team"),
        Place("acme-company", "team"),
    ],
    ids=lambda place: f"{place.tenant} {place.namespace}",
)
def test_another_place_sees_nothing_of_it(opened, other):
    put(opened, "K", "mine")
    assert opened.backend.entries(other) == []
    with pytest.raises(SecretMissing):
        opened.backend.read(other, "K")
    assert opened.backend.delete(other, "K") is False
    put(opened, "K", "theirs", other)
    assert (opened.backend.read(HOME, "K"), opened.backend.read(other, "K")) == ("mine", "theirs")
    assert opened.backend.delete(other, "K") is True
    assert opened.backend.read(HOME, "K") == "mine"


def test_a_key_may_look_like_a_namespace_below(opened):
    put(opened, "sub.key", "of the parent")
    put(opened, "key", "of the child", Place("acme", "company.team.sub"))
    assert opened.backend.read(HOME, "sub.key") == "of the parent"
    assert opened.backend.read(Place("acme", "company.team.sub"), "key") == "of the child"


def test_a_secret_and_a_namespace_may_be_called_alike(opened):
    put(opened, "sub", "a value")
    put(opened, "K", "below", Place("acme", "company.team.sub"))
    assert opened.backend.read(HOME, "sub") == "a value"
    assert keys(opened) in (["sub"], ["SUB"])


def test_one_that_was_deleted_is_gone(opened):
    put(opened, "K", "v")
    assert opened.backend.delete(HOME, "K") is True
    assert keys(opened) == []
    with pytest.raises(SecretMissing):
        opened.backend.read(HOME, "K")


def test_deleting_what_is_not_there_is_no_error(opened):
    assert opened.backend.delete(HOME, "K") is False
    put(opened, "K", "v")
    assert [opened.backend.delete(HOME, "K") for _ in range(2)] == [True, False]


def test_one_is_deleted_in_any_case(opened):
    put(opened, "Db_Password", "v")
    assert opened.backend.delete(HOME, "DB_password") is True
    assert keys(opened) == []


def test_deleting_one_leaves_the_others(opened):
    for key in ("A", "B", "C"):
        put(opened, key, key)
    opened.backend.delete(HOME, "B")
    assert [each.upper() for each in keys(opened)] == ["A", "C"]
    assert opened.backend.read(HOME, "A") == "A"


def test_one_may_be_set_again_after_it_was_deleted(opened):
    put(opened, "K", "old")
    opened.backend.delete(HOME, "K")
    opened.revive("K")
    put(opened, "K", "new")
    assert opened.backend.read(HOME, "K") == "new"
    assert len(keys(opened)) == 1


def test_what_is_told_of_it_is_kept_where_there_is_room_for_it(opened):
    put(opened, "K", "v", description="of the billing system", team="billing", stage="prod")
    found = opened.backend.find(HOME, "k")
    assert found is not None and found.key.upper() == "K"
    assert found.description == ("of the billing system" if opened.backend.keeps_descriptions else "")
    assert dict(found.tags) == ({"team": "billing", "stage": "prod"} if opened.backend.keeps_tags else {})


def test_what_is_told_of_it_changes_with_the_next_value(opened):
    put(opened, "K", "v", description="old", a="1")
    put(opened, "K", "v", description="new", b="2")
    found = opened.backend.find(HOME, "K")
    assert found is not None
    assert found.description in ("new", "")
    assert dict(found.tags) == ({"b": "2"} if opened.backend.keeps_tags else {})
    assert opened.backend.read(HOME, "K") == "v"


def test_many_threads_read_at_once(opened):
    put(opened, "K", "v")
    if opened.is_in_one_thread:
        assert [opened.backend.read(HOME, "K") for _ in range(8)] == ["v"] * 8
        return
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: opened.backend.read(HOME, "K"), range(16))) == ["v"] * 16


def test_it_is_found_again_by_who_opens_it_anew(opened):
    put(opened, "K", "v")
    again = opened.again()
    try:
        assert again.read(HOME, "K") == "v"
        assert [each.key.upper() for each in again.entries(HOME)] == ["K"]
    finally:
        again.close()


def test_closing_twice_is_no_error(opened):
    put(opened, "K", "v")
    opened.backend.close()
    opened.backend.close()
