"""Secrets over HTTP: their names and descriptions, never their values."""

from __future__ import annotations

from typing import Any

from pydantic import Field
from rest_framework.request import Request

from control_plane.kernel.api.bodies import Body
from control_plane.kernel.api.views import Answer, TenantView
from control_plane.kernel.authorization import require
from stores.api.secret_lists import page_of_secrets, shown
from stores.permissions import SECRET
from stores.secrets import built_in
from stores.secrets.choice import choice
from stores.secrets.queries import elsewhere, in_database, inherited_keys, is_read_only, standing
from stores.secrets.services import delete_secret, describe_secret, put_secret, try_backend


class Tag(Body):
    key: str
    value: str


class SecretValue(Body):
    """A secret as it is set."""

    key: str
    value: str
    description: str | None = None
    tags: list[Tag] | None = None


class SecretMeta(Body):
    """What is told about a secret."""

    description: str | None = None
    tags: list[Tag] | None = None


class Tryout(Body):
    """A place to be tried before it is chosen; the one in force when nothing is named."""

    secret_type: str | None = Field(None, max_length=100)
    secret_read_only: bool = False
    secret_configuration: dict[str, Any] | None = None


class SecretView(TenantView):
    """`/secrets` and `/namespaces/{namespace}/secrets/...`."""

    access = {
        "list": SECRET.LIST,
        "inherited": SECRET.LIST,
        "put": put_secret,
        "describe": describe_secret,
        "delete": delete_secret,
        "standing": SECRET.LIST,
        "tryout": try_backend,
    }

    def list(self, request: Request) -> dict[str, Any]:
        page = page_of_secrets(self.ctx, self.query)
        named = self.query.get("filters[namespace][EQUALS]") or self.query.get("namespace")
        return {"readOnly": is_read_only(choice(named or "_")), **page}

    def inherited(self, request: Request, namespace: str) -> dict[str, Any]:
        require(self.ctx, SECRET.LIST, namespace)
        return dict(inherited_keys(namespace))

    def put(self, request: Request, namespace: str) -> Any:
        sent = self.body(SecretValue)
        put_secret(
            self.ctx,
            namespace=namespace,
            key=sent.key,
            value=sent.value,
            description=sent.description,
            tags=_tags(sent.tags),
        )
        return self._of(namespace)

    def describe(self, request: Request, namespace: str, key: str) -> Any:
        sent = self.body(SecretMeta)
        describe_secret(self.ctx, namespace=namespace, key=key, description=sent.description, tags=_tags(sent.tags))
        return self._of(namespace)

    def delete(self, request: Request, namespace: str, key: str) -> Answer:
        delete_secret(self.ctx, namespace=namespace, key=key)
        return Answer(status=200)

    def standing(self, request: Request, namespace: str) -> dict[str, Any]:
        """Where the secrets of a namespace are kept, and how that place does."""
        require(self.ctx, SECRET.LIST, namespace)
        return standing(namespace)

    def tryout(self, request: Request, namespace: str) -> dict[str, Any]:
        """What works there, told act by act."""
        sent = self.body(Tryout)
        return {
            "results": try_backend(
                self.ctx,
                namespace=namespace,
                kind=sent.secret_type,
                configuration=sent.secret_configuration or {},
                read_only=sent.secret_read_only,
            )
        }

    def _of(self, namespace: str) -> Any:
        chosen = choice(namespace)
        if not chosen.is_built_in:
            return [shown(each) for each in elsewhere(namespace, chosen)]
        return [shown(in_database(row)) for row in built_in.rows_of([namespace]).order_by("key")]


def _tags(tags: Any) -> Any:
    return None if tags is None else [tag.model_dump() for tag in tags]
