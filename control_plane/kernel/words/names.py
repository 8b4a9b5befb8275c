"""What people and things may be called: nothing that cannot be seen, or that looks like another letter."""

from __future__ import annotations

import unicodedata

from control_plane.kernel.words.errors import Invalid, Violation

# Scripts whose letters are taken for one another's. A word has letters of one of them.
_ALIKE = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC")
_HIDDEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


def check_name(field: str, text: str) -> str:
    """The name in its composed form, without blanks around it. Invalid, naming the field, for one that deceives."""
    name = unicodedata.normalize("NFC", text).strip()
    if any(unicodedata.category(letter) in _HIDDEN for letter in name):
        raise _wrong(field, "holds a character that cannot be seen")
    if unicodedata.normalize("NFKC", name) != name or any(_is_mixed(word) for word in name.split()):
        raise _wrong(field, "holds characters that look like others")
    return name


def _is_mixed(word: str) -> bool:
    scripts = {unicodedata.name(letter, "").partition(" ")[0] for letter in word if letter.isalpha()}
    return len(scripts.intersection(_ALIKE)) > 1


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(f"{field}: {message}", violations=[Violation(message, field)])
