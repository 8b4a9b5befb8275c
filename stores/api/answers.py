"""Files, key-value pairs and secrets as the API's description names them."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from control_plane.kernel.api.answers import Label, Moment

KVType = Literal["STRING", "NUMBER", "BOOLEAN", "DATETIME", "DATE", "DURATION", "JSON"]


class FileAttributes(TypedDict):
    """A file or a folder of a namespace; its moments are milliseconds since 1970."""

    fileName: str
    lastModifiedTime: int
    creationTime: int
    type: Literal["File", "Directory"]
    size: int


class NamespaceFileRevision(TypedDict):
    """A file as it was written once."""

    revision: int
    size: int
    created: Moment
    author: NotRequired[str]


class RevisionsDeleted(TypedDict):
    count: int


class KVEntry(TypedDict):
    """A pair without its value."""

    namespace: str
    key: str
    revision: int
    description: NotRequired[str]
    creationDate: Moment
    updateDate: Moment
    expirationDate: NotRequired[Moment]


class KVDetail(TypedDict):
    """A value with its type."""

    type: KVType
    value: Any
    revision: int
    updated: Moment


class KeysDeleted(TypedDict):
    keys: list[str]


class SecretShown(TypedDict):
    """What is told of a secret; its value never is."""

    namespace: str
    key: str
    description: NotRequired[str]
    tags: list[Label]


class SecretList(TypedDict):
    """A page of secrets, and whether they are kept elsewhere and only read here."""

    results: list[SecretShown]
    total: int
    readOnly: bool


class SecretsBackend(TypedDict):
    """Where the secrets of a namespace are kept, whose settings say so, and how that place does."""

    type: str
    level: Literal["instance", "tenant", "namespace"]
    saidBy: str
    readOnly: bool
    state: Literal["ok", "failing", "unknown"]
    message: NotRequired[str]


class SecretsAct(TypedDict):
    """One act that was tried, and how it went."""

    act: Literal["read", "list", "write", "delete"]
    outcome: Literal["works", "refused", "failed", "leftOut"]
    message: str


class SecretsTried(TypedDict):
    results: list[SecretsAct]


CredentialType = Literal["OAUTH2", "GITHUB_APP"]


class CredentialShown(TypedDict):
    """How a credential is set; the secrets in it are named and never shown."""

    id: str
    name: str
    type: CredentialType
    tenantId: str
    namespace: NotRequired[str]
    description: NotRequired[str]
    tokenEndpoint: NotRequired[str]
    scopes: NotRequired[list[str]]
    audience: NotRequired[str]
    apiUrl: NotRequired[str]
    tokenCaching: dict[str, Any]
    authConfig: dict[str, Any]
    createdAt: Moment
    updatedAt: Moment


class CredentialLent(TypedDict):
    id: str
    name: str
    type: CredentialType
    description: NotRequired[str]


class CredentialLevel(TypedDict):
    """What one of the namespaces above lends, or the tenant."""

    namespace: str
    credentials: list[CredentialLent]


class CredentialLevels(TypedDict):
    levels: list[CredentialLevel]


class CredentialStep(TypedDict):
    name: Literal["secrets", "signature", "request", "token"]
    success: bool
    message: str


class CredentialTested(TypedDict):
    """Whether a token was given, and each step on the way to it."""

    success: bool
    message: str
    steps: list[CredentialStep]
