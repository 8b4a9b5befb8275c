"""A piece of a flow is never changed, and knows all its properties."""

import pytest
from pydantic import ValidationError

from plugins.contracts import Model


class Piece(Model):
    id: str = "a"


def test_a_piece_of_a_flow_is_never_changed_and_knows_all_its_properties():
    with pytest.raises(ValidationError, match="frozen"):
        Piece().id = "b"
    with pytest.raises(ValidationError, match="Extra inputs"):
        Piece.model_validate({"nonsense": 1})
    assert list(Model().problems()) == []
