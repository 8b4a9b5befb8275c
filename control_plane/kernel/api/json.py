"""JSON in and out: strict in what is read, fast in what is written."""

from __future__ import annotations

from typing import Any

import msgspec
from pydantic import BaseModel

from control_plane.kernel.words import strict_json
from control_plane.kernel.words.errors import Invalid, Violation

MOST_VALUES = 100_000
"""In one body: what looks at each of them, and tells what is wrong with it, must end soon."""
_decoder = msgspec.json.Decoder()


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_none=True)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


_encoder = msgspec.json.Encoder(enc_hook=_plain)


def encode(value: object) -> bytes:
    """Dates are written by `kernel.words.clock.iso` before they come here, so that all are written alike."""
    return _encoder.encode(value)


def decode(text: bytes | str) -> Any:
    """What was sent. NaN, lone surrogates and trailing text are refused, and so is nesting without end.

    Bytes come from somebody, and may not hold more values than are looked at in time; a text is one of our own.
    """
    try:
        value = _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"malformed JSON: {error}") from None
    if isinstance(text, bytes):
        _refuse_duplicates(text, value)
    # There is no more than one value for each comma, and commas are counted in no time.
    if isinstance(text, bytes) and text.count(b",") > MOST_VALUES and _is_large(value):
        raise Invalid(f"the body holds more than {MOST_VALUES} values")
    return value


def _refuse_duplicates(text: bytes, value: Any) -> None:
    """A key that is said twice means one thing to one reader and another to the next.

    Each key has its colon, so a value that is written with as many as were read lost none. An escaped one hides.
    """
    if b"\\u003" not in text.lower() and _encoder.encode(value).count(b":") == text.count(b":"):
        return
    try:
        strict_json.loads(text)
    except strict_json.DuplicateKey as error:
        raise Invalid(str(error), violations=[Violation(str(error), error.key)]) from None


def _is_large(value: Any) -> bool:
    count, left = 0, [value]
    while left:
        each = left.pop()
        inner = each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
        count += len(inner)
        if count > MOST_VALUES:
            return True
        left.extend(inner)
    return False
