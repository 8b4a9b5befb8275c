"""Objects in a container of Azure Blob Storage, by its REST API."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import cached_property
from typing import BinaryIO
from urllib.parse import parse_qsl, quote, urlencode, urlsplit
from xml.etree import ElementTree

from control_plane.kernel.words.egress import EgressPolicy
from plugins.storage.over_http import (
    Headers,
    StorageAnswer,
    StorageAway,
    StorageClient,
    StorageRefused,
    opened,
    parts_of,
)
from plugins.storage.port import AlreadyThere, ObjectMissing, StoredObject

VERSION = "2023-11-03"
_SIGNED = (
    *("content-encoding", "content-language", "content-length", "content-md5", "content-type", "date"),
    *("if-modified-since", "if-match", "if-none-match", "if-unmodified-since", "range"),
)
_MISSING = frozenset({404})
_UNDONE = frozenset({409, 412})
_COPY_SECONDS = 3600.0
_OPERATOR = EgressPolicy(allow_private=True, allow_self=True)


@dataclass(frozen=True)
class AzureStorage:
    """Keeps each object under `prefix` in a container, by the key of the account or by a shared access signature."""

    account: str
    container: str
    prefix: str = ""
    endpoint: str | None = None
    """Of the account; `https://<account>.blob.core.windows.net` where absent."""
    account_key: str | None = field(default=None, repr=False)
    sas_token: str | None = field(default=None, repr=False)
    encryption_scope: str | None = None
    seconds: float = 60.0
    policy: EgressPolicy = _OPERATOR

    @cached_property
    def _client(self) -> StorageClient:
        return StorageClient(self._told, self.policy, self._signed, seconds=self.seconds)

    @property
    def _told(self) -> str:
        return f"azure://{self.account}/{self.container}"

    @cached_property
    def _base(self) -> str:
        root = (self.endpoint or f"https://{self.account}.blob.core.windows.net").rstrip("/")
        return f"{root}/{quote(self.container, safe='')}"

    @cached_property
    def _key(self) -> bytes | None:
        try:
            return base64.b64decode(self.account_key, validate=True) if self.account_key else None
        except (ValueError, binascii.Error):
            raise StorageRefused(f"{self._told}: the key of the account is no base64") from None

    def _signed(self, method: str, url: str, headers: Headers, content: bytes) -> Headers:
        """As `Authorize with Shared Key` of the REST API says; a signature in the query needs no other."""
        date = format_datetime(datetime.now(UTC), usegmt=True)
        given = {name.lower(): value for name, value in headers.items()}
        given |= {"x-ms-date": date, "x-ms-version": VERSION, "content-length": str(len(content))}
        if content:
            given.setdefault("content-type", "application/octet-stream")
        if self._key is not None:
            told = _to_sign(method, self.account, url, given)
            signature = base64.b64encode(hmac.new(self._key, told.encode(), hashlib.sha256).digest()).decode()
            given["authorization"] = f"SharedKey {self.account}:{signature}"
        return given

    def _name(self, key: str) -> str:
        return f"{self.prefix.strip('/')}/{key}".lstrip("/")

    def _url(self, key: str, **query: str) -> str:
        return self._with(f"{self._base}/{quote(self._name(key), safe='/-._~')}", query)

    def _with(self, url: str, query: dict[str, str]) -> str:
        parts = [urlencode(query, quote_via=quote)] if query else []
        if self.sas_token:
            parts.append(self.sas_token.lstrip("?"))
        return f"{url}?{'&'.join(parts)}" if parts else url

    @property
    def _sealing(self) -> dict[str, str]:
        return {"x-ms-encryption-scope": self.encryption_scope} if self.encryption_scope else {}

    def put(self, key: str, source: BinaryIO, *, only_new: bool = False) -> int:
        headers = {**self._sealing, **({"If-None-Match": "*"} if only_new else {})}
        allowed = _UNDONE if only_new else frozenset[int]()
        parts = parts_of(source)
        first, is_whole = next(parts)
        if is_whole:
            headers["x-ms-blob-type"] = "BlockBlob"
            self._made(self._client.ask("PUT", self._url(key), headers, first, allowed=allowed))
            return len(first)
        size, blocks, part, is_last = 0, list[str](), first, False
        while True:
            # Blocks that no list names are no object, and are forgotten by themselves after a week.
            blocks.append(base64.b64encode(f"{len(blocks):08d}".encode()).decode())
            self._client.ask("PUT", self._url(key, comp="block", blockid=blocks[-1]), self._sealing, part)
            size += len(part)
            if is_last:
                break
            part, is_last = next(parts)
        told = "".join(f"<Latest>{block}</Latest>" for block in blocks)
        body = f'<?xml version="1.0" encoding="utf-8"?><BlockList>{told}</BlockList>'.encode()
        self._made(self._client.ask("PUT", self._url(key, comp="blocklist"), headers, body, allowed=allowed))
        return size

    def _made(self, answer: StorageAnswer) -> None:
        if answer.status in _UNDONE:
            raise AlreadyThere

    def open(self, key: str, start: int = 0, length: int | None = None) -> BinaryIO:
        return opened(self._client, self._url(key), start, length, stat=lambda: self.stat(key), range_as="x-ms-range")

    def stat(self, key: str) -> StoredObject | None:
        answer = self._client.ask("HEAD", self._url(key), allowed=_MISSING)
        if answer.status in _MISSING:
            return None
        return StoredObject(key, int(answer.headers["content-length"]), _moment(answer.headers["last-modified"]))

    def list(self, prefix: str) -> Iterator[StoredObject]:
        cut, query = len(self._name("")), {"restype": "container", "comp": "list", "prefix": self._name(prefix)}
        while True:
            root = _parsed(self._client.ask("GET", self._with(self._base, query)))
            for found in root.iter("Blob"):
                about = found.find("Properties")
                size, changed = (about.findtext(name, "") for name in ("Content-Length", "Last-Modified"))  # type: ignore[union-attr]  # each has some
                yield StoredObject(found.findtext("Name", "")[cut:], int(size), _moment(changed))
            marker = root.findtext("NextMarker", "")
            if not marker:
                return
            query["marker"] = marker

    def delete(self, key: str) -> bool:
        return self._client.ask("DELETE", self._url(key), allowed=_MISSING).status not in _MISSING

    def delete_prefix(self, prefix: str) -> int:
        return sum(self.delete(found.key) for found in self.list(prefix))

    def copy(self, source: str, target: str) -> None:
        """The account does it by itself, and says when it is done."""
        headers = {"x-ms-copy-source": self._url(source), **self._sealing}
        answer = self._client.ask("PUT", self._url(target), headers, allowed=_MISSING)
        if answer.status in _MISSING:
            raise ObjectMissing
        ends_at = time.monotonic() + _COPY_SECONDS
        while answer.headers.get("x-ms-copy-status", "success") == "pending":
            if time.monotonic() > ends_at:
                raise StorageAway(f"{self._told}: a copy took longer than {_COPY_SECONDS:.0f} seconds")
            time.sleep(0.2)
            answer = self._client.ask("HEAD", self._url(target))
        if answer.headers.get("x-ms-copy-status", "success") != "success":
            raise StorageAway(f"{self._told}: a copy ended as {answer.headers['x-ms-copy-status'][:60]}")

    def close(self) -> None:
        self._client.close()


def _to_sign(method: str, account: str, url: str, headers: dict[str, str]) -> str:
    parts = urlsplit(url)
    plain = [headers.get(name, "") for name in _SIGNED]
    if headers["content-length"] == "0":
        plain[_SIGNED.index("content-length")] = ""
    own = [f"{name}:{headers[name]}" for name in sorted(headers) if name.startswith("x-ms-")]
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        query.setdefault(name.lower(), []).append(value)
    asked = [f"{name}:{','.join(sorted(values))}" for name, values in sorted(query.items())]
    return "\n".join([method, *plain, *own, f"/{account}{parts.path}", *asked])


def _moment(text: str) -> datetime:
    return parsedate_to_datetime(text).astimezone(UTC)


def _parsed(answer: StorageAnswer) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(answer.body.removeprefix(b"\xef\xbb\xbf"))
    except ElementTree.ParseError as error:
        raise StorageRefused(f"an answer of the storage is no XML: {error}") from error
