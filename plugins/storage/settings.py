"""What is configured of a storage by its type, and the storage that is opened with it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator

from control_plane.kernel.words.egress import EgressPolicy
from control_plane.kernel.words.errors import Invalid, Violation
from plugins.secrets.settings import Group
from plugins.storage.azure import AzureStorage
from plugins.storage.gcs import GcsStorage
from plugins.storage.port import ObjectStorage
from plugins.storage.s3 import S3Storage

CONFIGURATION = "storageConfiguration"
TYPE = "storageType"


class StorageSettings(Group):
    """What every storage takes."""

    ADDRESSES: ClassVar[tuple[str, ...]] = ()
    """Names, as they are sent, that say where credentials go: with another one they have to be given again."""
    SYNONYMS: ClassVar[Mapping[str, str]] = {}

    prefix: str = Field(default="", max_length=200)
    """Put before every key."""
    timeout_seconds: float = Field(default=60, gt=0, le=600)
    """How long one answer may keep silent."""

    @model_validator(mode="before")
    @classmethod
    def _by_one_name(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        return {
            cls.SYNONYMS.get(str(name).replace("-", "").replace("_", "").lower(), name): data[name] for name in data
        }

    @abstractmethod
    def open(self, policy: EgressPolicy) -> ObjectStorage:
        """Nothing is asked before somebody reads or writes."""


class S3Settings(StorageSettings):
    """A bucket of S3, or of a server that speaks its API."""

    ADDRESSES = ("endpoint", "bucket", "region")
    SYNONYMS: ClassVar[Mapping[str, str]] = {
        "accesskeyid": "access_key",
        "secretaccesskey": "secret_key",
        "secretkeyid": "secret_key",
        "forcepathstyle": "path_style",
        "endpointoverride": "endpoint",
    }

    bucket: str = Field(min_length=1, max_length=255)
    endpoint: str | None = None
    """URL of an S3-compatible server; AWS itself when absent."""
    region: str | None = None
    access_key: SecretStr | None = None
    secret_key: SecretStr | None = None
    path_style: bool = False
    """Address buckets as `endpoint/bucket`, which most servers other than AWS want."""
    encryption: str | None = Field(default=None, pattern=r"^(AES256|aws:kms|aws:kms:dsse)$")
    """How the server encrypts each object; as the bucket says where absent."""
    kms_key: str | None = None
    """Its key, for `aws:kms`."""

    @field_validator("endpoint")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        return _address(value)

    def open(self, policy: EgressPolicy) -> ObjectStorage:
        return S3Storage(
            bucket=self.bucket,
            prefix=self.prefix,
            endpoint=self.endpoint,
            region=self.region,
            access_key=_revealed(self.access_key),
            secret_key=_revealed(self.secret_key),
            path_style=self.path_style,
            encryption=self.encryption,
            kms_key=self.kms_key,
            seconds=self.timeout_seconds,
            policy=policy,
        )


class MinioSettings(S3Settings):
    """The same as MinIO's clients write it: a host, a port, and whether it speaks TLS."""

    SYNONYMS: ClassVar[Mapping[str, str]] = {**S3Settings.SYNONYMS, "partsize": "part_size"}

    path_style: bool = True
    port: int | None = Field(default=None, ge=1, le=65535)
    secure: bool = False
    part_size: str | None = None
    """Understood, and not needed: parts have a size of their own."""

    @model_validator(mode="before")
    @classmethod
    def _one_address(cls, data: Any) -> Any:
        if not isinstance(data, Mapping) or "://" in str(data.get("endpoint", "://")):
            return data
        is_secure = str(data.get("secure", "false")).lower() == "true"
        port = data.get("port")
        host = f"{data['endpoint']}:{port}" if port else str(data["endpoint"])
        return {**data, "endpoint": f"{'https' if is_secure else 'http'}://{host}"}


