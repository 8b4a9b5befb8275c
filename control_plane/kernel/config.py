"""Every knob of an instance, named once: read from `orrery.yml`, then from the environment."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator

from control_plane.kernel.addresses import BrokerUrl, DatabaseUrl, Proxies, RedisUrl, WebUrl
from control_plane.kernel.people import DefaultRole, Lockout, Mail, PasswordReset, Sessions, SignIn, Superadmin
from control_plane.kernel.plugin_lists import Plugins
from control_plane.kernel.secret_knobs import Secrets
from control_plane.kernel.section import Section, split
from control_plane.kernel.storage_knobs import Storage
from control_plane.kernel.trail_knobs import Audit
from control_plane.kernel.variables import Variables
from control_plane.kernel.words.endpoints import endpoint_of

PREFIX = "ORRERY_"
DEFAULT_FILE = Path("orrery.yml")
SHORTEST_KEY = 32
# Names that start with the prefix and are no knob: they say where the knobs are read from.
OUTSIDE = frozenset({"ORRERY_CONFIG"})


class ConfigError(Exception):
    """The configuration is wrong; the message names each key."""


class Worker(Section):
    """The fleet: leases, heartbeats and the platform's own workers."""

    lease_seconds: float = Field(default=30, gt=0)
    """A worker that is silent this long loses its jobs."""
    heartbeat_seconds: float = Field(default=5, gt=0)
    """How often a worker renews its leases."""
    sweep_seconds: float = Field(default=5, gt=0)
    """How often the reconciler looks for ended leases, due timers and unclaimed jobs."""
    poll_seconds: float = Field(default=5, gt=0)
    """How often a free slot asks by itself, so that a lost ticket costs seconds."""
    max_losses: int = Field(default=3, ge=1)
    """A task run that lost its worker this often fails."""
    slots: int = Field(default=8, ge=1, le=1024)
    """Jobs one worker process runs at once."""
    broker_url: BrokerUrl = Field(default=None, repr=False)
    """Broker address that workers are told, for a user who reaches tickets alone; `broker_url` when absent."""
    drain_seconds: float = Field(default=30, ge=0)
    """How long a stopping worker lets its running jobs finish."""
    local_paths: tuple[Path, ...] = ()
    """Folders of the worker's machine that flows may read and write, divided by commas; none when absent."""
    trusts_containers: bool = False
    """Let flows give a container all rights on the machine, its network, or that of another container."""

    @field_validator("local_paths", mode="before")
    @classmethod
    def _paths_of_a_list(cls, value: object) -> object:
        return split(value)

    @field_validator("local_paths")
    @classmethod
    def _whole_paths(cls, value: tuple[Path, ...]) -> tuple[Path, ...]:
        if any(not path.is_absolute() for path in value):
            raise ValueError("each path begins at the root of the file system")
        return value

    @model_validator(mode="after")
    def _heartbeats_fit_into_a_lease(self) -> Self:
        if self.heartbeat_seconds * 2 > self.lease_seconds:
            raise ValueError("heartbeat_seconds must be at most half of lease_seconds")
        return self


class Egress(Section):
    """Where tasks and the platform may connect to. Link-local and metadata addresses are always refused."""

    allow_private: bool = False
    """Allow private and loopback addresses."""
    allow_self: bool = False
    """Allow this instance's own web address."""
    refused: tuple[str, ...] = ()
    """`host:port` that nothing connects to, such as our own databases. Separated by commas in the environment."""

    @field_validator("refused", mode="before")
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        return split(value)

    @field_validator("refused")
    @classmethod
    def _name_servers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            endpoint_of(each)
        return value


class Limits(Section):
    """Sizes beyond which a request is refused."""

    body_bytes: int = Field(default=10 * 1024 * 1024, ge=1024)
    """Largest request body that is not an upload."""
    upload_bytes: int = Field(default=5 * 1024**3, ge=1024)
    """Largest uploaded file."""
    namespace_file_bytes: int = Field(default=256 * 1024**2, ge=1024)
    """Largest file of a namespace."""
    namespace_archive_bytes: int = Field(default=1024**3, ge=1024)
    """Most that a ZIP of namespace files may hold when it is unpacked."""
    yaml_bytes: int = Field(default=1024 * 1024, ge=1024)
    """Largest flow source."""
    preview_bytes: int = Field(default=1024 * 1024, ge=1024)
    """Most that a file preview reads."""
    subflow_depth: int = Field(default=50, ge=1)
    """Executions that may stand above one: a subflow that would stand deeper is not started."""
    execution_bytes: int | None = Field(default=None, ge=1024)
    """Most that an execution may hold of inputs and outputs together; one that grows beyond fails. None is no limit."""
    page_size: int = Field(default=10_000, ge=1)
    """Most results one page of a list may have."""


