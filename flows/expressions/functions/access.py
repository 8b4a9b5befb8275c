"""Functions that ask the services port: secrets, credentials, key-value pairs, the network."""

from __future__ import annotations

from typing import Any

from flows.expressions.errors import ArgumentError
from flows.expressions.filters.arguments import optional_text, text_argument, yes_or_no
from flows.expressions.frame import Frame
from flows.expressions.registry import Needs, Taint, function
from flows.expressions.taint import plain_text, taint
from flows.expressions.text import text_of

HTTP_OPTIONS = ("method", "headers", "body", "queryParameters", "contentType", "accept", "options")


@function("secret", taint=Taint.EXACT, needs=Needs.SERVICES)
def secret(frame: Frame, key: Any, namespace: Any = None, subkey: Any = None) -> Any:
    """The value of a secret; it stays marked as one whatever is made of it."""
    name = plain_text(text_argument("key", key))
    found = frame.env.services.secret(name, optional_text("namespace", namespace), optional_text("subkey", subkey))
    return taint(found)


@function("credential", taint=Taint.EXACT, needs=Needs.SERVICES)
def credential(frame: Frame, name: Any) -> Any:
    """A short-lived token of a managed credential; marked like a secret."""
    return taint(frame.env.services.credential(plain_text(text_argument("name", name))))


@function("kv", taint=Taint.EXACT, needs=Needs.SERVICES)
def kv(frame: Frame, key: Any, namespace: Any = None, error_on_missing: Any = True) -> Any:
    """A value of the key-value store, of the flow's namespace unless another is named."""
    name, owner = plain_text(text_argument("key", key)), optional_text("namespace", namespace)
    return frame.env.services.kv(name, owner, yes_or_no("errorOnMissing", error_on_missing))


@function("http", taint=Taint.EXACT, needs=Needs.SERVICES)
def http(frame: Frame, uri: Any, **options: Any) -> Any:
    """The body that an address answers with, decoded when it is JSON."""
    unknown = set(options) - set(HTTP_OPTIONS)
    if unknown:
        raise ArgumentError(f"The function `http` has no argument `{sorted(unknown)[0]}`")
    return frame.env.services.http({"uri": plain_text(text_of(uri, frame.run)), **options})


@function("assets", taint=Taint.EXACT, needs=Needs.SERVICES)
def assets(frame: Frame, **criteria: Any) -> Any:
    """The assets of a type, a namespace or other criteria."""
    return frame.env.services.assets(criteria)


@function("appLink", taint=Taint.EXACT, needs=Needs.SERVICES)
def app_link(frame: Frame, app_id: Any = None, base_url: Any = False) -> Any:
    """The address of an app, or the address that all apps begin with."""
    return frame.env.services.app_link(optional_text("appId", app_id), yes_or_no("baseUrl", base_url))


@function("randomPort", needs=Needs.SERVICES)
def random_port(frame: Frame) -> int:
    """A port that is free where the job runs."""
    return frame.env.services.random_port()