class GcsSettings(StorageSettings):
    """A bucket of Google Cloud Storage."""

    ADDRESSES = ("endpoint", "bucket")

    bucket: str = Field(min_length=1, max_length=255)
    endpoint: str | None = None
    project_id: str | None = None
    """Understood, and not needed: a bucket is found by its name."""
    service_account: SecretStr | None = None
    """The JSON key of a service account; nobody is named where it is absent."""
    kms_key: str | None = None
    """The key of Cloud KMS that encrypts each object; the bucket's own where absent."""

    @field_validator("endpoint")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        return _address(value)

    def open(self, policy: EgressPolicy) -> ObjectStorage:
        return GcsStorage(
            bucket=self.bucket,
            prefix=self.prefix,
            endpoint=self.endpoint,
            service_account=_revealed(self.service_account),
            kms_key=self.kms_key,
            seconds=self.timeout_seconds,
            policy=policy,
        )


class AzureSettings(StorageSettings):
    """A container of Azure Blob Storage."""

    ADDRESSES = ("endpoint", "container", "account")
    SYNONYMS: ClassVar[Mapping[str, str]] = {
        "sharedkeyaccountname": "account",
        "sharedkeyaccountaccesskey": "account_key",
    }

    container: str = Field(min_length=1, max_length=63)
    account: str | None = None
    endpoint: str | None = None
    account_key: SecretStr | None = None
    sas_token: SecretStr | None = None
    connection_string: SecretStr | None = None
    """All of it in one text, as Azure's pages show it."""
    encryption_scope: str | None = None

    @field_validator("endpoint")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        return _address(value)

    @model_validator(mode="after")
    def _says_who_asks(self) -> AzureSettings:
        if not self._known("AccountName", self.account):
            raise ValueError("account: is needed")
        return self

    def _known(self, name: str, said: str | SecretStr | None) -> str | None:
        text = _revealed(self.connection_string) or ""
        found = dict(part.split("=", 1) for part in text.split(";") if "=" in part)
        return (said.get_secret_value() if isinstance(said, SecretStr) else said) or found.get(name)

    def open(self, policy: EgressPolicy) -> ObjectStorage:
        return AzureStorage(
            account=self._known("AccountName", self.account) or "",
            container=self.container,
            prefix=self.prefix,
            endpoint=self._known("BlobEndpoint", self.endpoint),
            account_key=self._known("AccountKey", self.account_key),
            sas_token=self._known("SharedAccessSignature", self.sas_token),
            encryption_scope=self.encryption_scope,
            seconds=self.timeout_seconds,
            policy=policy,
        )


OF_TENANTS: Mapping[str, type[StorageSettings]] = {
    "s3": S3Settings,
    "minio": MinioSettings,
    "gcs": GcsSettings,
    "azure": AzureSettings,
}
"""What a tenant or a namespace may choose: nothing that lies on a machine of ours."""


class UnknownStorage(Invalid):
    """No storage is called so."""

    code = "unknown_storage"


def storage_settings(kind: str, configuration: Mapping[str, Any]) -> StorageSettings:
    """The configuration of a tenant's or a namespace's storage understood. Raises Invalid naming what is wrong."""
    model = OF_TENANTS.get(kind)
    if model is None:
        message = f"files cannot be kept in `{kind[:50]}`: use one of {', '.join(sorted(OF_TENANTS))}"
        raise UnknownStorage(message, violations=[Violation(message, TYPE)])
    try:
        return model.model_validate(dict(configuration))
    except ValidationError as error:
        found = [
            Violation(str(each["msg"]).removeprefix("Value error, "), ".".join([CONFIGURATION, *map(str, each["loc"])]))
            for each in error.errors(include_input=False)
        ]
        raise Invalid(f"{found[0].path}: {found[0].message}", violations=found) from None


def _address(value: str | None) -> str | None:
    if not value:
        return None
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError("is no address") from None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("must be an address that begins with https:// or http://")
    return value


def _revealed(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() or None if secret is not None else None
