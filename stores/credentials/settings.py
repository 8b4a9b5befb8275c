"""What a credential is made of, by its type: as it is sent, kept and used. What is sensitive is named, never held."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError, field_validator

from control_plane.kernel.api.bodies import Body
from control_plane.kernel.api.errors import from_pydantic
from control_plane.kernel.words.addresses import is_this_machine, parse_address
from control_plane.kernel.words.durations import parse_duration
from control_plane.kernel.words.errors import Invalid, Violation

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
GITHUB = "https://api.github.com"
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,500}")
_OURS = frozenset({"iss", "sub", "aud", "exp", "iat", "nbf", "jti"})
_MOST_CLAIMS = 50
_LONGEST_MARGIN = timedelta(days=1)


class SecretReference(Body):
    """A secret by its key. Without a namespace it is looked up from that of the credential."""

    type: Literal["SECRET"] = "SECRET"
    secret_key: str = Field(min_length=1, max_length=255)
    namespace: str | None = Field(default=None, max_length=150)


class PlainValue(Body):
    """What need not be hidden."""

    type: Literal["VALUE"] = "VALUE"
    value: str = Field(min_length=1, max_length=2000)


def _as_property(given: Any) -> Any:
    """A bare text or number is a value; an object that does not say what it is tells by what is in it."""
    if isinstance(given, str) or (isinstance(given, int) and not isinstance(given, bool)):
        return {"type": "VALUE", "value": str(given)}
    if isinstance(given, dict) and "type" not in given:
        return {**given, "type": "SECRET" if "secretKey" in given else "VALUE"}
    return given


def _as_reference(given: Any) -> Any:
    if isinstance(given, str) or (isinstance(given, dict) and "value" in given):
        raise ValueError("must name a secret by its `secretKey`: the value itself is kept nowhere else")
    return given


Property = Annotated[PlainValue | SecretReference, Field(discriminator="type"), BeforeValidator(_as_property)]
Sensitive = Annotated[SecretReference, BeforeValidator(_as_reference)]


class TokenCaching(Body):
    """Whether a token is used until shortly before it ends, and how shortly."""

    enabled: bool = True
    refresh_before_expiry: str = "PT1M"

    @field_validator("refresh_before_expiry")
    @classmethod
    def _is_a_duration(cls, value: str) -> str:
        if not timedelta() <= parse_duration(value) <= _LONGEST_MARGIN:
            raise ValueError("must be a duration from zero to a day")
        return value

    @property
    def margin(self) -> timedelta:
        return parse_duration(self.refresh_before_expiry)


class ClientCredentials(Body):
    """A client with a secret of its own (RFC 6749, 4.4)."""

    type: Literal["CLIENT_CREDENTIALS"]
    client_id: Property
    client_secret: Sensitive
    client_authentication: Literal["BASIC", "POST"] = "BASIC"
    """Where the secret stands: in the header, or in the body for servers that want it there."""


class _Signed(Body):
    private_key: Sensitive
    certificate: Sensitive | None = None
    """Of the key, in PEM: its thumbprints go into the header, as Microsoft Entra wants them."""
    key_id: Property | None = None
    algorithm: Algorithm = "RS256"


class JwtBearer(_Signed):
    """A signed assertion instead of a grant (RFC 7523, 2.1)."""

    type: Literal["JWT_BEARER"]
    issuer: Property
    subject: Property | None = None
    client_id: Property | None = None
    client_secret: Sensitive | None = None
    """For servers that want the client to be known beside the assertion."""
    additional_claims: dict[str, Any] = {}

    @field_validator("additional_claims")
    @classmethod
    def _leaves_ours_alone(cls, value: dict[str, Any]) -> dict[str, Any]:
        taken = sorted(_OURS & value.keys())
        if taken:
            raise ValueError(f"`{taken[0]}` is set from the other properties")
        if len(value) > _MOST_CLAIMS:
            raise ValueError(f"at most {_MOST_CLAIMS} claims")
        return value


class PrivateKeyJwt(_Signed):
    """A client that proves itself by a signed assertion instead of a secret (RFC 7523, 2.2)."""

    type: Literal["PRIVATE_KEY_JWT"]
    client_id: Property


class GithubAppAuth(Body):
    """An app of GitHub as it is installed in one organization or account."""

    app_id: Property
    installation_id: Property
    private_key: Sensitive


OAuth2Auth = Annotated[ClientCredentials | JwtBearer | PrivateKeyJwt, Field(discriminator="type")]


class OAuth2(Body):
    type: Literal["OAUTH2"]
    token_endpoint: str = Field(min_length=1, max_length=2000)
    scopes: list[str] = Field(default=[], max_length=100)
    audience: str | None = Field(default=None, max_length=2000)
    token_caching: TokenCaching = TokenCaching()
    auth_config: OAuth2Auth

    @field_validator("scopes")
    @classmethod
    def _are_scopes(cls, value: list[str]) -> list[str]:
        for scope in value:
            if not _SCOPE.fullmatch(scope):
                raise ValueError(f"`{scope[:60]}` is no scope")
        return value

    @field_validator("audience")
    @classmethod
    def _may_be_taken_away(cls, value: str | None) -> str | None:
        return value or None

    @property
    def address(self) -> str:
        return self.token_endpoint


class GithubApp(Body):
    type: Literal["GITHUB_APP"]
    api_url: str = Field(default=GITHUB, max_length=2000)
    """Of GitHub Enterprise Server where it is not github.com's."""
    token_caching: TokenCaching = TokenCaching()
    auth_config: GithubAppAuth

    @property
    def address(self) -> str:
        return self.api_url


