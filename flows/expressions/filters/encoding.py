"""Filters that encode, decode and digest texts."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from flows.expressions.errors import EvaluationError
from flows.expressions.frame import Frame
from flows.expressions.registry import filter_
from flows.expressions.taint import plain_text
from flows.expressions.text import text_of


def _bytes(frame: Frame, value: Any) -> bytes:
    text = plain_text(text_of(value, frame.run))
    frame.run.step(1 + len(text) // 1024)
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise EvaluationError("The text holds half a character and cannot be encoded") from None


@filter_("base64encode")
def base64encode(frame: Frame, value: Any) -> Any:
    """As Base64. `{{ "test" | base64encode }}` = `dGVzdA==`"""
    return None if value is None else frame.run.made_text(base64.b64encode(_bytes(frame, value)).decode())


@filter_("base64decode")
def base64decode(frame: Frame, value: Any) -> Any:
    """Back from Base64, which need not be padded. `{{ "dGVzdA==" | base64decode }}` = `test`"""
    if value is None:
        return None
    try:
        encoded = _bytes(frame, value)
        return base64.b64decode(encoded + b"=" * (-len(encoded) % 4), validate=True).decode("utf-8", "replace")
    except binascii.Error:
        raise EvaluationError("The text is not valid Base64") from None


@filter_("urlencode")
def urlencode(frame: Frame, value: Any) -> Any:
    """Fit for the query of an address. `{{ "a b&c" | urlencode }}` = `a+b%26c`"""
    return (
        None
        if value is None
        else frame.run.made_text(quote_plus(_bytes(frame, value), safe="*-._").replace("~", "%7E"))
    )


@filter_("urldecode")
def urldecode(frame: Frame, value: Any) -> Any:
    """Back from the query of an address. `{{ "a+b%26c" | urldecode }}` = `a b&c`"""
    if value is None:
        return None
    text = plain_text(text_of(value, frame.run))
    frame.run.work_through(len(text))
    return unquote_plus(text)


def _digest(frame: Frame, value: Any, algorithm: Callable[..., Any]) -> Any:
    return None if value is None else algorithm(_bytes(frame, value), usedforsecurity=False).hexdigest()


@filter_("md5")
def md5(frame: Frame, value: Any) -> Any:
    """The MD5 digest in hexadecimal. `{{ "test" | md5 }}` = `098f6bcd4621d373cade4e832627b4f6`"""
    return _digest(frame, value, hashlib.md5)


@filter_("sha1")
def sha1(frame: Frame, value: Any) -> Any:
    """The SHA-1 digest in hexadecimal. `{{ "test" | sha1 }}` = `a94a8fe5ccb19ba61c4c0873d391e987982fbbd3`"""
    return _digest(frame, value, hashlib.sha1)


@filter_("sha256")
def sha256(frame: Frame, value: Any) -> Any:
    """The SHA-256 digest in hexadecimal. `{{ "test" | sha256 | length }}` = `64`"""
    return _digest(frame, value, hashlib.sha256)


@filter_("sha512")
def sha512(frame: Frame, value: Any) -> Any:
    """The SHA-512 digest in hexadecimal. `{{ "test" | sha512 | length }}` = `128`"""
    return _digest(frame, value, hashlib.sha512)
