"""What an administrator says of a provider, by kind."""

from __future__ import annotations

import re
from typing import Any, Literal, Self, cast

from pydantic import Field, field_validator, model_validator

from control_plane.kernel.api.bodies import Body, read
from iam.models import IdentityProvider

OIDC, LDAP = "OIDC", "LDAP"
Kind = Literal["OIDC", "LDAP"]
SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Those by a key that only the provider holds; one by a secret that both hold is never accepted."""
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,100}")


class Directory(Body):
    """What both kinds have."""

    create_users: bool = True
    """Whether somebody who is not known yet gets an account."""
    link_verified: bool = False
    """Whether an account that is there is found by a verified address. It is done once: from then on by the subject."""
    tenants: list[str] = Field(default=[], max_length=100)
    """Where everybody is let in who signs in with a provider of the instance."""


class OidcSettings(Directory):
    issuer: str = Field(min_length=1, max_length=500)
    client_id: str = Field(min_length=1, max_length=255)
    scopes: list[str] = Field(default=["openid", "profile", "email"], max_length=30)
    algorithms: list[Literal[SIGNATURES]] = Field(default=[*SIGNATURES], min_length=1)  # type: ignore[valid-type]  # a list of words
    trust_email: bool = False
    """Take addresses for verified although the provider does not say so, as Microsoft Entra never does."""
    use_userinfo: bool = True
    """Ask UserInfo too: many providers tell address and groups there alone."""

    @field_validator("scopes")
    @classmethod
    def _has_openid(cls, value: list[str]) -> list[str]:
        for scope in value:
            if not _SCOPE.fullmatch(scope):
                raise ValueError(f"`{scope[:60]}` is no scope")
        return list(dict.fromkeys(["openid", *value]))

    @field_validator("issuer")
    @classmethod
    def _is_one(cls, value: str) -> str:
        if "{" in value or any(part in value for part in ("/common/", "/organizations/", "/consumers/")):
            raise ValueError("an issuer of one directory is expected: put its own id in the place of `common`")
        return value.strip()


class LdapSettings(Directory):
    url: str = Field(pattern=r"^ldaps?://[^/?#@\s]+$", max_length=500)
    start_tls: bool = False
    ca_certificate: str = Field(default="", max_length=100_000)
    """PEM of the authority that the server's certificate is from; the machine's own where there is none."""
    bind_dn: str = Field(default="", max_length=1000)
    user_base: str = Field(min_length=1, max_length=1000)
    user_filter: str = Field(default="(mail={login})", max_length=1000)
    """Finds whoever signs in; `{login}` stands for what they typed, escaped."""
    id_attribute: str = Field(default="entryUUID", max_length=100)
    """What never changes: `entryUUID`, or `objectGUID` of Active Directory."""
    email_attribute: str = Field(default="mail", max_length=100)
    first_name_attribute: str = Field(default="givenName", max_length=100)
    last_name_attribute: str = Field(default="sn", max_length=100)
    group_base: str = Field(default="", max_length=1000)
    group_filter: str = Field(default="(|(objectClass=groupOfNames)(objectClass=group))", max_length=1000)
    group_name_attribute: str = Field(default="cn", max_length=100)
    member_attribute: str = Field(default="member", max_length=100)
    member_value: Literal["dn", "uid"] = "dn"
    """What a group names its members by."""
    nested: bool = True
    page_size: int = Field(default=500, ge=1, le=5000)
    sync_minutes: int = Field(default=0, ge=0, le=10080)
    """How often everybody is read; 0 for never by itself."""
    disable_missing: bool = False
    """Whether an account that the directory made, and has no more, is disabled by a sync."""

    @model_validator(mode="after")
    def _names_the_login(self) -> Self:
        if "{login}" not in self.user_filter:
            raise ValueError("userFilter must hold {login}")
        if self.start_tls and self.url.startswith("ldaps:"):
            raise ValueError("startTls is for ldap://, since ldaps:// is encrypted from the first byte")
        return self


def check_settings(kind: str, sent: dict[str, Any]) -> dict[str, Any]:
    """The settings as they are kept. Invalid naming what is wrong."""
    model: type[Directory] = OidcSettings if kind == OIDC else LdapSettings
    return read(model, sent).model_dump(mode="json", by_alias=True)


def oidc_settings(provider: IdentityProvider) -> OidcSettings:
    return OidcSettings.model_validate(provider.settings)


def ldap_settings(provider: IdentityProvider) -> LdapSettings:
    return LdapSettings.model_validate(provider.settings)


def directory_settings(provider: IdentityProvider) -> Directory:
    return cast(Directory, oidc_settings(provider) if provider.kind == OIDC else ldap_settings(provider))
