"""The knobs that are about people: how they sign in, stay, come back, and what they are given."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from control_plane.kernel.section import Section, split


class Sessions(Section):
    """How long somebody stays signed in and how long tokens live."""

    lifetime: timedelta = timedelta(days=7)
    """A session ends this long after sign-in, whatever happens in it."""
    idle: timedelta = timedelta(days=1)
    """A session ends this long after its last request."""
    token_lifetime: timedelta = timedelta(days=90)
    """An API token made without a lifetime of its own expires after this."""
    token_longest: timedelta = timedelta(days=3650)
    """No API token is made to live longer than this."""
    longest_overlap: timedelta = timedelta(days=30)
    """A token that is rotated works at most this much longer."""
    invitation_lifetime: timedelta = timedelta(days=7)
    """An invitation can be accepted this long."""
    basic_memory: timedelta = timedelta(seconds=60)
    """A password verified by HTTP Basic is not hashed again for this long."""


class SignIn(Section):
    """Who may sign in by which means."""

    passwords: Literal["everybody", "superadmins"] = "everybody"
    """With `superadmins` everybody else signs in by an identity provider, and a superadmin's password opens the door
    when that does not answer."""


class Superadmin(Section):
    """The first superadmin, for installations that nobody sets up by hand. Who is there already is left as they are."""

    username: str | None = None
    """E-mail address to sign in with."""
    password: SecretStr | None = None
    """First password."""
    tenants: tuple[str, ...] = ()
    """Tenants that they administer, made where they are missing. Separated by commas in the environment."""

    @field_validator("tenants", mode="before")
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        return split(value)

    @model_validator(mode="after")
    def _has_both(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password belong together")
        return self


class DefaultRole(Section):
    """The role that lands on everybody who may enter a tenant from now on, unless the tenant has default roles."""

    name: str | None = None
    """Its name in each tenant, such as `Viewer`."""
    permissions: dict[str, list[str]] | None = None
    """What it may do where a tenant has no role of that name: it is made then. JSON in the environment."""
    tenants: tuple[str, ...] = ()
    """Only in these tenants; in all where none is named. Separated by commas in the environment."""

    @field_validator("permissions", mode="before")
    @classmethod
    def _from_json(cls, value: object) -> object:
        return json.loads(value) if isinstance(value, str) else value

    @field_validator("tenants", mode="before")
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        return split(value)


class PasswordReset(Section):
    """How somebody who forgot their password gets another one, by mail."""

    cooldown: timedelta = timedelta(minutes=5)
    """Between two messages to one address lies at least this."""
    requests: int = Field(default=10, ge=1)
    """Messages to one address within `window`."""
    window: timedelta = timedelta(hours=1)
    """Messages older than this are not counted."""
    lifetime: timedelta = timedelta(hours=1)
    """A link works this long."""


class Mail(Section):
    """How messages leave. Without a host none do, and links are shown to be copied."""

    host: str | None = None
    """SMTP server."""
    port: int = Field(default=587, ge=1, le=65535)
    """Its port."""
    security: Literal["none", "starttls", "tls"] = "starttls"
    """Encrypt after STARTTLS, from the first byte, or not at all."""
    username: str | None = None
    """Name at the server; without one nobody signs in there."""
    password: SecretStr | None = None
    """Password at the server."""
    sender: str = "orrery@localhost"
    """Address that messages come from."""
    timeout: timedelta = timedelta(seconds=10)
    """Longest wait for the server."""


class Lockout(Section):
    """When repeated wrong passwords close an account for a while."""

    failures: int = Field(default=10, ge=1)
    """Wrong passwords within `window` that lock the account."""
    window: timedelta = timedelta(minutes=5)
    """Failures older than this are forgotten."""
    duration: timedelta = timedelta(minutes=30)
    """How long a locked account stays closed."""
