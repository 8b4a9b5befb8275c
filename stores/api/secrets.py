"""Secrets over HTTP: their names and descriptions, never their values."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from rest_framework.request import Request

from control_plane.kernel.api.bodies import Body, without_nulls
from control_plane.kernel.api.filter_fields import Op, Search, Text, Value, one
from control_plane.kernel.api.filters import Filters
from control_plane.kernel.api.pages import listed, order_of, page_of
from control_plane.kernel.api.views import Answer, TenantView
from control_plane.kernel.authorization import require, visible_to
from stores.models import Secret
from stores.permissions import SECRET
from stores.secrets.queries import inherited_keys
from stores.secrets.services import delete_secret, describe_secret, put_secret

_SORTS = {"key": "key", "namespace": "namespace"}


class Key(Text):
    """The key of a secret: case does not count."""

    def q(self, name: str, op: Op, value: Value, key: str | None) -> Q:
        if op is Op.REGEX:
            return super().q(name, op, f"(?i){one(name, value)}", key)
        raised = value.upper() if isinstance(value, str) else [each.upper() for each in value]
        return super().q(name, op, raised, key)


class SecretFilters(Filters):
    """Filters of lists of secrets."""

    legacy = {"q": ("q", Op.EQUALS), "namespace": ("namespace", Op.EQUALS)}
    fields = {"namespace": Text("namespace"), "key": Key("key"), "q": Search("key", "description")}


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


class SecretView(TenantView):
    """`/secrets` and `/namespaces/{namespace}/secrets/...`."""

    access = {
        "list": SECRET.LIST,
        "inherited": SECRET.LIST,
        "put": put_secret,
        "describe": describe_secret,
        "delete": delete_secret,
    }

    def list(self, request: Request) -> dict[str, Any]:
        rows = Secret.objects.filter(visible_to(self.ctx, SECRET.LIST)).filter(SecretFilters.matching(self.query))
        order = order_of(self.query, _SORTS, ("namespace", "key"))
        page = listed(rows.defer("sealed").order_by(*order), page_of(self.query), _shown)
        return {"readOnly": False, **page}

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

    def _of(self, namespace: str) -> Any:
        return [_shown(secret) for secret in Secret.objects.filter(namespace=namespace).order_by("key")]


def _tags(tags: Any) -> Any:
    return None if tags is None else [tag.model_dump() for tag in tags]


def _shown(secret: Secret) -> dict[str, Any]:
    return without_nulls(
        namespace=secret.namespace, key=secret.shown_key, description=secret.description or None, tags=secret.tags
    )
