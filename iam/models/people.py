"""Users, what they belong to and may do, and the credentials they show."""

from __future__ import annotations

from typing import Any

from django.db import models

from control_plane.kernel.models import TENANT_ID_LENGTH, IdField, InstanceOrTenantOwned, TenantForeignKey, TenantOwned
from control_plane.kernel.words.ids import ID_LENGTH, new_id

ROLE_ID_LENGTH = TENANT_ID_LENGTH + 17
"""Long enough for the name of a managed role and its tenant."""


class User(models.Model):
    """A person. Global: what one may do is said per tenant."""

    id = IdField(primary_key=True, default=new_id, editable=False)
    email = models.CharField(max_length=255)
    """Lower case; also what one signs in with."""
    home = models.CharField(max_length=TENANT_ID_LENGTH, blank=True, default="")
    """The tenant whose own directory made the user, "" for everybody else: no credential of theirs opens another one,
    and their address is that directory's word alone."""
    first_name = models.CharField(max_length=255, blank=True, default="")
    last_name = models.CharField(max_length=255, blank=True, default="")
    password = models.CharField(max_length=255, blank=True, default="")
    password_version = models.PositiveIntegerField(default=1)
    """Moves with every change of the password: whatever was proved by the old one is void."""
    is_superadmin = models.BooleanField(default=False)
    is_address_claimed = models.BooleanField(default=False)
    """The address is the user's own word: no invitation to it is theirs until they show its link."""
    is_restricted = models.BooleanField(default=False)
    is_disabled = models.BooleanField(default=False)
    preferences = models.JSONField[dict[str, str], dict[str, str]](default=dict, blank=True)
    """`language`, `theme` and `timeZone`, as far as they were chosen."""
    created_at = models.DateTimeField(auto_now_add=True)
    last_login_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "iam_user"
        constraints = [models.UniqueConstraint(fields=["home", "email"], name="iam_user_address")]


class ServiceAccount(InstanceOrTenantOwned):
    """A machine's identity, of a tenant or of the instance."""

    name = models.CharField(max_length=255)
    description = models.TextField(blank=True, default="")
    is_superadmin = models.BooleanField(default=False)
    is_disabled = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(InstanceOrTenantOwned.Meta):
        db_table = "iam_service_account"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "name"], name="iam_service_account_name")]


class AccountAccess(TenantOwned):
    """A service account of the instance may enter the tenant, which cannot read the account: its name is repeated."""

    service_account = models.ForeignKey(
        ServiceAccount, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    name = models.CharField(max_length=255)
    description = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantOwned.Meta):
        db_table = "iam_account_access"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "service_account"], name="iam_account_access_once")]


class Group(TenantOwned):
    """People who get the same roles."""

    name = models.CharField(max_length=255)
    description = models.TextField(blank=True, default="")
    is_external = models.BooleanField(default=False)
    managed_by = models.CharField(max_length=ID_LENGTH, blank=True, default="")
    """The directory pushes the whole group: its name and members are not edited by hand."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantOwned.Meta):
        db_table = "iam_group"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "name"], name="iam_group_name")]


class GroupMember(TenantOwned):
    """The place of a user or a service account in a group; an owner may manage the members."""

    group = TenantForeignKey(Group, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+")
    service_account = models.ForeignKey(
        ServiceAccount, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    is_owner = models.BooleanField(default=False)
    managed_by = models.CharField(max_length=ID_LENGTH, blank=True, default="")
    """The directory (an identity provider, a SCIM integration) that gave the place and alone takes it; "" by hand."""

    class Meta(TenantOwned.Meta):
        db_table = "iam_group_member"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "group", "user"], name="iam_group_member_once"),
            models.UniqueConstraint(fields=["tenant_id", "group", "service_account"], name="iam_group_account_once"),
            models.CheckConstraint(
                name="iam_group_member_one",
                condition=models.Q(user__isnull=False, service_account__isnull=True)
                | models.Q(user__isnull=True, service_account__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["tenant_id", "user"], name="iam_group_member_user")]


class Role(TenantOwned):
    """A named set of permissions: `{"FLOW": ["VIEW", "LIST"]}`. The managed ones come with the tenant.

    A managed role is named `viewer_<tenant>`; what it holds is said by the catalogue, never by its row.
    """

    id = IdField(primary_key=True, default=new_id, editable=False, max_length=ROLE_ID_LENGTH)
    name = models.CharField(max_length=255)
    description = models.TextField(blank=True, default="")
    permissions = models.JSONField[dict[str, list[str]], dict[str, list[str]]](default=dict)
    is_managed = models.BooleanField(default=False)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantOwned.Meta):
        db_table = "iam_role"


class Binding(TenantOwned):
    """A role given to exactly one of a user, a group or a service account, for a namespace or the whole tenant."""

    role = TenantForeignKey(Role, on_delete=models.CASCADE, related_name="bindings")
    user = models.ForeignKey(User, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+")
    group = TenantForeignKey(Group, on_delete=models.CASCADE, null=True, related_name="bindings")
    service_account = models.ForeignKey(
        ServiceAccount, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    namespace = models.CharField(max_length=150, null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantOwned.Meta):
        db_table = "iam_binding"
        constraints = [
            models.CheckConstraint(
                name="iam_binding_one_holder",
                condition=models.Q(user__isnull=False, group__isnull=True, service_account__isnull=True)
                | models.Q(user__isnull=True, group__isnull=False, service_account__isnull=True)
                | models.Q(user__isnull=True, group__isnull=True, service_account__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["tenant_id", "role", "user", "group", "service_account", "namespace"],
                name="iam_binding_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "user"], name="iam_binding_user"),
            models.Index(fields=["tenant_id", "group"], name="iam_binding_group"),
        ]


class TenantAccess(TenantOwned):
    """Somebody may enter the tenant; what they may do there is another matter."""

    user = models.ForeignKey(User, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    managed_by = models.CharField(max_length=ID_LENGTH, blank=True, default="")
    is_suspended = models.BooleanField(default=False)
    """The directory has deactivated them: what they hold is kept and gives nothing."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantOwned.Meta):
        db_table = "iam_tenant_access"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "user"], name="iam_tenant_access_once")]
        indexes = [models.Index(fields=["user"], name="iam_tenant_access_user")]


