"""Objects in a bucket of S3, or of a server that speaks its API."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any, BinaryIO
from urllib.parse import quote, urlencode, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from control_plane.kernel.words.clock import parse_iso
from control_plane.kernel.words.egress import EgressPolicy
from plugins.storage.over_http import (
    Headers,
    StorageAnswer,
    StorageClient,
    StorageRefused,
    opened,
    parts_of,
)
from plugins.storage.port import AlreadyThere, NameTaken, ObjectMissing, StoredObject

_Names = list[str]
_DELETE_BATCH = 1000
_LARGEST_COPY = 5 * 1024**3
_COPY_PART = 1024**3
_NEW = {"If-None-Match": "*"}
_UNDONE = frozenset({409, 412})
_MISSING = frozenset({404})
_OPERATOR = EgressPolicy(allow_private=True, allow_self=True)


@dataclass(frozen=True)
class S3Storage:
    """Keeps each object under `prefix` in a bucket. Without keys the machine's own credentials are used."""

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    path_style: bool = False
    encryption: str | None = None
    """`AES256` or `aws:kms`; the bucket's own default where absent."""
    kms_key: str | None = None
    seconds: float = 60.0
    """How long one answer may keep silent."""
    policy: EgressPolicy = _OPERATOR

    @cached_property
    def _client(self) -> StorageClient:
        return StorageClient(f"s3://{self.bucket}", self.policy, self._signed, seconds=self.seconds)

    @cached_property
    def _credentials(self) -> Any:
        from botocore.credentials import Credentials
        from botocore.session import get_session

        if self.access_key and self.secret_key:
            return Credentials(self.access_key, self.secret_key)
        found = get_session().get_credentials()
        if found is None:
            raise StorageRefused(f"s3://{self.bucket}: there are no credentials, neither in the settings nor here")
        return found

    @cached_property
    def _region(self) -> str:
        from botocore.session import get_session

        return self.region or get_session().get_config_variable("region") or "us-east-1"

    @cached_property
    def _base(self) -> str:
        parts = urlsplit(self.endpoint or f"https://s3.{self._region}.amazonaws.com")
        path = parts.path.rstrip("/")
        if self.path_style or "." in self.bucket or _is_number(parts.hostname or ""):
            return f"{parts.scheme}://{parts.netloc}{path}/{self.bucket}"
        return f"{parts.scheme}://{self.bucket}.{parts.netloc}{path}"

    def _signed(self, method: str, url: str, headers: Headers, content: bytes) -> Headers:
        from botocore.auth import S3SigV4Auth
        from botocore.awsrequest import AWSRequest

        request = AWSRequest(method, url, headers=dict(headers), data=content)
        S3SigV4Auth(self._credentials.get_frozen_credentials(), "s3", self._region).add_auth(request)
        return dict(request.headers.items())

    def _name(self, key: str) -> str:
        return f"{self.prefix.strip('/')}/{key}".lstrip("/")

    def _url(self, key: str, **query: Any) -> str:
        url = f"{self._base}/{quote(self._name(key), safe='/-._~')}"
        return f"{url}?{urlencode(query, quote_via=quote)}" if query else url

    @property
    def _sealing(self) -> dict[str, str]:
        given = {"x-amz-server-side-encryption": self.encryption} if self.encryption else {}
        return {**given, "x-amz-server-side-encryption-aws-kms-key-id": self.kms_key} if self.kms_key else given

    def put(self, key: str, source: BinaryIO, *, only_new: bool = False) -> int:
        parts = parts_of(source, growing=True)
        first, is_whole = next(parts)
        if is_whole:
            headers = {**self._sealing, **(_NEW if only_new else {})}
            self._made(self._client.ask("PUT", self._url(key), headers, first, allowed=_UNDONE), only_new)
            return len(first)
        upload = self._begun(key)
        try:
            size, tags = self._uploaded(key, upload, first, parts)
            self._complete(key, upload, tags, only_new)
        except BaseException:
            self._client.ask("DELETE", self._url(key, uploadId=upload), allowed=_MISSING)
            raise
        return size

    def _begun(self, key: str) -> str:
        answer = self._client.ask("POST", self._url(key, uploads=""), self._sealing)
        return _text(_parsed(answer), "UploadId")

    def _uploaded(self, key: str, upload: str, first: bytes, parts: Iterator[tuple[bytes, bool]]) -> tuple[int, _Names]:
        size, tags, part, is_last = 0, _Names(), first, False
        while True:
            url = self._url(key, partNumber=len(tags) + 1, uploadId=upload)
            tags.append(self._client.ask("PUT", url, {}, part).headers["etag"])
            size += len(part)
            if is_last:
                return size, tags
            part, is_last = next(parts)

    def _complete(self, key: str, upload: str, tags: list[str], only_new: bool) -> None:
        told = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{escape(tag)}</ETag></Part>"
            for number, tag in enumerate(tags, 1)
        )
        body = f"<CompleteMultipartUpload>{told}</CompleteMultipartUpload>".encode()
        headers = _NEW if only_new else {}
        answer = self._client.ask("POST", self._url(key, uploadId=upload), headers, body, allowed=_UNDONE)
        self._made(answer, only_new)
        self._check_inside(answer)

    def _made(self, answer: StorageAnswer, only_new: bool) -> None:
        """Servers that keep objects as files cannot have both `a` and `a/b`; AWS can."""
        if answer.status in _UNDONE:
            raise AlreadyThere if only_new else NameTaken

    def _check_inside(self, answer: StorageAnswer) -> None:
        """An answer of 200 may hold an error: the server had begun it before it was done."""
        root = _parsed(answer)
        if root.tag.endswith("Error"):
            raise StorageRefused(f"s3://{self.bucket}: {_text(root, 'Code')}: {_text(root, 'Message')[:200]}")

    def open(self, key: str, start: int = 0, length: int | None = None) -> BinaryIO:
        return opened(self._client, self._url(key), start, length, stat=lambda: self.stat(key))

    def stat(self, key: str) -> StoredObject | None:
        answer = self._client.ask("HEAD", self._url(key), allowed=_MISSING)
        if answer.status in _MISSING:
            return None
        changed = parsedate_to_datetime(answer.headers["last-modified"])
        return StoredObject(key, int(answer.headers["content-length"]), changed)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        cut, query = len(self._name("")), {"list-type": "2", "prefix": self._name(prefix)}
        while True:
            root = _parsed(self._client.ask("GET", f"{self._base}?{urlencode(query, quote_via=quote)}"))
            for found in _all(root, "Contents"):
                name, changed = _text(found, "Key"), parse_iso(_text(found, "LastModified"))
                yield StoredObject(name[cut:], int(_text(found, "Size")), changed)
            if _text(root, "IsTruncated") != "true":
                return
            query["continuation-token"] = _text(root, "NextContinuationToken")

    def delete(self, key: str) -> bool:
        if self.stat(key) is None:
            return False
        self._client.ask("DELETE", self._url(key), allowed=_MISSING)
        return True

    def delete_prefix(self, prefix: str) -> int:
        count = 0
        batch: _Names = []
        for found in self.list(prefix):
            batch.append(self._name(found.key))
            if len(batch) == _DELETE_BATCH:
                count += self._delete_batch(batch)
                batch = []
        return count + self._delete_batch(batch)

    def _delete_batch(self, names: _Names) -> int:
        """The parts are read one by one: the whole says 200 whatever became of them."""
        if names:
            told = "".join(f"<Object><Key>{escape(name)}</Key></Object>" for name in names)
            body = f"<Delete><Quiet>true</Quiet>{told}</Delete>".encode()
            headers = {"Content-MD5": base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()}
            failed = _all(_parsed(self._client.ask("POST", f"{self._base}?delete=", headers, body)), "Error")
            if failed:
                raise StorageRefused(f"s3://{self.bucket}: {len(failed)} objects were not deleted")
        return len(names)

    def copy(self, source: str, target: str) -> None:
        found = self.stat(source)
        if found is None:
            raise ObjectMissing
        origin = {"x-amz-copy-source": quote(f"/{self.bucket}/{self._name(source)}", safe="/-._~")}
        if found.size <= _LARGEST_COPY:
            answer = self._client.ask("PUT", self._url(target), {**origin, **self._sealing}, allowed=_MISSING)
            if answer.status in _MISSING:
                raise ObjectMissing
            self._check_inside(answer)
            return
        upload, tags = self._begun(target), _Names()
        for start in range(0, found.size, _COPY_PART):
            end = min(start + _COPY_PART, found.size) - 1
            headers = {**origin, "x-amz-copy-source-range": f"bytes={start}-{end}"}
            url = self._url(target, partNumber=len(tags) + 1, uploadId=upload)
            tags.append(_text(_parsed(self._client.ask("PUT", url, headers)), "ETag"))
        self._complete(target, upload, tags, only_new=False)

    def close(self) -> None:
        self._client.close()


def _parsed(answer: StorageAnswer) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(answer.body)
    except ElementTree.ParseError as error:
        raise StorageRefused(f"an answer of the storage is no XML: {error}") from error


def _all(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    """Servers differ in the namespace that they say their elements are in."""
    return [child for child in root if child.tag.rpartition("}")[2] == name]


def _text(root: ElementTree.Element, name: str) -> str:
    return next((child.text or "" for child in _all(root, name)), "")


def _is_number(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
