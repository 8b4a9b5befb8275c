"""JSON in and out: strict in what is read, fast in what is written."""

from __future__ import annotations

from typing import Any

import msgspec
from pydantic import BaseModel

from control_plane.kernel.words.errors import Invalid

_decoder = msgspec.json.Decoder()


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_none=True)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


_encoder = msgspec.json.Encoder(enc_hook=_plain)


def encode(value: object) -> bytes:
    """Dates are written by `kernel.words.clock.iso` before they come here, so that all are equally long."""
    return _encoder.encode(value)


def decode(text: bytes) -> Any:
    """What was sent. NaN, lone surrogates and trailing text are refused, and so is nesting without end."""
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"malformed JSON: {error}") from None
