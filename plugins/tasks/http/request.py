"""Calling an HTTP API and looking at the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import httpx

from plugins.contracts import PluginError, Property, RunContext
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import HEADERS, Outputs, address, text, whole
from plugins.contracts.services import Ciphers
from plugins.tasks.http.counting import asked_of, tags_of
from plugins.tasks.http.exchange import HttpTask, headers_of

MAX_BODY_BYTES = 10 * 1024 * 1024


class Request(HttpTask):
    """Send an HTTP request and return its answer: `code`, `headers`, `body` (if it has any) and the `uri` asked for.

    An answer of 400 and above fails the task unless `options.allowFailed` is set; 4xx is never tried again, 5xx is.
    Use Download for answers larger than 10 MB.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.http.Request"
    TITLE: ClassVar[str] = "Send an HTTP request"
    OUTPUTS: ClassVar[Outputs] = {
        "body": text("The body of the answer, if it has one."),
        "code": whole("The status code."),
        "encryptedBody": text("The body, encrypted, with `encryptBody`."),
        "headers": HEADERS,
        "uri": address("The address that was asked."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: call_an_api
namespace: company.team
inputs:
  - id: payload
    type: JSON
    defaults: '{"title": "Keyboard"}'
tasks:
  - id: create
    type: io.kestra.plugin.core.http.Request
    uri: https://dummyjson.com/products/add
    method: POST
    contentType: application/json
    body: "{{ inputs.payload }}"
  - id: status
    type: io.kestra.plugin.core.log.Log
    message: "{{ outputs.create.code }}"
""",
    )

    encrypt_body: Property[bool] = default(False)
    """Keep the body encrypted, as the output `encryptedBody`; it is decrypted when an expression uses it."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        with self.exchange(ctx) as answer:
            body = self._body(ctx, answer)
            asked = str(asked_of(answer).url)
            outputs = {"code": answer.status_code, "headers": headers_of(answer), "uri": asked}
        ctx.counter("response.length", len(body), tags_of(answer))
        if not self.is_allowed(ctx, answer.status_code):
            raise PluginError(
                f"Failed http request with response code '{answer.status_code}' and body:\n{body[:2000]}",
                retryable=answer.status_code >= 500 or answer.status_code in (408, 425, 429),
            )
        if answer.status_code == 204 or asked_of(answer).method == "HEAD":
            return outputs
        if ctx.render(self.encrypt_body):
            ciphers: Ciphers = ctx.service("ciphers")
            return {**outputs, "encryptedBody": ciphers.encrypt(text=body)}
        return {**outputs, "body": body}

    def _body(self, ctx: RunContext, answer: httpx.Response) -> str:
        parts, size = [], 0
        for chunk in answer.iter_bytes():
            parts.append(chunk)
            size += len(chunk)
            if size > MAX_BODY_BYTES:
                raise PluginError("The answer is larger than 10 MB: use Download instead", retryable=False)
        charset = answer.charset_encoding or ctx.render(self.options.default_charset)
        try:
            return b"".join(parts).decode(charset, "replace")
        except LookupError:
            raise PluginError(f"Nobody knows the charset `{charset}`", retryable=False) from None
