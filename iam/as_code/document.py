"""The rights of a tenant as a text: roles, groups, service accounts, bindings and rules, by their names."""

from __future__ import annotations

from collections import Counter
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from control_plane.kernel.api.errors import from_pydantic
from control_plane.kernel.config import config
from control_plane.kernel.words.errors import Invalid
from iam.directories.rules import MOST_RULES, Rule

MOST_DEPTH = 10
MOST_EVENTS = 100_000
# The reader in C takes time in proportion to the text; the one in Python does not for some nested texts.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Holder(Part):
    """Exactly one of a user by address, a group and a service account by name."""

    user: str | None = None
    group: str | None = None
    service_account: str | None = Field(None, alias="serviceAccount")

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if sum(each is not None for each in (self.user, self.group, self.service_account)) != 1:
            raise ValueError("exactly one of `user`, `group` and `serviceAccount` is expected")
        return self


class RolePart(Part):
    name: str = Field(min_length=1, max_length=255)
    description: str = ""
    default: bool = False
    permissions: dict[str, list[str]]


class MemberPart(Holder):
    owner: bool = False

    @model_validator(mode="after")
    def _is_no_group(self) -> Self:
        if self.group is not None:
            raise ValueError("a group is no member of a group")
        return self


class GroupPart(Part):
    name: str = Field(min_length=1, max_length=255)
    description: str = ""
    members: list[MemberPart] = []


class AccountPart(Part):
    name: str
    description: str = ""


class BindingPart(Holder):
    role: str
    namespace: str | None = None


class ProviderPart(Part):
    """What follows from what an identity provider tells; how it is reached, and its secret, is said elsewhere."""

    name: str = Field(min_length=1, max_length=63)
    rules: list[Rule] = Field(default=[], max_length=MOST_RULES)


class Document(Part):
    """A part that is absent is left as it is; so is what a part does not name, unless it is told to be pruned."""

    version: Literal[1] = 1
    roles: list[RolePart] | None = None
    groups: list[GroupPart] | None = None
    service_accounts: list[AccountPart] | None = Field(None, alias="serviceAccounts")
    bindings: list[BindingPart] | None = None
    identity_providers: list[ProviderPart] | None = Field(None, alias="identityProviders")

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        for kind, parts in (
            ("roles", self.roles),
            ("groups", self.groups),
            ("serviceAccounts", self.service_accounts),
            ("identityProviders", self.identity_providers),
        ):
            counted = Counter(part.name for part in parts or ())
            twice = sorted(name for name, count in counted.items() if count > 1)
            if twice:
                raise ValueError(f"{kind}: {twice[0][:60]} is named twice")
        return self


def parse(text: str) -> Document:
    """Invalid, naming what is wrong, for a text that is no such document."""
    if len(text) > config().limits.yaml_bytes:
        raise Invalid("the document is too long")
    try:
        _bound(text)
        loaded = yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise Invalid(f"the document is no YAML: {str(error).splitlines()[0][:200]}") from None
    if not isinstance(loaded, dict):
        raise Invalid("a map with roles, groups, serviceAccounts, bindings or identityProviders is expected")
    try:
        return Document.model_validate(loaded)
    except ValidationError as error:
        raise from_pydantic(error) from None


def _bound(text: str) -> None:
    """Refuse, while it is read, what is deeper or longer than any such document, or refers to itself."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=_Loader)):
        if number > MOST_EVENTS:
            raise Invalid("the document has too many parts")
        if isinstance(event, yaml.AliasEvent):
            raise Invalid("the document holds an alias")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MOST_DEPTH:
            raise Invalid(f"the document is nested deeper than {MOST_DEPTH}")


def written(document: Document) -> str:
    shown: dict[str, Any] = document.model_dump(by_alias=True, exclude_none=True, exclude_defaults=True)
    text: str = yaml.safe_dump({"version": 1, **shown}, sort_keys=False, allow_unicode=True, width=100)
    return text
