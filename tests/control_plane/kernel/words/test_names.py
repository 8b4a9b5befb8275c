"""Names that deceive the eye are refused, by one rule; all others are kept."""

import pytest

from control_plane.kernel.words.errors import Invalid
from control_plane.kernel.words.names import check_name


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (" Ada ", "Ada"),
        ("Zoe\u0308", "Zoë"),
        ("Анна", "Анна"),
        ("Team Анна", "Team Анна"),
        ("東京 ops", "東京 ops"),
        ("a-b_c.d 1", "a-b_c.d 1"),
    ],
)
def test_a_name_of_any_script_is_kept_in_its_composed_form(given, kept):
    assert check_name("name", given) == kept


@pytest.mark.parametrize("letter", ["\u200b", "\u202e", "\ufeff", "\u00ad", "\u2028", "\x07", "\ue000", "\ud800"])
def test_what_cannot_be_seen_is_refused(letter):
    with pytest.raises(Invalid) as refused:
        check_name("firstName", f"ad{letter}min")
    assert (refused.value.violations[0].path, refused.value.violations[0].message) == (
        "firstName",
        "holds a character that cannot be seen",
    )


@pytest.mark.parametrize("name", ["\u0430dmin", "admi\u03bd", "ops \u0440rod", "\uff41dmin", "\ufb01le", "\u2102"])
def test_what_looks_like_another_letter_is_refused(name):
    with pytest.raises(Invalid, match="name: holds characters that look like others"):
        check_name("name", name)
