"""Fetching a file over HTTP."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import unquote

import httpx

from plugins.contracts import PluginError, Property, RunContext
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import HEADERS, Outputs, address, whole
from plugins.tasks.http.counting import tags_of
from plugins.tasks.http.exchange import HttpTask, headers_of

_FILE_NAME = re.compile(r"filename\s*=\s*(?:\"([^\"]{1,255})\"|([^\s;]{1,255}))", re.IGNORECASE)
_FILE_NAME_EXTENDED = re.compile(r"filename\*\s*=\s*[\w-]{1,20}'[\w-]{0,20}'([^\s;]{1,765})", re.IGNORECASE)
_UNWANTED = re.compile(r"[^\w.,@ +()=-]")


class Download(HttpTask):
    """Fetch a file and keep it in the internal storage; its address is the output `uri`.

    The body is streamed and may be of any size. The file is named as the server says, or as the address ends.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.http.Download"
    TITLE: ClassVar[str] = "Download a file over HTTP"
    OUTPUTS: ClassVar[Outputs] = {
        "code": whole("The status code."),
        "headers": HEADERS,
        "length": whole("How many bytes there are."),
        "uri": address("Address of the stored file."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: download_orders
namespace: company.team
tasks:
  - id: orders
    type: io.kestra.plugin.core.http.Download
    uri: https://huggingface.co/datasets/kestra/datasets/raw/main/csv/orders.csv
  - id: size
    type: io.kestra.plugin.core.log.Log
    message: "{{ outputs.orders.length }} bytes in {{ outputs.orders.uri }}"
""",
    )

    fail_on_empty_response: Property[bool] = default(True)
    """Fail when the server answers without a body."""
    save_as: Property[str] | None = None
    """Name of the stored file."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        with self.exchange(ctx) as answer, tempfile.TemporaryFile(dir=ctx.workdir) as file:
            if not self.is_allowed(ctx, answer.status_code):
                raise PluginError(_phrase(answer), retryable=answer.status_code >= 500)
            length = 0
            for chunk in answer.iter_bytes(1 << 18):
                file.write(chunk)
                length += len(chunk)
            self._check(ctx, answer, length)
            file.seek(0)
            name = ctx.render(self.save_as) if self.save_as is not None else file_name(answer)
            uri = ctx.store(file, name)
        ctx.counter("response.length", length, tags_of(answer))
        return {"code": answer.status_code, "uri": uri, "headers": headers_of(answer), "length": length}

    def _check(self, ctx: RunContext, answer: httpx.Response, length: int) -> None:
        if length == 0 and ctx.render(self.fail_on_empty_response):
            raise PluginError("No response from server", retryable=False)


def _phrase(answer: httpx.Response) -> str:
    try:
        return HTTPStatus(answer.status_code).phrase
    except ValueError:
        return f"The server answered {answer.status_code}"


def file_name(answer: httpx.Response) -> str:
    """What the server calls the file, else the end of its address; only characters that are plain everywhere."""
    disposition = answer.headers.get("content-disposition", "")
    if extended := _FILE_NAME_EXTENDED.search(disposition):
        given = unquote(extended.group(1))
    elif named := _FILE_NAME.search(disposition):
        given = named.group(1) or named.group(2)
    else:
        given = unquote(answer.url.path)
    last = given.replace("\\", "/").rpartition("/")[2]
    return _UNWANTED.sub("_", last).strip(". ")[-128:] or "download"