class Invitation(TenantOwned):
    """Somebody is asked into the tenant by e-mail, with roles and places in groups. Its link is the secret.

    `roles` are `{"id": ..., "namespaces": [...]}` and `groups` ids; what is gone by then is not given.
    """

    email = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    sealed = models.TextField()
    """The secret again, encrypted: whoever could give all of this may copy the link."""
    roles = models.JSONField[list[dict[str, Any]], list[dict[str, Any]]](default=list)
    groups = models.JSONField[list[str], list[str]](default=list)
    is_superadmin = models.BooleanField(default=False)
    invited_by = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField()
    mail = models.CharField(max_length=10, blank=True, default="")
    """What became of the message: QUEUED, SENT, FAILED, or "" where no mail server is configured."""
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        db_table = "iam_invitation"
        indexes = [
            models.Index(fields=["digest"], name="iam_invitation_digest"),
            models.Index(fields=["email"], name="iam_invitation_email"),
        ]


class ApiToken(models.Model):
    """A secret for programs. Global: it is looked up, by its digest alone, before any tenant is known."""

    id = IdField(primary_key=True, default=new_id, editable=False)
    digest = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=16)
    name = models.CharField(max_length=63)
    description = models.TextField(blank=True, default="")
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="tokens")
    service_account = models.ForeignKey(
        ServiceAccount, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    tenant_id = models.CharField(max_length=TENANT_ID_LENGTH, blank=True, default="")
    """The tenant that it opens and no other one: that of a service account, or of a session that made the token."""
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    lifetime_seconds = models.PositiveBigIntegerField(null=True)
    is_extended = models.BooleanField(default=False)
    """Each use moves the end."""
    last_used_at = models.DateTimeField(null=True)
    networks = models.JSONField[list[str], list[str]](default=list, blank=True)
    """CIDR ranges that it may be used from; from everywhere where there is none."""

    class Meta:
        db_table = "iam_api_token"


class Session(models.Model):
    """A sign-in in a browser. The cookie names it; deleting the row ends it at once."""

    id = IdField(primary_key=True, default=new_id, editable=False)
    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True, default="")
    acting_as = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    """A superadmin acts as this user, for as long as they say."""
    home = models.CharField(max_length=TENANT_ID_LENGTH, blank=True, default="")
    """The tenant whose provider vouched for the user: the session opens no other one."""
    provider_id = models.CharField(max_length=ID_LENGTH, blank=True, default="")
    """The identity provider that signed the user in, "" for a password."""
    subject = models.CharField(max_length=255, blank=True, default="")
    provider_session = models.CharField(max_length=255, blank=True, default="")
    """The provider's own name of its session (`sid`)."""
    sealed_hint = models.TextField(blank=True, default="")
    """The ID token, encrypted: what the provider wants to see at sign-out."""

    class Meta:
        db_table = "iam_session"
        indexes = [
            models.Index(fields=["expires_at"], name="iam_session_end"),
            models.Index(
                fields=["provider_id", "subject"], name="iam_session_provider", condition=~models.Q(provider_id="")
            ),
        ]


