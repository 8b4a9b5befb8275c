"""Secrets in HashiCorp Vault or OpenBao: its key-value engine, of either version."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field, SecretStr, ValidationInfo, model_validator

from control_plane.kernel.words.egress import EgressPolicy
from plugins.secrets.naming import Template, check_template
from plugins.secrets.port import (
    BackendMisconfigured,
    BackendRefused,
    Described,
    Level,
    Place,
    SecretsBackend,
)
from plugins.secrets.settings import Group, RemoteSettings
from plugins.secrets.speaking import Answer, Speaker, Token

T = TypeVar("T")

_VALUE = "value"
_DESCRIPTION = "description"
_MOST_METADATA = 50
"""Secrets of one list whose descriptions are asked for: each takes a request."""
_KUBERNETES_TOKEN = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")
_TEMPLATE = "{tenant}/{namespace}/{key}"


class TokenAuth(Group):
    token: SecretStr


class Userpass(Group):
    path: str = "userpass"
    user: str
    password: SecretStr


class AppRole(Group):
    path: str = "approle"
    role_id: str
    secret_id: SecretStr | None = None


class JwtAuth(Group):
    """A token of another issuer, as the JWT and OIDC methods take it."""

    path: str = "jwt"
    role: str
    token: SecretStr | None = None
    file: Path | None = None
    """Where the token is found, read at each sign-in; for the operator of the instance alone."""


class KubernetesAuth(Group):
    """The account of the servers in their cluster; for the operator of the instance alone."""

    path: str = "kubernetes"
    role: str
    file: Path = _KUBERNETES_TOKEN


class VaultSettings(RemoteSettings):
    ADDRESSES = ("address", "caCertificate", "namespace")

    address: str
    namespace: str | None = None
    """Namespace of the server itself, which only some editions have."""
    engine_version: Literal[1, 2] = 2
    root_engine: str = Field(default="secret", min_length=1)
    """Where the key-value engine is mounted."""
    secret_path_prefix: str = ""
    """The folder in which secrets are. With one, and no template, they lie in it by their names alone."""
    path_template: str | None = None
    """How a secret is called below the prefix; `{tenant}/{namespace}/{key}` when there is none."""
    token: TokenAuth | None = None
    password: Userpass | None = None
    app_role: AppRole | None = None
    jwt: JwtAuth | None = None
    kubernetes: KubernetesAuth | None = None

    @model_validator(mode="after")
    def _one_way_in(self, info: ValidationInfo) -> VaultSettings:
        ways = [each for each in (self.token, self.password, self.app_role, self.jwt, self.kubernetes) if each]
        if len(ways) != 1:
            raise ValueError("say one way to sign in: token, password, appRole, jwt or kubernetes")
        level = (info.context or {}).get("level", Level.INSTANCE)
        reads_files = self.kubernetes is not None or (self.jwt is not None and self.jwt.file is not None)
        if reads_files and level is not Level.INSTANCE:
            raise ValueError("an identity of the servers themselves is for the operator of the instance alone")
        if self.jwt is not None and (self.jwt.token is None) == (self.jwt.file is None):
            raise ValueError("jwt: say either token or file")
        if self.path_template is not None:
            check_template(self.path_template)
        return self

    @property
    def template(self) -> str:
        given = self.path_template or ("{key}" if self.secret_path_prefix else _TEMPLATE)
        return "/".join(part for part in (self.secret_path_prefix.strip("/"), given) if part)


class VaultBackend(SecretsBackend):
    """Signs in again when its token has ended, and renews one that can be renewed when half of its time is over."""

    TYPE = "vault"
    ALIASES = ("openbao", "hashicorp-vault")
    TITLE = "HashiCorp Vault or OpenBao"
    SETTINGS = VaultSettings

    def __init__(self, settings: Any, level: Level, policy: EgressPolicy) -> None:
        super().__init__(settings, level, policy)
        self._template = Template(settings.template, namespace_separator="/")
        self._token = Token(self._signed_in)
        self._is_renewable = False
        self.keeps_descriptions = self.keeps_tags = settings.engine_version == 2

    @cached_property
    def _speaker(self) -> Speaker:
        known: VaultSettings = self.settings
        return Speaker(known.address, self.policy, timeout=known.timeout_seconds, ca=known.ca_certificate)

    def names(self, place: Place) -> list[str]:
        folder = self._template.before_key(place).rstrip("/")
        try:
            found = self._asking(lambda engine: engine.list_secrets(path=folder, **self._mount))
        except KeyError:
            return []
        return [name for name in found["data"]["keys"] if not name.endswith("/")]

    def entries(self, place: Place) -> list[Described]:
        names = self.names(place)
        described = [self._described(place, name) for name in names[:_MOST_METADATA]]
        return [*described, *map(Described, names[_MOST_METADATA:])]

    def _described(self, place: Place, key: str) -> Described:
        if self.settings.engine_version == 1:
            return Described(key)
        path = self._template.name(place, key)
        try:
            found = self._asking(lambda engine: engine.read_secret_metadata(path=path, **self._mount))
        except (KeyError, BackendRefused):
            return Described(key)
        custom = found["data"].get("custom_metadata") or {}
        tags = {name: text for name, text in custom.items() if name != _DESCRIPTION}
        return Described(key, custom.get(_DESCRIPTION, ""), tags)

    def get(self, place: Place, key: str) -> str | None:
        path = self._template.name(place, key)
        try:
            if self.settings.engine_version == 1:
                return _text_of(self._asking(lambda engine: engine.read_secret(path=path, **self._mount))["data"])
            read = {"raise_on_deleted_version": True, **self._mount}
            return _text_of(self._asking(lambda engine: engine.read_secret_version(path=path, **read))["data"]["data"])
        except KeyError:
            return None

    def put(self, place: Place, described: Described, value: str) -> None:
        path, content = self._template.name(place, described.key), {_VALUE: value}
        try:
            self._asking(lambda engine: engine.create_or_update_secret(path=path, secret=content, **self._mount))
            if self.settings.engine_version == 2:
                self._tell(path, described)
        except KeyError:
            raise BackendMisconfigured(f"{self._speaker.name} knows no engine `{self.settings.root_engine}`") from None

    def _tell(self, path: str, described: Described) -> None:
        """Whoever may write values may not always write about them: the value is what counts."""
        told = {**described.tags, **({_DESCRIPTION: described.description} if described.description else {})}
        try:
            self._asking(lambda engine: engine.update_metadata(path=path, custom_metadata=told, **self._mount))
        except BackendRefused:
            return

    def remove(self, place: Place, key: str) -> bool:
        path = self._template.name(place, key)
        if self.settings.engine_version == 1:
            self._asking(lambda engine: engine.delete_secret(path=path, **self._mount))
        else:
            self._asking(lambda engine: engine.delete_metadata_and_all_versions(path=path, **self._mount))
        return True

    @property
    def _mount(self) -> dict[str, str]:
        return {"mount_point": self.settings.root_engine.strip("/")}

    def _asking(self, act: Callable[[Any], T]) -> T:
        """Raises KeyError for what is not there. A token that was taken back meanwhile is replaced once."""
        from hvac.api.secrets_engines import KvV1, KvV2

        engine = KvV1 if self.settings.engine_version == 1 else KvV2
        return self._token.using(lambda token: _found(lambda: act(engine(self._adapter(token)))))

    def _adapter(self, token: str = "") -> Any:
        return _adapter(self._speaker, token, self.settings.namespace)

    def _signed_in(self, before: str | None) -> tuple[str, float | None]:
        if before is not None and self._is_renewable:
            renewed = self._renewed(before)
            if renewed is not None:
                return renewed
        if self.settings.token is not None:
            return self._given_token(self.settings.token.token.get_secret_value())
        try:
            return self._kept(_found(lambda: self._login(self._adapter()))["auth"])
        except KeyError:
            raise BackendMisconfigured(f"{self._speaker.name} has no such way to sign in") from None

    def _given_token(self, token: str) -> tuple[str, float | None]:
        """A token without an end, or whose end it may not know itself, is used for as long as it is taken."""
        from hvac.api.auth_methods import Token as Tokens

        try:
            told = _found(Tokens(self._adapter(token)).lookup_self)["data"]
        except (BackendRefused, KeyError):
            return token, None
        self._is_renewable = bool(told.get("renewable"))
        return token, float(told["ttl"]) / 2 if told.get("ttl") and self._is_renewable else None

    def _renewed(self, token: str) -> tuple[str, float | None] | None:
        from hvac.api.auth_methods import Token as Tokens

        try:
            told = _found(Tokens(self._adapter(token)).renew_self)
        except (BackendRefused, BackendMisconfigured, KeyError):
            return None
        return self._kept(told["auth"])

    def _kept(self, auth: Mapping[str, Any]) -> tuple[str, float | None]:
        self._is_renewable = bool(auth.get("renewable"))
        seconds = float(auth.get("lease_duration") or 0)
        return str(auth["client_token"]), (seconds / 2 if self._is_renewable else seconds) or None

    def _login(self, adapter: Any) -> Any:
        from hvac.api import auth_methods

        known: VaultSettings = self.settings
        if known.password is not None:
            way = {"username": known.password.user, "password": known.password.password.get_secret_value()}
            return auth_methods.Userpass(adapter).login(**way, use_token=False, mount_point=known.password.path)
        if known.app_role is not None:
            secret = known.app_role.secret_id.get_secret_value() if known.app_role.secret_id else None
            roles = auth_methods.AppRole(adapter)
            return roles.login(known.app_role.role_id, secret, use_token=False, mount_point=known.app_role.path)
        if known.jwt is not None:
            jwt = known.jwt.token.get_secret_value() if known.jwt.token else _content(known.jwt.file)
            return auth_methods.JWT(adapter).jwt_login(known.jwt.role, jwt, use_token=False, path=known.jwt.path)
        assert known.kubernetes is not None
        cluster = auth_methods.Kubernetes(adapter)
        jwt = _content(known.kubernetes.file)
        return cluster.login(known.kubernetes.role, jwt, use_token=False, mount_point=known.kubernetes.path)


def _content(file: Path | None) -> str:
    try:
        return (file or _KUBERNETES_TOKEN).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BackendMisconfigured(f"The token to sign in with cannot be read: {error}") from None


def _text_of(content: Mapping[str, Any] | None) -> str | None:
    """A secret that was set from here is one text; any other is the JSON of its fields, for `subkey`."""
    if content is None:
        return None
    if set(content) == {_VALUE} and isinstance(content[_VALUE], str):
        return str(content[_VALUE])
    return json.dumps(content, ensure_ascii=False)


def _found(act: Callable[[], T]) -> T:
    """Raises KeyError for what is not there."""
    from hvac.exceptions import InvalidPath

    try:
        return act()
    except InvalidPath:
        raise KeyError from None


def _adapter(speaker: Speaker, token: str, namespace: str | None) -> Any:
    """hvac over our own way out."""
    from hvac.adapters import JSONAdapter

    class Through(JSONAdapter):  # type: ignore[misc]  # hvac has no types
        def __init__(self) -> None:
            self.token, self.namespace = token, namespace

        def request(self, method: str, url: str, headers: Any = None, raise_exception: bool = True, **more: Any) -> Any:
            return _asked(speaker, self.token, self.namespace, method, url, more)

    return Through()


def _asked(speaker: Speaker, token: str, namespace: str | None, method: str, path: str, more: Mapping[str, Any]) -> Any:
    from hvac.exceptions import InvalidPath

    headers = {"X-Vault-Request": "true"}
    if token:
        headers["X-Vault-Token"] = token
    if namespace:
        headers["X-Vault-Namespace"] = namespace
    given = {name: more[name] for name in ("json", "params") if more.get(name) is not None}
    if method.lower() == "list":
        method, given["params"] = "get", {**given.get("params", {}), "list": "true"}
    answer = speaker.ask(method.upper(), path, accepted=(200, 204, 404), headers=headers, **given)
    if answer.status_code == 404:
        _check_there(speaker, answer)
        raise InvalidPath(method=method, url=path)
    return speaker.json(answer) if answer.status_code == 200 else answer


def _check_there(speaker: Speaker, answer: Answer) -> None:
    """No such secret, or a whole engine that is not there, or one of another version: told by what else it says."""
    body = speaker.json(answer) if answer.content else {}
    told = [*(body.get("errors") or ()), *(body.get("warnings") or ())]
    if told:
        raise BackendMisconfigured(f"{speaker.name}: {str(told[0]).strip()[:200]}")