class Admission(Section):
    """What is put up with before we know who is there, and from whom it takes how much at once."""

    head_seconds: float = Field(default=20, gt=0)
    """How long the head of a request may take, from the connection or from its first byte."""
    head_bytes: int = Field(default=64 * 1024, ge=4096)
    """Largest head of a request: its first line and headers."""
    body_seconds: float = Field(default=30, gt=0)
    """How long a body may take, beside the time that `least_rate` gives it."""
    least_rate: int = Field(default=1024, ge=1)
    """Bytes a second below which a body is too slow once `body_seconds` are over."""
    answer_seconds: float = Field(default=60, gt=0)
    """A client that takes nothing of an answer for this long is cut off."""
    small_bytes: int = Field(default=16 * 1024, ge=1024)
    """Largest body that is taken in before the credentials have been checked."""
    anonymous_bytes: int = Field(default=1024 * 1024, ge=1024)
    """Largest body where no credentials are needed, such as a webhook's."""
    half_sent: int = Field(default=1024, ge=1)
    """Half-sent requests without checked credentials; beyond, the oldest is cut off."""
    half_sent_bytes: int = Field(default=16 * 1024 * 1024, ge=1024 * 1024)
    """Bytes that half-sent requests without checked credentials hold together; beyond, the oldest is cut off."""
    waiting_per_thread: int = Field(default=64, ge=1)
    """Whole requests that may wait for each of `web_threads`."""
    caller_share: float = Field(default=0.75, gt=0, le=1)
    """Part of the threads and of the waiting places that one account, or one unknown address, may take."""
    uploads_per_caller: int = Field(default=64, ge=1)
    """Large bodies that one account may be sending at once."""
    sign_in_threads: int = Field(default=2, ge=1, le=64)
    """Threads that prove passwords; each keeps a database connection, and none of them serves anything else."""
    sign_ins_waiting: int = Field(default=64, ge=1)
    """Sign-ins that may wait for a thread."""
    wrong_sign_ins: int = Field(default=20, ge=1)
    """Wrong passwords from one address at once, beyond which it has to wait."""
    wrong_sign_ins_per_minute: float = Field(default=20, gt=0)
    """As many more as each minute allows."""
    evaluations_per_actor: int = Field(default=2, ge=1)
    """Expressions that one user may have evaluated at once."""
    evaluations_per_tenant: int = Field(default=4, ge=1)
    """Expressions that the users of one tenant may have evaluated at once."""


