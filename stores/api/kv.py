"""Key-value pairs over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from control_plane.kernel.api.bodies import Body, without_nulls
from control_plane.kernel.api.filter_fields import Moment, Op, Search, Text
from control_plane.kernel.api.filters import Filters
from control_plane.kernel.api.pages import listed, order_of, page_of
from control_plane.kernel.api.parsing import decode_text
from control_plane.kernel.api.query import duration
from control_plane.kernel.api.views import TenantView
from control_plane.kernel.authorization import require, visible_to
from control_plane.kernel.words.clock import iso, iso_or_none
from control_plane.kernel.words.errors import Invalid
from stores.kv.queries import get_entry, living_entries
from stores.kv.services import delete_pairs, put_pair
from stores.kv.values import read_value
from stores.models import KvEntry
from stores.permissions import KVSTORE
from tenants.namespaces.inheritance import lineage

_SORTS = {
    "key": "key",
    "namespace": "namespace",
    "description": "description",
    "revision": "revision",
    "creationDate": "created_at",
    "updateDate": "updated_at",
    "expirationDate": "expires_at",
}


class KvFilters(Filters):
    """Filters of lists of pairs."""

    legacy = {"q": ("q", Op.EQUALS), "namespace": ("namespace", Op.EQUALS)}
    fields = {
        "namespace": Text("namespace"),
        "key": Text("key"),
        "q": Search("key", "description"),
        "updated": Moment("updated_at"),
        "expirationDate": Moment("expires_at"),
    }


class Keys(Body):
    keys: list[str]


class KvView(TenantView):
    """`/kv` and `/namespaces/{namespace}/kv/...`."""

    access = {
        "list": KVSTORE.LIST,
        "inherited": KVSTORE.LIST,
        "read": KVSTORE.VIEW,
        "put": put_pair,
        "delete": delete_pairs,
        "delete_many": delete_pairs,
    }

    def list(self, request: Request) -> dict[str, Any]:
        rows = living_entries().filter(visible_to(self.ctx, KVSTORE.LIST)).filter(KvFilters.matching(self.query))
        order = order_of(self.query, _SORTS, ("namespace", "key"))
        return listed(rows.defer("value").order_by(*order), page_of(self.query), _entry)

    def inherited(self, request: Request, namespace: str) -> Any:
        """Pairs of the parents of a namespace, nearest first."""
        require(self.ctx, KVSTORE.LIST, namespace)
        parents = lineage(namespace)[1:]
        rows = living_entries().filter(namespace__in=parents).defer("value").order_by("key")
        return [_entry(row) for row in sorted(rows, key=lambda row: parents.index(row.namespace))]

    def read(self, request: Request, namespace: str, key: str) -> dict[str, Any]:
        require(self.ctx, KVSTORE.VIEW, namespace)
        entry = get_entry(namespace, key)
        shown = {"type": entry.type, "value": entry.value, "revision": entry.revision}
        return {**shown, "updated": iso(entry.updated_at)}

    def put(self, request: Request, namespace: str, key: str) -> HttpResponse:
        """The body is the value as text; `ttl` and `description` come as headers, `ttl` as a parameter too."""
        put_pair(
            self.ctx,
            namespace=namespace,
            key=key,
            value=read_value(_text(request)),
            ttl=_ttl(request),
            description=request.headers.get("description"),
        )
        return HttpResponse(status=200)

    def delete(self, request: Request, namespace: str, key: str) -> HttpResponse:
        gone = delete_pairs(self.ctx, namespace=namespace, keys=[key])
        return HttpResponse("true" if gone else "false", content_type="application/json")

    def delete_many(self, request: Request, namespace: str) -> dict[str, Any]:
        return {"keys": delete_pairs(self.ctx, namespace=namespace, keys=self.body(Keys).keys)}


def _text(request: Request) -> str:
    """The body, whatever its type is said to be: a bare word is a value like any other."""
    if (request.content_type or "").startswith("multipart/"):
        raise Invalid("the value is expected as text")
    return decode_text(request.body)


def _ttl(request: Request) -> timedelta | None:
    given = request.headers.get("ttl") or request.query_params.get("ttl")
    return duration("ttl", given) if given else None


def _entry(entry: KvEntry) -> dict[str, Any]:
    return without_nulls(
        namespace=entry.namespace,
        key=entry.key,
        revision=entry.revision,
        description=entry.description or None,
        creationDate=iso(entry.created_at),
        updateDate=iso(entry.updated_at),
        expirationDate=iso_or_none(entry.expires_at),
    )
