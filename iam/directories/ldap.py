"""What an administrator says of a directory that is asked by LDAP."""

from __future__ import annotations

import re
import ssl
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, field_validator, model_validator

from control_plane.kernel.words.addresses import names_this_machine
from iam.directories.directory import Directory

PORTS = {"ldap": 389, "ldaps": 636}
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}|[0-9]+(\.[0-9]+){1,20}")
_LONGEST_CHAIN = 64 * 1024


def _attribute(value: str) -> str:
    if not is_attribute(value):
        raise ValueError(f"`{value[:60]}` is no name of an attribute")
    return value


def _filter(value: str) -> str:
    """Balanced: whatever is put beside it stays beside it."""
    text, depth = value.strip(), 0
    for place, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth <= 0 and place < len(text) - 1:
            raise ValueError("one filter in brackets is expected")
    if depth or not text.startswith("(") or not text.endswith(")") or "\x00" in text:
        raise ValueError("one filter in brackets is expected")
    return text


def _place(value: str) -> str:
    text = value.strip()
    if text and ("=" not in text or not text.isprintable()):
        raise ValueError("a distinguished name is expected, such as ou=people,dc=example,dc=com")
    return text


Attribute = Annotated[str, AfterValidator(_attribute)]
Filter = Annotated[str, Field(max_length=2000), AfterValidator(_filter)]
Place = Annotated[str, Field(max_length=500), AfterValidator(_place)]


class LdapSettings(Directory):
    url: str = Field(min_length=1, max_length=500)
    start_tls: bool = True
    """Ask for TLS on a connection that begins without it. Nothing is said on one that has none."""
    authorities: str = Field(default="", max_length=_LONGEST_CHAIN)
    """Certificates, as PEM, of those who may have signed the directory's; the usual ones where there are none."""
    bind_dn: str = Field(default="", max_length=500)
    """As whom the directory is searched; nobody where it is empty."""
    user_base: Place
    user_filter: Filter = "(objectClass=inetOrgPerson)"
    """Who is one of our people; whoever is not any more has left."""
    login_attributes: list[Attribute] = Field(default=["uid", "mail"], min_length=1, max_length=5)
    id_attribute: Attribute = "entryUUID"
    """What stays the same of a person whatever they are called and wherever they are moved."""
    email_attribute: Attribute = "mail"
    first_name_attribute: Attribute = "givenName"
    last_name_attribute: Attribute = "sn"
    group_base: Place = ""
    """Where groups are; with none, only `memberOf` of a person says which they are in."""
    group_filter: Filter = "(objectClass=groupOfNames)"
    group_name_attribute: Attribute = "cn"
    member_attribute: Attribute = "member"
    nesting: Literal["NONE", "WALK", "CHAIN"] = "WALK"
    """Whether a member of a group that is in a group is in both: not, by asking for each, or by Active Directory's own
    rule that follows the chain."""
    sync_minutes: int = Field(default=0, ge=0, le=7 * 24 * 60)
    """How often everybody is compared; 0 is never, and then a person is only looked at when they sign in."""
    most_leaving: int = Field(default=30, ge=1, le=100)
    """Percent of the people known who may leave at once; more are held back until somebody has looked."""

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        url = value.strip()
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            raise ValueError("this is no address") from None
        if parts.scheme not in PORTS or not host or "@" in parts.netloc or not url.isprintable() or " " in url:
            raise ValueError("ldaps://host or ldap://host is expected")
        if parts.path not in ("", "/") or parts.query or parts.fragment:
            raise ValueError("an address with nothing behind the host and its port is expected")
        return f"{parts.scheme}://{parts.netloc}"

    @field_validator("authorities")
    @classmethod
    def _are_certificates(cls, value: str) -> str:
        if value.strip():
            try:
                ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=value.strip() + "\n")
            except (ssl.SSLError, ValueError):
                raise ValueError("certificates in PEM are expected") from None
        return value.strip()

    @field_validator("bind_dn")
    @classmethod
    def _is_a_name(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("a name without control characters is expected")
        return value.strip()

    @field_validator("sync_minutes")
    @classmethod
    def _is_seldom(cls, value: int) -> int:
        if 0 < value < 5:
            raise ValueError("at most every 5 minutes")
        return value

    @model_validator(mode="after")
    def _is_encrypted(self) -> Self:
        """Passwords go this way."""
        if not (self.start_tls or self.is_tls or names_this_machine(self.host)):
            raise ValueError("`startTls` is off and the address is no ldaps://: passwords would go unencrypted")
        if not self.user_base:
            raise ValueError("`userBase` is needed")
        return self

    @property
    def is_tls(self) -> bool:
        return self.url.startswith("ldaps:")

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        parts = urlsplit(self.url)
        return parts.port or PORTS[parts.scheme]


def is_attribute(name: str) -> bool:
    return _ATTRIBUTE.fullmatch(name) is not None
