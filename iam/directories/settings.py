"""What an administrator says of an OpenID provider, and of any of either kind."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field, field_validator

from control_plane.kernel.api.bodies import read
from iam.directories.directory import Directory
from iam.directories.ldap import LdapSettings
from iam.models import IdentityProvider

OIDC, LDAP = "OIDC", "LDAP"
SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Those by a key that only the provider holds; one by a secret that both hold is never accepted."""
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,100}")


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


_MODELS: dict[str, type[Directory]] = {OIDC: OidcSettings, LDAP: LdapSettings}
KINDS = tuple(_MODELS)


def check_settings(kind: str, sent: dict[str, Any]) -> dict[str, Any]:
    """The settings as they are kept. Invalid naming what is wrong."""
    return read(_MODELS[kind], sent).model_dump(mode="json", by_alias=True)


def directory_settings(provider: IdentityProvider) -> Directory:
    """What is said of it whatever its kind."""
    return _MODELS[provider.kind].model_validate(provider.settings)


def oidc_settings(provider: IdentityProvider) -> OidcSettings:
    return OidcSettings.model_validate(provider.settings)


def ldap_settings(provider: IdentityProvider) -> LdapSettings:
    return LdapSettings.model_validate(provider.settings)
