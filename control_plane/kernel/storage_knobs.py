"""The knobs that say where files are kept, unless a tenant or a namespace says something else."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from control_plane.kernel.addresses import WebUrl
from control_plane.kernel.section import Section

_NEEDED = {"local": (), "s3": ("bucket",), "gcs": ("bucket",), "azure": ("container", "account")}


class Storage(Section):
    """Where outputs, namespace files and uploads are kept."""

    type: Literal["local", "s3", "gcs", "azure"] = "local"
    """`local` keeps objects in a folder of this machine, `s3` and `gcs` in a bucket, `azure` in a container."""
    path: Path | None = None
    """Folder of the local storage; `<data_dir>/storage` when absent."""
    bucket: str | None = None
    """Bucket of S3 or of Google Cloud Storage."""
    prefix: str = ""
    """Put before every key."""
    endpoint: WebUrl = None
    """URL of a server that speaks the API of S3, of Google's or Azure's; the provider itself when absent."""
    region: str | None = None
    """Region of the bucket."""
    access_key: str | None = None
    """Access key; the machine's own credentials when absent."""
    secret_key: SecretStr | None = None
    """Secret of the access key."""
    path_style: bool = False
    """Address buckets as `endpoint/bucket`, which most servers other than AWS want."""
    encryption: Literal["AES256", "aws:kms", "aws:kms:dsse"] | None = None
    """How S3 encrypts each object; as the bucket says when absent."""
    kms_key: str | None = None
    """Key of AWS KMS or of Cloud KMS that encrypts each object; as the bucket says when absent."""
    service_account: SecretStr | None = None
    """JSON key of the service account that asks Google Cloud Storage."""
    account: str | None = None
    """Account of Azure Blob Storage."""
    container: str | None = None
    """Its container."""
    account_key: SecretStr | None = None
    """Its key; a shared access signature when absent."""
    sas_token: SecretStr | None = None
    """Shared access signature for the container."""
    encryption_scope: str | None = None
    """Encryption scope of Azure for each object; as the container says when absent."""
    timeout_seconds: float = Field(default=60, gt=0)
    """How long one answer of the storage may keep silent."""

    @model_validator(mode="after")
    def _has_what_its_type_needs(self) -> Self:
        for name in _NEEDED[self.type]:
            if not getattr(self, name):
                raise ValueError(f"{name} is needed when type is {self.type}")
        return self
