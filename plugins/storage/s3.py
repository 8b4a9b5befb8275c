"""Objects in a bucket of S3, or of a server that speaks its API."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO

from plugins.storage.port import ObjectMissing, StoredObject

_PART_BYTES = 8 * 1024 * 1024
_DELETE_BATCH = 1000
_Batch = list[dict[str, str]]
_MISSING = frozenset({"404", "NoSuchKey", "NotFound"})


@dataclass(frozen=True)
class S3Storage:
    """Keeps each object under `prefix` in a bucket. Without keys the machine's own credentials are used."""

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None
    access_key: str | None = None
    secret_key: str | None = None
    path_style: bool = False

    @cached_property
    def _client(self) -> Any:
        import boto3
        from botocore.config import Config

        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=self.region,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=Config(
                s3={"addressing_style": "path" if self.path_style else "auto"},
                retries={"max_attempts": 5, "mode": "standard"},
                connect_timeout=5,
                read_timeout=60,
            ),
        )

    @cached_property
    def _transfer(self) -> Any:
        from boto3.s3.transfer import TransferConfig

        return TransferConfig(multipart_threshold=_PART_BYTES, multipart_chunksize=_PART_BYTES, use_threads=False)

    def _name(self, key: str) -> str:
        return f"{self.prefix.strip('/')}/{key}".lstrip("/")

    def put(self, key: str, source: BinaryIO) -> int:
        counted = _Counted(source)
        self._client.upload_fileobj(counted, self.bucket, self._name(key), Config=self._transfer)
        return counted.size

    def open(self, key: str, start: int = 0, length: int | None = None) -> BinaryIO:
        if length == 0:
            if self.stat(key) is None:
                raise ObjectMissing
            return io.BytesIO()
        wanted = {} if start == 0 and length is None else {"Range": _range(start, length)}
        try:
            answer = self._client.get_object(Bucket=self.bucket, Key=self._name(key), **wanted)
        except self._client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] == "InvalidRange":
                return io.BytesIO()
            raise _translated(error) from error
        return io.BufferedReader(_Body(answer["Body"]), 1 << 18)

    def stat(self, key: str) -> StoredObject | None:
        try:
            answer = self._client.head_object(Bucket=self.bucket, Key=self._name(key))
        except self._client.exceptions.ClientError as error:
            if isinstance(_translated(error), ObjectMissing):
                return None
            raise
        return StoredObject(key, answer["ContentLength"], answer["LastModified"])

    def list(self, prefix: str) -> Iterator[StoredObject]:
        cut = len(self._name(""))
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self._name(prefix))
        for page in pages:
            for found in page.get("Contents", ()):
                yield StoredObject(found["Key"][cut:], found["Size"], found["LastModified"])

    def delete(self, key: str) -> bool:
        if self.stat(key) is None:
            return False
        self._client.delete_object(Bucket=self.bucket, Key=self._name(key))
        return True

    def delete_prefix(self, prefix: str) -> int:
        count = 0
        batch: _Batch = []
        for found in self.list(prefix):
            batch.append({"Key": self._name(found.key)})
            if len(batch) == _DELETE_BATCH:
                count += self._delete_batch(batch)
                batch = []
        return count + self._delete_batch(batch)

    def _delete_batch(self, batch: _Batch) -> int:
        if batch:
            answer = self._client.delete_objects(Bucket=self.bucket, Delete={"Objects": batch, "Quiet": True})
            if answer.get("Errors"):
                raise OSError(f"{len(answer['Errors'])} objects were not deleted")
        return len(batch)

    def copy(self, source: str, target: str) -> None:
        origin = {"Bucket": self.bucket, "Key": self._name(source)}
        try:
            self._client.copy(origin, self.bucket, self._name(target), Config=self._transfer)
        except self._client.exceptions.ClientError as error:
            raise _translated(error) from error


def _range(start: int, length: int | None) -> str:
    return f"bytes={start}-" if length is None else f"bytes={start}-{start + length - 1}"


def _translated(error: Any) -> Exception:
    missing = error.response["Error"]["Code"] in _MISSING
    return ObjectMissing() if missing else error


class _Counted(io.RawIOBase):
    """Passes a stream on and counts it. Nothing is ever read twice: parts are buffered by whoever uploads."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        chunk = self._source.read(size)
        self.size += len(chunk)
        return chunk

    def readable(self) -> bool:
        return True


class _Body(io.RawIOBase):
    """The body of an answer as a raw stream."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def readinto(self, buffer: Any) -> int:
        chunk = self._body.read(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._body.close()
        super().close()
