"""Where a text stands in a source."""

from flows.editing.search import fragments


def test_a_place_is_shown_in_its_line():
    assert fragments("id: a\nmessage: Hello you\n", "hello") == ["message: [mark]Hello[/mark] you"]


def test_nothing_wanted_is_nothing_found():
    assert fragments("id: a", "") == []


def test_only_the_first_places_are_shown():
    assert len(fragments("x\n" * 50, "x")) == 5
