"""What a user and a group have, read from the schemas that come with django-scim2."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django_scim.constants import SchemaURI
from django_scim.schemas import default_schemas_getter

USER_SCHEMA: str = SchemaURI.USER
GROUP_SCHEMA: str = SchemaURI.GROUP
ENTERPRISE: str = SchemaURI.ENTERPRISE_USER
# A password is proved elsewhere: what is sent is not listened to, as of whatever is only to be read. It is published
# all the same, because clients that make their classes of the schema cannot speak of a user without it.
_NOT_TAKEN = {USER_SCHEMA: {"password"}}
# RFC 7643, 2.4, gives it to whatever has several values; the schema that it prints for groups forgets it. Clients that
# compare what they sent with what came back do not expect it, so that only who asks is told.
_DISPLAY = {
    "name": "display",
    "type": "string",
    "multiValued": False,
    "description": "Whom `value` names, to be read by people.",
    "required": False,
    "caseExact": False,
    "mutability": "readOnly",
    "returned": "request",
    "uniqueness": "none",
}


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute; `subs` are by their names in small letters."""

    name: str
    type: str
    is_many: bool = False
    is_required: bool = False
    is_exact: bool = False
    """Its case counts."""
    is_read_only: bool = False
    subs: Mapping[str, Attribute] = field(default_factory=dict)

    @property
    def is_complex(self) -> bool:
        return self.type == "complex"


Attributes = Mapping[str, Attribute]


@dataclass(frozen=True)
class Kind:
    """A kind of resource: its own attributes and those of its extensions, by names in small letters."""

    name: str
    endpoint: str
    schema: str
    description: str
    attributes: Attributes
    extensions: Mapping[str, Attributes] = field(default_factory=dict)
    """By the URN as it is written."""

    def extension(self, urn: str) -> str | None:
        """The URN as it is written, whatever its case here."""
        return next((known for known in self.extensions if known.lower() == urn.lower()), None)


def _published() -> dict[str, dict[str, Any]]:
    """The schemas as they are shown: what the library ships, put right where it is not what RFC 7643 says."""
    found = {schema["id"]: copy.deepcopy(schema) for schema in default_schemas_getter()}
    kept = {urn: found[urn] for urn in (USER_SCHEMA, GROUP_SCHEMA, ENTERPRISE)}
    for urn, schema in kept.items():
        for each in schema["attributes"]:
            _complete(each)
            if each["name"] in _NOT_TAKEN.get(urn, ()):
                each |= {"mutability": "readOnly", "returned": "never"}
    members = next(each for each in kept[GROUP_SCHEMA]["attributes"] if each["name"] == "members")
    next(each for each in kept[GROUP_SCHEMA]["attributes"] if each["name"] == "displayName")["required"] = True
    members["subAttributes"].append(copy.deepcopy(_DISPLAY))
    for sub in members["subAttributes"]:
        if sub["name"] == "$ref":
            sub["referenceTypes"] = ["User"]
        elif sub["name"] == "type":
            sub["canonicalValues"] = ["User"]
    return kept


def _complete(attribute: dict[str, Any]) -> None:
    attribute.setdefault("multiValued", False)
    for sub in attribute.get("subAttributes", ()):
        _complete(sub)


def _attribute(said: dict[str, Any]) -> Attribute:
    return Attribute(
        said["name"],
        said["type"],
        bool(said.get("multiValued")),
        bool(said.get("required")),
        bool(said.get("caseExact")),
        said.get("mutability") == "readOnly",
        _attributes(said.get("subAttributes", [])),
    )


def _attributes(said: list[dict[str, Any]]) -> Attributes:
    return {each["name"].lower(): _attribute(each) for each in said}


SCHEMAS = _published()
_COMMON = {"externalid": Attribute("externalId", "string", is_exact=True)}
USER = Kind(
    "User",
    "Users",
    USER_SCHEMA,
    "User Account",
    {**_attributes(SCHEMAS[USER_SCHEMA]["attributes"]), **_COMMON},
    {ENTERPRISE: _attributes(SCHEMAS[ENTERPRISE]["attributes"])},
)
GROUP = Kind("Group", "Groups", GROUP_SCHEMA, "Group", {**_attributes(SCHEMAS[GROUP_SCHEMA]["attributes"]), **_COMMON})
KINDS = {kind.name: kind for kind in (USER, GROUP)}