Settings = OAuth2 | GithubApp
_settings: TypeAdapter[Settings] = TypeAdapter(Annotated[Settings, Field(discriminator="type")])
ADDRESS = {"OAUTH2": "tokenEndpoint", "GITHUB_APP": "apiUrl"}


def read_settings(sent: Mapping[str, Any], *, is_http_allowed: bool = False) -> Settings:
    """The settings as they were sent or kept. Invalid naming each wrong property."""
    try:
        settings = _settings.validate_python(_in_capitals(sent))
    except ValidationError as error:
        raise _without_tags(from_pydantic(error)) from None
    _check_address(ADDRESS[settings.type], settings.address, is_http_allowed)
    return settings


def _without_tags(error: Invalid) -> Invalid:
    """Properties as they are sent: which of several kinds was tried is no part of the way to one."""
    found = [replace(each, path=".".join(_path(each.path)) or "type") for each in error.violations]
    return Invalid(f"{found[0].path}: {found[0].message}", violations=found)


def _path(path: str) -> list[str]:
    return [part for part in path.split(".") if not part.isupper()]


def known_settings(kept: Mapping[str, Any]) -> Settings:
    """Of a row: what was checked when it was written."""
    return _settings.validate_python(dict(kept))


def to_keep(settings: Settings) -> dict[str, Any]:
    return settings.model_dump(mode="json", by_alias=True, exclude_none=True)


def references(settings: Settings) -> Iterator[tuple[str, SecretReference]]:
    """Every secret that a credential names, by the property that names it."""
    auth = settings.auth_config
    for name, field in type(auth).model_fields.items():
        value = getattr(auth, name)
        if isinstance(value, SecretReference):
            yield f"authConfig.{field.alias or name}", value


def _in_capitals(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Types are words of any case: `oauth2`, `client_credentials`."""
    settings = {**sent, "type": _word(sent.get("type"))}
    auth = sent.get("authConfig")
    if isinstance(auth, dict) and "type" in auth:
        settings["authConfig"] = {**auth, "type": _word(auth["type"])}
    return settings


def _word(given: Any) -> Any:
    return given.upper().replace("-", "_") if isinstance(given, str) else given


def _check_address(name: str, url: str, is_http_allowed: bool) -> None:
    """An https address without a name and password in it; http is for this machine, and for an inner network."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise _wrong(name, f"`{url[:200]}` is no address") from None
    if parts.scheme not in ("https", "http") or not host or "@" in parts.netloc or parts.fragment:
        raise _wrong(name, f"`{url[:200]}` is no https address")
    if parts.scheme == "http" and not is_http_allowed and not _is_here(host):
        raise _wrong(name, "https is needed: what goes there opens the account")


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = parse_address(host)
    except ValueError:
        return False
    return address is not None and is_this_machine(address)


def _wrong(name: str, message: str) -> Invalid:
    return Invalid(f"{name}: {message}", violations=[Violation(message, name)])
