"""Who did what: entries that only grow, and the head of each tenant's chain."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from control_plane.kernel.models import TENANT_ID_LENGTH, InstanceOrTenantOwned


class AuditEntry(InstanceOrTenantOwned):
    """One thing done or refused. Has no foreign keys, so that it outlives everything it tells of.

    `body` is the canonical text that is hashed; the columns repeat what searches need.
    """

    seq = models.BigIntegerField()
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=255)
    action = models.CharField(max_length=40)
    resource = models.CharField(max_length=40)
    object_id = models.CharField(max_length=300)
    namespace = models.CharField(max_length=150, null=True)
    is_refused = models.BooleanField(default=False)
    request_id = models.CharField(max_length=64)
    ip = models.GenericIPAddressField(null=True)
    body = models.TextField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta(InstanceOrTenantOwned.Meta):
        db_table = "audit_entry"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "seq"], name="audit_entry_seq")]
        indexes = [
            models.Index(fields=["tenant_id", "-at"], name="audit_entry_latest"),
            models.Index(fields=["tenant_id", "resource", "object_id", "-seq"], name="audit_entry_object"),
            # The time last: it is looked at in the index, which gives entries in the order they are shown in.
            models.Index(fields=["tenant_id", "actor_id", "seq", "at"], name="audit_entry_actor"),
        ]


class AuditHead(models.Model):
    """The last link of one tenant's chain; its row is the lock that keeps the sequence without gaps."""

    tenant_id = models.CharField(max_length=TENANT_ID_LENGTH, primary_key=True)
    seq = models.BigIntegerField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "audit_head"


class AuditKey(models.Model):
    """A key pair that signs anchors and tombstones; `document` is what verifiers are shown of it.

    The newest one signs. Each but the first was signed by the one before it.
    """

    id = models.CharField(max_length=16, primary_key=True)
    number = models.IntegerField(unique=True)
    document = models.TextField()
    sealed = models.TextField()
    """The private key, encrypted."""
    created_at = models.DateTimeField()

    class Meta:
        db_table = "audit_key"


class AuditAnchor(InstanceOrTenantOwned):
    """The head of a chain at a moment, signed: `document` is the line that went outside."""

    number = models.BigIntegerField()
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    document = models.TextField()
    is_outside = models.BooleanField(default=False)
    """It has reached every place it was to be kept in."""

    class Meta(InstanceOrTenantOwned.Meta):
        db_table = "audit_anchor"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "number"], name="audit_anchor_number")]


class AuditTombstone(InstanceOrTenantOwned):
    """Entries from `first` to `last` were purged. Where none says so, the database deletes no entry."""

    first = models.BigIntegerField()
    last = models.BigIntegerField()
    document = models.TextField()
    """Signed."""

    class Meta(InstanceOrTenantOwned.Meta):
        db_table = "audit_tombstone"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "first"], name="audit_tombstone_first")]


class AuditPlace(InstanceOrTenantOwned):
    """A credential was used from this network before."""

    credential = models.CharField(max_length=64)
    network = models.CharField(max_length=50)

    class Meta(InstanceOrTenantOwned.Meta):
        db_table = "audit_place"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "credential", "network"], name="audit_place_once")]


class AuditRead(InstanceOrTenantOwned):
    """An execution has read something that no entry tells of yet; see `audit.recording.reads`."""

    resource = models.CharField(max_length=40)
    object_id = models.CharField(max_length=300)
    namespace = models.CharField(max_length=150)
    reader = models.CharField(max_length=255)
    execution_id = models.CharField(max_length=64)
    count = models.IntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta(InstanceOrTenantOwned.Meta):
        db_table = "audit_read"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "resource", "object_id", "namespace", "reader", "execution_id"],
                name="audit_read_once",
            )
        ]


class AuditTerm(models.Model):
    """Entries tell a `key:value` or a word that has this number; see `audit.searching.index`."""

    pk = models.CompositePrimaryKey("tenant_id", "term", "seq")
    tenant_id = models.CharField(max_length=TENANT_ID_LENGTH)
    term = models.BigIntegerField()
    seq = models.BigIntegerField()
    seqs = ArrayField(models.BigIntegerField(), null=True)
    """All of them, where there is another one but `seq`."""

    class Meta:
        db_table = "audit_term"


class AuditWord(models.Model):
    """A name or word that entries say, by its term."""

    pk = models.CompositePrimaryKey("tenant_id", "term")
    tenant_id = models.CharField(max_length=TENANT_ID_LENGTH)
    term = models.BigIntegerField()
    word = models.TextField()

    class Meta:
        db_table = "audit_word"


class AuditCursor(InstanceOrTenantOwned):
    """How far a tenant's entries have been shipped to one destination."""

    destination = models.CharField(max_length=200)
    seq = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True, default="")

    class Meta(InstanceOrTenantOwned.Meta):
        db_table = "audit_cursor"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "destination"], name="audit_cursor_destination")]
