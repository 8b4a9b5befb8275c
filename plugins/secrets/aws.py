"""Secrets in AWS Secrets Manager, or in a server that speaks its API."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from pydantic import SecretStr, ValidationInfo, field_validator, model_validator

from plugins.secrets.port import BackendBusy, BackendFailed, BackendMisconfigured, BackendRefused, Level
from plugins.secrets.speaking import Speaker
from plugins.secrets.tagged import Entry, TaggedBackend, TaggedSettings

_PAGE = 100
_REFUSALS = frozenset(
    {
        *("AccessDeniedException", "UnrecognizedClientException", "InvalidSignatureException"),
        *("ExpiredTokenException", "MissingAuthenticationTokenException", "InvalidClientTokenId"),
    }
)
_PATIENCE = frozenset({"ThrottlingException", "LimitExceededException"})


class AwsSettings(TaggedSettings):
    ADDRESSES = ("region", "endpointOverride", "caCertificate")

    access_key_id: str | None = None
    """The machine's own credentials when absent, which the operator of the instance alone may use."""
    secret_key_id: SecretStr | None = None
    session_token: SecretStr | None = None
    region: str | None = None
    """`AWS_DEFAULT_REGION` when absent, for the operator of the instance alone."""
    endpoint_override: str | None = None
    """Address of a server that is not AWS's own."""

    @model_validator(mode="after")
    def _says_who(self, info: ValidationInfo) -> AwsSettings:
        if (self.access_key_id is None) != (self.secret_key_id is None):
            raise ValueError("accessKeyId and secretKeyId belong together")
        if (info.context or {}).get("level", Level.INSTANCE) is Level.INSTANCE:
            return self
        if self.access_key_id is None:
            raise ValueError("accessKeyId and secretKeyId are needed: the machine's own are the operator's alone")
        if self.region is None:
            raise ValueError("region is needed")
        return self

    @field_validator("region")
    @classmethod
    def _is_a_word(cls, value: str | None) -> str | None:
        if value is not None and not value.replace("-", "").isalnum():
            raise ValueError("this is no region")
        return value


class AwsBackend(TaggedBackend):
    """Deleted secrets stay for their recovery time over there; one that is set again meanwhile is restored."""

    TYPE = "aws-secret-manager"
    ALIASES = ("aws-secrets-manager",)
    TITLE = "AWS Secrets Manager"
    SETTINGS = AwsSettings

    def listed(self, tags: Mapping[str, str]) -> Iterator[Entry]:
        filters = [{"Key": "tag-key", "Values": [name]} for name in tags]
        filters += [{"Key": "tag-value", "Values": [text]} for text in tags.values()]
        asked: dict[str, Any] = {"MaxResults": _PAGE, **({"Filters": filters} if filters else {})}
        while True:
            page = self._call("ListSecrets", asked)
            for each in page.get("SecretList", ()):
                found = {tag["Key"]: tag.get("Value", "") for tag in each.get("Tags") or ()}
                yield Entry(each["Name"], each.get("Description") or "", found)
            if not page.get("NextToken"):
                return
            asked = {**asked, "NextToken": page["NextToken"]}

    def value_of(self, name: str) -> str | None:
        try:
            found = self._call("GetSecretValue", {"SecretId": name})
        except AwsError as error:
            # One that waits for its deletion is told of as an invalid request.
            if error.kind in ("ResourceNotFoundException", "InvalidRequestException"):
                return None
            raise
        text: str | None = found.get("SecretString")
        if text is None:
            raise BackendMisconfigured(f"The secret {name} is binary: only texts are read")
        return text

    def keep(self, name: str, value: str, description: str, tags: Mapping[str, str]) -> None:
        listed = [{"Key": key, "Value": text} for key, text in tags.items()]
        new = {"Name": name, "SecretString": value, "Description": description, "Tags": listed, **_once()}
        try:
            self._call("CreateSecret", new)
        except AwsError as error:
            if error.kind not in ("ResourceExistsException", "InvalidRequestException"):
                raise
            self._change(name, value, description, listed)

    def _change(self, name: str, value: str, description: str, tags: list[dict[str, str]]) -> None:
        told = self._call("DescribeSecret", {"SecretId": name})
        if told.get("DeletedDate"):
            self._call("RestoreSecret", {"SecretId": name})
        self._call("UpdateSecret", {"SecretId": name, "SecretString": value, "Description": description, **_once()})
        kept = {tag["Key"] for tag in tags}
        gone = [tag["Key"] for tag in told.get("Tags") or () if tag["Key"] not in kept]
        if gone:
            self._call("UntagResource", {"SecretId": name, "TagKeys": gone})
        self._call("TagResource", {"SecretId": name, "Tags": tags})

    def drop(self, name: str) -> bool:
        try:
            self._call("DeleteSecret", {"SecretId": name})
        except AwsError as error:
            if error.kind in ("ResourceNotFoundException", "InvalidRequestException"):
                return False
            raise
        return True

    @cached_property
    def _speaker(self) -> Speaker:
        known: AwsSettings = self.settings
        address = known.endpoint_override or f"https://secretsmanager.{self._region}.amazonaws.com"
        return Speaker(address, self.policy, timeout=known.timeout_seconds, ca=known.ca_certificate)

    @cached_property
    def _region(self) -> str:
        region = self.settings.region or os.environ.get("AWS_DEFAULT_REGION") or os.environ.get("AWS_REGION")
        if not region:
            raise BackendMisconfigured("region is needed for AWS Secrets Manager")
        return str(region)

    @cached_property
    def _credentials(self) -> Any:
        known: AwsSettings = self.settings
        if known.access_key_id is None or known.secret_key_id is None:
            return _of_the_machine()
        from botocore.credentials import Credentials

        token = known.session_token.get_secret_value() if known.session_token else None
        return Credentials(known.access_key_id, known.secret_key_id.get_secret_value(), token)

    def _call(self, action: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """One action. Raises AwsError for what the service itself says is wrong."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"secretsmanager.{action}"}
        content = json.dumps(body)
        signed = AWSRequest("POST", f"{self._speaker.address}/", headers=headers, data=content)
        SigV4Auth(self._credentials.get_frozen_credentials(), "secretsmanager", self._region).add_auth(signed)
        answer = self._speaker.ask("POST", "/", accepted=(200, 400, 404), headers=dict(signed.headers), content=content)
        told: dict[str, Any] = self._speaker.json(answer)
        if answer.status_code == 200:
            return told
        kind = str(told.get("__type", "")).rpartition("#")[2]
        said = str(told.get("message") or told.get("Message") or kind)[:200]
        if kind in _REFUSALS:
            raise BackendRefused(f"{self._speaker.name}: {said}")
        if kind in _PATIENCE:
            raise BackendBusy(f"{self._speaker.name}: {said}")
        raise AwsError(f"{self._speaker.name}: {said}", kind)


class AwsError(BackendFailed):
    """What the service says is wrong, by the name of the error: statuses differ between servers."""

    def __init__(self, message: str, kind: str = "") -> None:
        super().__init__(message)
        self.kind = kind


def _once() -> dict[str, str]:
    """A new version wants a name by which a repeated request is known; the official clients add one unasked."""
    return {"ClientRequestToken": str(uuid.uuid4())}


def _of_the_machine() -> Any:
    import boto3

    found = boto3.Session().get_credentials()
    if found is None:
        raise BackendMisconfigured("accessKeyId and secretKeyId are needed: this machine has no credentials of its own")
    return found
