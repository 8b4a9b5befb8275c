"""What HTTP tasks share: their properties, sending the request, judging the answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Literal

import httpx
from pydantic import Field

from control_plane.kernel.words.errors import ControlPlaneError
from plugins.contracts import LogLevel, Model, PluginError, Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.services import Egress
from plugins.tasks.http.building import build_request
from plugins.tasks.http.counting import count_exchange

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"]


class Authentication(Model):
    """Credentials of the request."""

    type: Literal["BASIC", "BEARER", "DIGEST"]
    username: Property[str] | None = None
    password: Property[str] | None = None
    token: Property[str] | None = None


class Timeouts(Model):
    """How long to wait."""

    connect_timeout: Property[timedelta] | None = None
    """For the connection."""
    read_idle_timeout: Property[timedelta] = default("PT5M")
    """For the next bytes of the answer."""


class Ssl(Model):
    """Trust in the other side."""

    insecure_trust_all_certificates: Property[bool] = default(False)
    """Accept any certificate. Anybody in between can then read and change what is sent."""


class Options(Model):
    """How the request is made."""

    timeout: Timeouts = Timeouts()
    auth: Authentication | None = None
    ssl: Ssl | None = None
    follow_redirects: Property[bool] = default(True)
    """Follow redirects, up to ten. Credentials stay with the first origin."""
    allow_failed: Property[bool] = default(False)
    """Take an answer of 400 and above for a success."""
    allowed_response_codes: Property[list[int]] | None = None
    """Codes that are a success, whatever they are."""
    default_charset: Property[str] = default("UTF-8")
    """Charset of an answer that names none."""
    basic_auth_user: Property[str] | None = Field(default=None, json_schema_extra={"deprecated": True})
    basic_auth_password: Property[str] | None = Field(default=None, json_schema_extra={"deprecated": True})
    logs: list[str] | None = None
    """Parts of the exchange to log: REQUEST_HEADERS, RESPONSE_HEADERS."""
    connect_timeout: Property[timedelta] | None = Field(default=None, json_schema_extra={"deprecated": True})
    read_timeout: Property[timedelta] | None = Field(default=None, json_schema_extra={"deprecated": True})
    read_idle_timeout: Property[timedelta] | None = Field(default=None, json_schema_extra={"deprecated": True})
    max_content_length: Property[int] | None = Field(default=None, json_schema_extra={"deprecated": True})


class HttpTask(RunnableTask):
    """A task that sends one HTTP request."""

    uri: Property[str]
    """Where to send the request."""
    method: Property[Method] = default("GET")
    """The HTTP method."""
    params: Property[dict[str, Any]] = default({})
    """Query parameters added to the address; a list gives a parameter several values."""
    body: Property[str] | None = None
    """The body of the request."""
    form_data: Property[dict[str, Any]] | None = None
    """Fields of a form. With `multipart/form-data` a `kestra://` address, or `{name, content}`, sends a file."""
    content_type: Property[str] = default("application/json")
    """The Content-Type of the body, sent with its charset."""
    headers: Property[dict[str, Any]] = default({})
    """Headers of the request."""
    options: Options = Options()
    """How the request is made."""
    allow_failed: Property[bool] | None = Field(default=None, json_schema_extra={"deprecated": True})
    """Use `options.allowFailed`."""
    ssl_options: Ssl | None = Field(default=None, json_schema_extra={"deprecated": True})
    """Use `options.ssl`."""

    @contextmanager
    def exchange(self, ctx: RunContext) -> Iterator[httpx.Response]:
        """Send the request; yield the answer, its body unread. Raises PluginError with what went wrong."""
        egress: Egress = ctx.service("http")
        with egress.client(verify=self._verify(ctx), timeout=self._timeout(ctx)) as client, failures():
            request = build_request(client, ctx, self)
            if "REQUEST_HEADERS" in (self.options.logs or ()):
                ctx.log(LogLevel.DEBUG, f"{request.method} {request.url} {_shown(request.headers)}")
            answer = client.send(
                request, stream=True, auth=self._auth(ctx), follow_redirects=ctx.render(self.options.follow_redirects)
            )
            ctx.on_kill(answer.close)
            try:
                if "RESPONSE_HEADERS" in (self.options.logs or ()):
                    ctx.log(LogLevel.DEBUG, f"{answer.status_code} {_shown(answer.headers)}")
                count_exchange(ctx, request, answer)
                yield answer
            finally:
                answer.close()

    def is_allowed(self, ctx: RunContext, code: int) -> bool:
        """Whether an answer with that status code is a success."""
        if self.options.allowed_response_codes is not None:
            return code in ctx.render(self.options.allowed_response_codes)
        allowed = ctx.render(self.allow_failed if self.allow_failed is not None else self.options.allow_failed)
        return allowed or code < 400

    def _verify(self, ctx: RunContext) -> bool:
        ssl = self.options.ssl or self.ssl_options
        return ssl is None or not ctx.render(ssl.insecure_trust_all_certificates)

    def _timeout(self, ctx: RunContext) -> httpx.Timeout:
        given = self.options.timeout
        connect = ctx.render(given.connect_timeout).total_seconds() if given.connect_timeout else 30.0
        return httpx.Timeout(ctx.render(given.read_idle_timeout).total_seconds(), connect=connect)

    def _auth(self, ctx: RunContext) -> httpx.Auth | None:
        auth = self.options.auth
        if auth is None:
            user, password = self.options.basic_auth_user, self.options.basic_auth_password
            return httpx.BasicAuth(ctx.render(user), ctx.render(password)) if user and password else None
        if auth.type == "BEARER":
            return _Bearer(ctx.render(auth.token) if auth.token else "")
        user_name = ctx.render(auth.username) if auth.username else ""
        secret = ctx.render(auth.password) if auth.password else ""
        return httpx.DigestAuth(user_name, secret) if auth.type == "DIGEST" else httpx.BasicAuth(user_name, secret)


class _Bearer(httpx.Auth):
    def __init__(self, token: str) -> None:
        self._header = f"Bearer {token}"

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]  # a plain iterator is enough for a flow that reads no answer
        request.headers["Authorization"] = self._header
        yield request


@contextmanager
def failures() -> Iterator[None]:
    """Turn what the client raises into errors of the task, in words for people."""
    try:
        yield
    except ControlPlaneError as error:
        raise PluginError(error.message, retryable=error.status >= 500) from error
    except httpx.InvalidURL as error:
        raise PluginError(f"This is no address: {error}", retryable=False) from error
    except httpx.TimeoutException as error:
        raise PluginError("No answer in time") from error
    except httpx.HTTPError as error:
        raise PluginError(f"The request failed: {error}") from error


def headers_of(answer: httpx.Response) -> dict[str, list[str]]:
    """Headers by lower-case name, each with all its values."""
    headers: dict[str, list[str]] = {}
    for name, value in answer.headers.multi_items():
        headers.setdefault(name.lower(), []).append(value)
    return headers


_CREDENTIALS = frozenset({"authorization", "cookie", "set-cookie", "proxy-authorization", "x-api-key"})


def _shown(headers: httpx.Headers) -> str:
    return json.dumps({name: "***" if name.lower() in _CREDENTIALS else value for name, value in headers.items()})