class Config(Section):
    """Frozen and typed: what this process was told, checked as a whole before anything starts."""

    data_dir: Path = Field(default=Path("var"), validate_default=True)
    """Where the embedded servers, generated secrets and the local storage live."""
    database_url: DatabaseUrl = Field(default=None, repr=False)
    """PostgreSQL as the serving role `orrery_app`: `postgresql://user:password@host:port/name`."""
    owner_database_url: DatabaseUrl = Field(default=None, repr=False)
    """PostgreSQL as the owning role: given to migrations alone, never to a server."""
    redis_url: RedisUrl = Field(default=None, repr=False)
    """Redis or Valkey for the live feed and caches."""
    broker_url: BrokerUrl = Field(default=None, repr=False)
    """Celery's broker, Redis or AMQP; `redis_url` when absent."""
    storage: Storage = Storage()
    secrets: Secrets = Secrets()
    plugins: Plugins = Plugins()
    web_host: str = "127.0.0.1"
    """Address the web server listens on."""
    web_port: int = Field(default=8080, ge=1, le=65535)
    """Port the web server listens on."""
    web_threads: int = Field(default=8, ge=1, le=256)
    """Requests one web process works on at once; each thread keeps one database connection, as do those of sign-ins."""
    trusted_proxies: Proxies = ()
    """Reverse proxies whose `X-Forwarded-*` headers are believed. Separated by commas in the environment."""
    metrics_token: SecretStr | None = None
    """Bearer token that Prometheus sends; without one only this machine itself may read `/prometheus`."""
    public_url: WebUrl = None
    """Address under which people and remote workers reach the instance; from host and port when absent."""
    secret_key: SecretStr | None = None
    """Signs cookies and derives the keys that are not encryption keys."""
    encryption_key: SecretStr | None = None
    """Encrypts secrets at rest."""
    previous_encryption_keys: tuple[SecretStr, ...] = ()
    """Keys that only decrypt, while a rotation is under way. Separated by commas in the environment."""
    basic_auth: bool = True
    """Accept HTTP Basic."""
    sessions: Sessions = Sessions()
    sign_in: SignIn = SignIn()
    lockout: Lockout = Lockout()
    mail: Mail = Mail()
    password_reset: PasswordReset = PasswordReset()
    superadmin: Superadmin = Superadmin()
    default_role: DefaultRole = DefaultRole()
    hosts: tuple[str, ...] = ()
    """Names by which the instance is reached beside `public_url`, this machine's and numbers. Separated by commas."""
    variables: Variables = Variables()
    worker: Worker = Worker()
    egress: Egress = Egress()
    limits: Limits = Limits()
    admission: Admission = Admission()
    audit: Audit = Audit()
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """Least level that is logged."""
    log_format: Literal["text", "json"] = "text"
    """`text` for people, `json` for collectors."""

    @field_validator("previous_encryption_keys", "trusted_proxies", "hosts", mode="before")
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        return split(value)

    @field_validator("secret_key", "encryption_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < SHORTEST_KEY:
            raise ValueError(f"must have at least {SHORTEST_KEY} characters")
        return value

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @property
    def origin(self) -> str:
        """`public_url` without a trailing slash, or the address built from host and port."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = "localhost" if self.web_host in ("127.0.0.1", "0.0.0.0", "::", "::1") else self.web_host
        return f"http://{host}:{self.web_port}"

    @property
    def celery_broker_url(self) -> str | None:
        return self.broker_url or self.redis_url

    @property
    def worker_broker_url(self) -> str | None:
        return self.worker.broker_url or self.celery_broker_url

    @property
    def storage_path(self) -> Path:
        return (self.storage.path or self.data_dir / "storage").expanduser().absolute()


def sections() -> dict[str, type[Section]]:
    """Nested groups of knobs, by field name."""
    return {
        name: field.annotation
        for name, field in Config.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
    }


def environment_names() -> dict[str, tuple[str, ...]]:
    """Each environment variable and the path of its knob: `ORRERY_WORKER_SLOTS` -> `("worker", "slots")`."""
    groups = sections()
    names: dict[str, tuple[str, ...]] = {
        PREFIX + field.upper(): (field,) for field in Config.model_fields if field not in groups
    }
    for group, section in groups.items():
        names |= {f"{PREFIX}{group}_{field}".upper(): (group, field) for field in section.model_fields}
    return names


def load_config(environ: Mapping[str, str] | None = None) -> Config:
    """Read file and environment; raise `ConfigError` naming every wrong key."""
    environ = os.environ if environ is None else environ
    values, origin = _from_file(environ)
    problems = _overlay_environment(values, environ)
    try:
        loaded = Config.model_validate(values)
    except ValidationError as error:
        for item in error.errors():
            message = item["msg"].removeprefix("Value error, ")
            problems.append(_problem(tuple(map(str, item["loc"])), message, environ, origin))
    if problems:
        raise ConfigError("\n".join(problems))
    return loaded


def _from_file(environ: Mapping[str, str]) -> tuple[dict[str, Any], str]:
    named = environ.get("ORRERY_CONFIG")
    path = Path(named) if named else DEFAULT_FILE
    if not named and not path.is_file():
        return {}, str(path)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"ORRERY_CONFIG: {path}: {error}") from error
    if content is None:
        return {}, str(path)
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: a map of settings is expected")
    return content, str(path)


def _overlay_environment(values: dict[str, Any], environ: Mapping[str, str]) -> list[str]:
    """Put `ORRERY_*` over what the file said; return what is wrong with the names themselves."""
    names = environment_names()
    problems = []
    for key in sorted(name for name in environ if name.startswith(PREFIX) and name not in OUTSIDE):
        plain = key if key in names else key.removesuffix("_FILE")
        if plain not in names:
            problems.append(f"{key}: no such setting")
            continue
        if plain != key and plain in environ:
            problems.append(f"{key}: {plain} is set as well; only one of them can hold")
            continue
        try:
            text = environ[key] if plain == key else Path(environ[key]).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            problems.append(f"{key}: {error}")
            continue
        _put(values, names[plain], text)
    return problems


def _put(values: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for step in path[:-1]:
        inner = values.get(step)
        values[step] = dict(inner) if isinstance(inner, dict) else {}
        values = values[step]
    values[path[-1]] = value


def _problem(path: tuple[str, ...], message: str, environ: Mapping[str, str], origin: str) -> str:
    """Name the key as its writer wrote it: the variable when the environment set it, else the place in the file."""
    matching = [name for name, knob in environment_names().items() if knob[: len(path)] == path]
    for name in matching:
        for written in (name, name + "_FILE"):
            if written in environ and len(path) == len(environment_names()[name]):
                return f"{written}: {message}"
    return f"{origin}: {'.'.join(path)}: {message}"


def as_environment(knobs: Config, *groups: str) -> dict[str, str]:
    """The knobs of these groups as variables, for a process that must not read our file."""
    values = knobs.model_dump(mode="json", include=set(groups), exclude_none=True)
    paths = environment_names().items()
    found = {
        name: values.get(path[0]) if len(path) == 1 else values.get(path[0], {}).get(path[1]) for name, path in paths
    }
    return {name: _as_text(value) for name, value in found.items() if value is not None}


def _as_text(value: Any) -> str:
    if isinstance(value, dict):
        return json.dumps(value)
    return ",".join(value) if isinstance(value, list) else str(value)


_current: Config | None = None


def config() -> Config:
    """The configuration of this process, read once."""
    global _current
    if _current is None:
        _current = load_config()
    return _current


@contextmanager
def override(**changes: Any) -> Iterator[Config]:
    """Other values for a while: `override(web_port=1, worker={"slots": 2})`. Validated like the real ones."""
    global _current
    before = config()
    values = before.model_dump(exclude_unset=True)
    for name, value in changes.items():
        values[name] = {**values.get(name, {}), **value} if isinstance(value, dict) else value
    _current = Config.model_validate(values)
    try:
        yield _current
    finally:
        _current = before
