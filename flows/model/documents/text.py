"""Bytes or text as they arrive, made into text a YAML reader may have."""

from __future__ import annotations

import codecs

from control_plane.kernel.words.errors import Violation
from flows.model.documents.limits import DocumentLimits
from flows.model.errors import FlowInvalid

_FOREIGN = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def read_text(source: str | bytes, limits: DocumentLimits) -> str:
    """The text of the document without a byte order mark. Raises FlowInvalid naming the line of what cannot be read."""
    if len(source) > limits.bytes:
        raise refusal(f"The document is larger than {limits.bytes} bytes; split it into smaller flows.")
    text = _decode(source) if isinstance(source, bytes) else source
    text = text.removeprefix("\ufeff")
    _refuse_unreadable(text)
    return text


def _decode(source: bytes) -> str:
    for mark, name in _FOREIGN:
        if source.startswith(mark):
            raise refusal(f"The document is encoded in {name}; save it as UTF-8.")
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise refusal(f"Byte {error.start} is not valid UTF-8; save the document as UTF-8.", line) from None


def _refuse_unreadable(text: str) -> None:
    nul = text.find("\0")
    if nul >= 0:
        raise refusal("The document contains a NUL character; remove it.", *position(text, nul))
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise refusal(
            "The document contains half of a surrogate pair, which no encoding can store; remove it.",
            *position(text, error.start),
        ) from None


def position(text: str, index: int) -> tuple[int, int]:
    """Line and column of a character, both counted from 1."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def refusal(message: str, line: int | None = 1, column: int | None = 1) -> FlowInvalid:
    return FlowInvalid([Violation(message, line=line, column=column)])
