"""Values at rest."""

import json

import pytest

from control_plane.kernel import crypto
from control_plane.kernel.config import override

PLACE = ("secret", "acme", "company", "KEY")


def test_what_was_encrypted_comes_back_and_never_looks_the_same():
    one, two = (crypto.encrypt(b"s3cret", belongs_to=PLACE) for _ in range(2))
    assert crypto.decrypt(one, belongs_to=PLACE) == b"s3cret"
    assert one != two and "s3cret" not in one


@pytest.mark.parametrize("place", [("secret", "globex", "company", "KEY"), ("secret", "acme", "company", "OTHER")])
def test_a_value_copied_elsewhere_does_not_open(place):
    sealed = crypto.encrypt(b"s3cret", belongs_to=PLACE)
    with pytest.raises(crypto.CannotDecrypt):
        crypto.decrypt(sealed, belongs_to=place)


def test_a_value_that_was_touched_does_not_open():
    sealed = json.loads(crypto.encrypt(b"s3cret", belongs_to=PLACE))
    sealed["data"] = sealed["data"][:-4] + "AAA="
    with pytest.raises(crypto.CannotDecrypt):
        crypto.decrypt(json.dumps(sealed), belongs_to=PLACE)


def test_a_rotated_key_still_opens_and_is_rewrapped():
    with override(encryption_key="the old key, which is long enough to be one"):
        old = crypto.encrypt(b"s3cret", belongs_to=PLACE)
    with override(
        encryption_key="the new key, which is long enough to be one",
        previous_encryption_keys=("the old key, which is long enough to be one",),
    ):
        new = crypto.rewrap(old, belongs_to=PLACE)
        assert crypto.rewrap(new, belongs_to=PLACE) == new
    with override(encryption_key="the new key, which is long enough to be one"):
        assert crypto.decrypt(new, belongs_to=PLACE) == b"s3cret"
        with pytest.raises(crypto.CannotDecrypt):
            crypto.decrypt(old, belongs_to=PLACE)


def test_a_fingerprint_tells_only_equality():
    assert crypto.fingerprint("a") == crypto.fingerprint("a") != crypto.fingerprint("b")
    assert crypto.fingerprint("a") != "a"
