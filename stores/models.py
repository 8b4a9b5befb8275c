"""Secrets, key-value pairs and files of namespaces as they are kept."""

from __future__ import annotations

from typing import Any

from django.db import models

from control_plane.kernel.models import IdField, TenantForeignKey, TenantOwned
from control_plane.kernel.words.ids import new_id


class Secret(TenantOwned):
    """A value that leaves the system only into a job entitled to it. `sealed` is bound to tenant, namespace, key and
    version."""

    namespace = models.CharField(max_length=150)
    key = models.CharField(max_length=255)
    """What it is looked up by: in upper case, for case does not count."""
    name = models.CharField(max_length=255, default="", db_default="")
    """The key as it was given; empty for what was set before names were kept."""
    description = models.TextField(blank=True, default="")
    tags = models.JSONField[list[dict[str, str]], list[dict[str, str]]](default=list)
    sealed = models.TextField()
    version = models.PositiveIntegerField(default=1, db_default=1)
    """Raised with each value, so that an earlier one put back does not open."""
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantOwned.Meta):
        db_table = "secret"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "namespace", "key"], name="secret_key")]

    @property
    def shown_key(self) -> str:
        return self.name or self.key

    @property
    def belongs_to(self) -> tuple[str, ...]:
        return ("secret", self.tenant_id, self.namespace, self.key, str(self.version))

    @property
    def belonged_to(self) -> tuple[str, ...]:
        """What values were bound to that were set before versions were counted."""
        return ("secret", self.tenant_id, self.namespace, self.key)


class TenantKey(TenantOwned):
    """What wraps the keys of a tenant's secrets, itself wrapped by the instance's key; the newest wraps new ones."""

    number = models.PositiveIntegerField()
    sealed = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantOwned.Meta):
        db_table = "tenant_key"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "number"], name="tenant_key_number")]

    @property
    def belongs_to(self) -> tuple[str, ...]:
        return ("tenant-key", self.tenant_id, self.id)


class KvEntry(TenantOwned):
    """A typed value of a namespace. One that has expired is gone, whether it was swept yet or not."""

    namespace = models.CharField(max_length=150)
    key = models.CharField(max_length=255)
    type = models.CharField(max_length=10)
    value = models.JSONField[Any, Any]()
    description = models.TextField(blank=True, default="")
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    expires_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        db_table = "kv_entry"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "namespace", "key"], name="kv_entry_key")]
        indexes = [
            models.Index(fields=["expires_at"], name="kv_entry_expiry", condition=models.Q(expires_at__isnull=False))
        ]


LONGEST_PATH = 1000


class NamespaceFile(TenantOwned):
    """A file of a namespace as it is now, or a folder. Its content lies in the storage, under the name `blob`."""

    namespace = models.CharField(max_length=150)
    path = models.CharField(max_length=LONGEST_PATH)
    folder = models.CharField(max_length=LONGEST_PATH)
    """The path of the folder it lies in; `/` is the topmost one."""
    is_folder = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=0)
    """Counts from 1; a folder has none."""
    size = models.BigIntegerField(default=0)
    blob = IdField(default="")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantOwned.Meta):
        db_table = "namespace_file"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "namespace", "path"], name="namespace_file_path")]
        indexes = [models.Index(fields=["tenant_id", "namespace", "folder"], name="namespace_file_folder")]

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


class NamespaceFileRevision(TenantOwned):
    """A file as it was written once, the present content among them."""

    file = TenantForeignKey(NamespaceFile, models.CASCADE, related_name="revisions")
    revision = models.PositiveIntegerField()
    size = models.BigIntegerField()
    blob = IdField(default=new_id)
    author = models.CharField(max_length=150, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantOwned.Meta):
        db_table = "namespace_file_revision"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "file", "revision"], name="namespace_file_revision_number")
        ]
        indexes = [models.Index(fields=["tenant_id", "blob"], name="namespace_file_revision_blob")]


class Credential(TenantOwned):
    """How access tokens of another system are had. It names the secrets that this takes, and holds none of them."""

    namespace = models.CharField(max_length=150, blank=True, default="")
    """Empty for one of the whole tenant."""
    name = models.CharField(max_length=255)
    type = models.CharField(max_length=20)
    description = models.TextField(blank=True, default="")
    settings = models.JSONField[dict[str, Any], dict[str, Any]]()
    version = models.PositiveIntegerField(default=1)
    """Raised by each change, so that no token of the one before is used."""
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantOwned.Meta):
        db_table = "credential"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "namespace", "name"], name="credential_name")]


def token_place(tenant: str, credential_id: str, version: int) -> tuple[str, ...]:
    """What a token is bound to: of a changed credential it opens no more."""
    return ("credential_token", tenant, credential_id, str(version))


class CredentialToken(TenantOwned):
    """The present token of a credential, sealed, or why there is none. Its table is unlogged: what is lost is asked for
    again. Written by `stores.credentials.cache` alone."""

    credential = TenantForeignKey(Credential, models.CASCADE, related_name="tokens")
    version = models.PositiveIntegerField()
    sealed = models.TextField(default="")
    refresh_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    minter = IdField(default="")
    """Who is asking for a new one, until `minting_until` at most."""
    minting_until = models.DateTimeField(null=True)
    failure = models.TextField(default="")
    failures = models.PositiveIntegerField(default=0)
    failed_until = models.DateTimeField(null=True)
    is_final = models.BooleanField(default=False)

    class Meta(TenantOwned.Meta):
        db_table = "credential_token"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "credential"], name="credential_token_of_credential")
        ]

    @property
    def belongs_to(self) -> tuple[str, ...]:
        return token_place(self.tenant_id, self.credential_id, self.version)