class IdentityProvider(InstanceOrTenantOwned):
    """A directory that says who somebody is and which groups they are in."""

    name = models.CharField(max_length=63)
    """Part of its addresses: lower case letters, digits and hyphens."""
    title = models.CharField(max_length=255)
    kind = models.CharField(max_length=10)
    preset = models.CharField(max_length=20, blank=True, default="generic")
    is_enabled = models.BooleanField(default=True)
    settings = models.JSONField[dict[str, Any], dict[str, Any]](default=dict)
    sealed = models.TextField(blank=True, default="")
    """The client secret, or the password of the bind, encrypted."""
    rules = models.JSONField[list[dict[str, Any]], list[dict[str, Any]]](default=list)
    domains = models.JSONField[list[str], list[str]](default=list)
    """Whose e-mail address ends in one of these is led here by the sign-in page."""
    found = models.JSONField[dict[str, Any], dict[str, Any]](default=dict)
    """What discovery said last."""
    created_at = models.DateTimeField(auto_now_add=True)
    synced_at = models.DateTimeField(null=True)
    last_sync = models.JSONField[dict[str, Any], dict[str, Any]](default=dict)

    class Meta(InstanceOrTenantOwned.Meta):
        db_table = "iam_identity_provider"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "name"], name="iam_identity_provider_name")]


class ExternalIdentity(models.Model):
    """Whom a provider means by a subject. Global like the user; an account is bound to this, never to an address."""

    id = IdField(primary_key=True, default=new_id, editable=False)
    provider_id = models.CharField(max_length=ID_LENGTH)
    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=255)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="identities")
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField()
    trace = models.JSONField[dict[str, Any], dict[str, Any]](default=dict)
    """What the last sign-in brought and which rule gave which group: for who asks why."""
    left_at = models.DateTimeField(null=True)
    """When a sync found that the directory knows them no more."""
    has_closed = models.BooleanField(default=False)
    """The account was closed because of that, so their return opens it; whom an admin closed, it does not."""

    class Meta:
        db_table = "iam_external_identity"
        constraints = [
            models.UniqueConstraint(fields=["provider_id", "issuer", "subject"], name="iam_external_identity_once")
        ]


class UsedOnce(models.Model):
    """Something that works once and was used: the state of a sign-in, the id of a logout token."""

    digest = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "iam_used_once"
        indexes = [models.Index(fields=["expires_at"], name="iam_used_once_end")]


class LoginFailures(models.Model):
    """Wrong passwords for one name, known or not: the answer must not tell which.

    `place` is a network that the user has signed in from before, counted by itself, or "" for everywhere else.
    """

    id = IdField(primary_key=True, default=new_id, editable=False)
    email = models.CharField(max_length=255)
    place = models.CharField(max_length=64, blank=True, default="")
    count = models.PositiveIntegerField()
    since = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "iam_login_failures"
        constraints = [models.UniqueConstraint(fields=["email", "place"], name="iam_login_failures_once")]


class KnownPlace(models.Model):
    """A network that a user has signed in from lately."""

    id = IdField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="places")
    network = models.CharField(max_length=64)
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "iam_known_place"
        constraints = [models.UniqueConstraint(fields=["user", "network"], name="iam_known_place_once")]


class PasswordReset(models.Model):
    """A link that was mailed to somebody who forgot their password. It works once."""

    id = IdField(primary_key=True, default=new_id, editable=False)
    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="resets")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "iam_password_reset"


class ResetRequests(models.Model):
    """How often a new password was asked for by one name, known or not."""

    email = models.CharField(max_length=255, primary_key=True)
    count = models.PositiveIntegerField()
    since = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        db_table = "iam_reset_requests"


class Refusal(InstanceOrTenantOwned):
    """Somebody was told no. Its id is the reference in what they were told, by which an admin finds out why."""

    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=255)
    method = models.CharField(max_length=10)
    path = models.CharField(max_length=500)
    asked = models.CharField(max_length=80, blank=True, default="")
    """The permission that was missing, such as `FLOW.CREATE`; "" where it was another rule."""
    namespace = models.CharField(max_length=150, null=True)
    message = models.CharField(max_length=500)
    request_id = models.CharField(max_length=64)

    class Meta(InstanceOrTenantOwned.Meta):
        db_table = "iam_refusal"
        indexes = [
            models.Index(fields=["tenant_id", "-at"], name="iam_refusal_latest"),
            models.Index(fields=["tenant_id", "actor_id", "-at"], name="iam_refusal_actor"),
        ]


class RightsVersion(models.Model):
    """A number that every change of rights moves: of one tenant, or of identities (scope "").

    A tenant's row exists as long as the tenant, so that one query tells both.
    """

    scope = models.CharField(max_length=TENANT_ID_LENGTH, primary_key=True)
    number = models.BigIntegerField(default=1)

    class Meta:
        db_table = "iam_rights_version"
