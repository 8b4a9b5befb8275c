"""The form of tokens."""

from iam.authentication.tokens import USER, digest, is_well_formed, new_token


def test_tokens_are_well_formed_and_differ():
    tokens = {new_token(USER) for _ in range(100)}
    assert len(tokens) == 100 and all(is_well_formed(token) for token in tokens)


def test_a_slip_of_any_character_is_noticed():
    token = new_token(USER)
    for place in range(len(token)):
        slipped = token[:place] + ("a" if token[place] != "a" else "b") + token[place + 1 :]
        assert not is_well_formed(slipped)


def test_other_texts_are_no_tokens():
    for text in ("", "x", "a" * 37, "é" * 37, new_token(USER) + "x", new_token(USER).upper()):
        assert not is_well_formed(text)


def test_what_is_stored_does_not_tell_the_token():
    token = new_token(USER)
    assert len(digest(token)) == 64 and token not in digest(token)
