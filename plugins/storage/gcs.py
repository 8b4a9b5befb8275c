"""Objects in a bucket of Google Cloud Storage, by its JSON API."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, BinaryIO
from urllib.parse import quote, urlencode

from control_plane.kernel.words.brief import NoAnswer, ask_briefly
from control_plane.kernel.words.clock import parse_iso
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

ENDPOINT = "https://storage.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"
_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_TOKEN_SECONDS = 10.0
_MARGIN = 300.0
_BYTES = "application/octet-stream"
_MISSING = frozenset({404})
_UNDONE = frozenset({412})
_MORE = frozenset({308})
_OPERATOR = EgressPolicy(allow_private=True, allow_self=True)


@dataclass(frozen=True)
class GcsStorage:
    """Keeps each object under `prefix` in a bucket, as the service account whose JSON key is given."""

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    service_account: str | None = field(default=None, repr=False)
    """The JSON text of the key; nobody is named where it is absent, as emulators want it."""
    kms_key: str | None = None
    """The key of Cloud KMS by its resource name; the bucket's own default where absent."""
    seconds: float = 60.0
    policy: EgressPolicy = _OPERATOR
    _lock: Any = field(default_factory=threading.Lock, repr=False, compare=False)
    _token: list[tuple[str, float]] = field(default_factory=list, repr=False, compare=False)

    @cached_property
    def _client(self) -> StorageClient:
        return StorageClient(f"gs://{self.bucket}", self.policy, self._signed, seconds=self.seconds)

    @property
    def _base(self) -> str:
        return (self.endpoint or ENDPOINT).rstrip("/")

    def _signed(self, method: str, url: str, headers: Headers, content: bytes) -> Headers:
        if self.service_account is None:
            return headers
        return {**headers, "Authorization": f"Bearer {self._access_token()}"}

    def _access_token(self) -> str:
        with self._lock:
            if not self._token or self._token[0][1] < time.monotonic():
                self._token[:] = [self._new_token()]
            return self._token[0][0]

    def _new_token(self) -> tuple[str, float]:
        """A token and until when it is used, by our own clock that never jumps."""
        from joserfc import jwk, jwt
        from joserfc.errors import JoseError

        name, at, now = f"gs://{self.bucket}", time.monotonic(), int(time.time())
        try:
            account = json.loads(self.service_account or "")
            claims = {"iss": account["client_email"], "scope": SCOPE, "aud": account["token_uri"]}
            key = jwk.import_key(account["private_key"], "RSA")
            header = {"alg": "RS256", "kid": account["private_key_id"]}
            assertion = jwt.encode(header, {**claims, "iat": now, "exp": now + 3600}, key)
        except (ValueError, KeyError, TypeError, JoseError) as error:
            raise StorageRefused(f"{name}: this is no key of a service account: {type(error).__name__}") from None
        form = {"grant_type": _JWT_BEARER, "assertion": assertion}
        uri = account["token_uri"]
        try:
            answer = ask_briefly(self.policy, "POST", uri, seconds=_TOKEN_SECONDS, largest=65536, form=form)
            said = json.loads(answer.body)
            return str(said["access_token"]), at + max(float(said.get("expires_in", 0)) - _MARGIN, 30.0)
        except NoAnswer as error:
            raise StorageAway(f"{name}: {error.message}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise StorageRefused(f"{name}: {uri} answered {answer.status} and gave no token") from error

    def _name(self, key: str) -> str:
        return f"{self.prefix.strip('/')}/{key}".lstrip("/")

    def _objects(self, **query: str) -> str:
        url = f"{self._base}/storage/v1/b/{quote(self.bucket, safe='')}/o"
        return f"{url}?{urlencode(query, quote_via=quote)}" if query else url

    def _url(self, key: str, **query: str) -> str:
        url = f"{self._objects()}/{quote(self._name(key), safe='')}"
        return f"{url}?{urlencode(query, quote_via=quote)}" if query else url

    @property
    def _sealing(self) -> dict[str, str]:
        return {"kmsKeyName": self.kms_key} if self.kms_key else {}

    def put(self, key: str, source: BinaryIO, *, only_new: bool = False) -> int:
        condition = {"ifGenerationMatch": "0"} if only_new else {}
        query = {"name": self._name(key), **self._sealing, **condition}
        url = f"{self._base}/upload/storage/v1/b/{quote(self.bucket, safe='')}/o?"
        parts = parts_of(source)
        first, is_whole = next(parts)
        if is_whole:
            kind, body = _related(first)
            asked = url + urlencode({**query, "uploadType": "multipart"})
            self._made(self._client.ask("POST", asked, kind, body, allowed=_UNDONE))
            return len(first)
        # Asked before so many bytes are sent, too.
        if only_new and self.stat(key) is not None:
            raise AlreadyThere
        headers = {"X-Upload-Content-Type": _BYTES}
        begun = self._client.ask(
            "POST", url + urlencode({**query, "uploadType": "resumable"}), headers, allowed=_UNDONE
        )
        self._made(begun)
        return self._uploaded(begun.headers["location"], first, parts)

    def _uploaded(self, session: str, first: bytes, parts: Iterator[tuple[bytes, bool]]) -> int:
        """An upload that is given up is no object, and is forgotten by itself after a week; it is told all the same."""
        done, part, is_last = 0, first, False
        try:
            while True:
                end = done + len(part)
                total = str(end) if is_last else "*"
                headers = {"Content-Range": f"bytes {done}-{end - 1}/{total}"}
                self._made(self._client.ask("PUT", session, headers, part, allowed=_UNDONE | _MORE))
                done = end
                if is_last:
                    return done
                part, is_last = next(parts)
        except BaseException:
            self._client.ask("DELETE", session, allowed=frozenset({404, 410, 499}))
            raise

    def _made(self, answer: StorageAnswer) -> None:
        if answer.status in _UNDONE:
            raise AlreadyThere

    def open(self, key: str, start: int = 0, length: int | None = None) -> BinaryIO:
        return opened(self._client, self._url(key, alt="media"), start, length, stat=lambda: self.stat(key))

    def stat(self, key: str) -> StoredObject | None:
        answer = self._client.ask("GET", self._url(key, fields="name,size,updated"), allowed=_MISSING)
        return None if answer.status in _MISSING else self._stored(_object(answer))

    def _stored(self, told: dict[str, Any]) -> StoredObject:
        cut = len(self._name(""))
        return StoredObject(str(told["name"])[cut:], int(told["size"]), parse_iso(str(told["updated"])))

    def list(self, prefix: str) -> Iterator[StoredObject]:
        query = {"prefix": self._name(prefix), "fields": "nextPageToken,items(name,size,updated)"}
        while True:
            page = _object(self._client.ask("GET", self._objects(**query)))
            for told in page.get("items", ()):
                yield self._stored(told)
            if not page.get("nextPageToken"):
                return
            query["pageToken"] = str(page["nextPageToken"])

    def delete(self, key: str) -> bool:
        return self._client.ask("DELETE", self._url(key), allowed=_MISSING).status not in _MISSING

    def delete_prefix(self, prefix: str) -> int:
        return sum(self.delete(found.key) for found in self.list(prefix))

    def copy(self, source: str, target: str) -> None:
        """A long object is copied by more than one request, each going on where the one before ended."""
        url = f"{self._url(source)}/rewriteTo/b/{quote(self.bucket, safe='')}/o/{quote(self._name(target), safe='')}"
        query = {"destinationKmsKeyName": self.kms_key} if self.kms_key else {}
        while True:
            asked = f"{url}?{urlencode(query)}" if query else url
            answer = self._client.ask("POST", asked, {"Content-Type": "application/json"}, b"{}", allowed=_MISSING)
            if answer.status in _MISSING:
                raise ObjectMissing
            told = _object(answer)
            if told.get("done", True):
                return
            query["rewriteToken"] = str(told["rewriteToken"])

    def close(self) -> None:
        self._client.close()


def _related(content: bytes) -> tuple[dict[str, str], bytes]:
    """The object behind an empty description of it, as the API wants both in one body."""
    mark = os.urandom(16).hex()
    head = f"--{mark}\r\nContent-Type: application/json\r\n\r\n{{}}\r\n--{mark}\r\nContent-Type: {_BYTES}\r\n\r\n"
    return {"Content-Type": f"multipart/related; boundary={mark}"}, head.encode() + content + f"\r\n--{mark}--".encode()


def _object(answer: StorageAnswer) -> dict[str, Any]:
    try:
        told = json.loads(answer.body)
    except ValueError as error:
        raise StorageRefused("an answer of the storage is no JSON") from error
    if not isinstance(told, dict):
        raise StorageRefused("an answer of the storage is no JSON object")
    return told
