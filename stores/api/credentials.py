"""Credentials over HTTP: how they are set, which secrets they name, and whether they work; never a token."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.api.filter_fields import Moment, Op, Search, Text
from control_plane.kernel.api.filters import Filters
from control_plane.kernel.api.outside import OutsideTenantView
from control_plane.kernel.api.pages import listed, order_of, page_of
from control_plane.kernel.api.views import Answer, TenantView
from control_plane.kernel.authorization import require, visible_to
from control_plane.kernel.words.clock import iso
from control_plane.kernel.words.errors import Invalid, Violation
from stores.credentials.places import Place
from stores.credentials.queries import get_credential, inherited_levels, no_credential
from stores.credentials.services import (
    Wish,
    create_credential,
    delete_credential,
    tell_test,
    update_credential,
)
from stores.credentials.trying import Tried, try_out
from stores.models import Credential
from stores.permissions import CREDENTIAL

_SORTS = {"name": "name", "type": "type", "createdAt": "created_at", "updatedAt": "updated_at"}
_SETTINGS = ("type", "tokenEndpoint", "scopes", "audience", "apiUrl", "tokenCaching", "authConfig")


class CredentialFilters(Filters):
    """Filters of lists of credentials."""

    legacy = {"q": ("q", Op.EQUALS), "type": ("type", Op.EQUALS)}
    fields = {
        "name": Text("name"),
        "namespace": Text("namespace"),
        "type": Text("type"),
        "q": Search("name", "description"),
        "updated": Moment("updated_at"),
    }


class CredentialView(TenantView):
    """`/credentials`, by ids, and `/namespaces/{namespace}/credentials`, by names."""

    access = {
        "list": CREDENTIAL.LIST,
        "list_of_namespace": CREDENTIAL.LIST,
        "create": create_credential,
        "create_in_namespace": create_credential,
        "inherited": CREDENTIAL.VIEW,
        "show": CREDENTIAL.VIEW,
        "show_of_namespace": CREDENTIAL.VIEW,
        "update": update_credential,
        "update_of_namespace": update_credential,
        "delete": delete_credential,
        "delete_of_namespace": delete_credential,
    }

    def list(self, request: Request) -> dict[str, Any]:
        """Those of the whole tenant."""
        return self._page("")

    def list_of_namespace(self, request: Request, namespace: str) -> dict[str, Any]:
        require(self.ctx, CREDENTIAL.LIST, namespace)
        return self._page(namespace)

    def _page(self, namespace: str) -> dict[str, Any]:
        rows = Credential.objects.filter(visible_to(self.ctx, CREDENTIAL.LIST), namespace=namespace)
        rows = rows.filter(CredentialFilters.matching(self.query))
        return listed(rows.order_by(*order_of(self.query, _SORTS, ("name",))), page_of(self.query), shown)

    def create(self, request: Request) -> dict[str, Any]:
        """Where the body names a namespace, it is made there."""
        sent = self._sent()
        return self._made(_text(sent, "namespace") or "", sent)

    def create_in_namespace(self, request: Request, namespace: str) -> dict[str, Any]:
        sent = self._sent()
        if _text(sent, "namespace") not in (None, "", namespace):
            raise _wrong("namespace", f"must be `{namespace}`, as in the address, or left out")
        return self._made(namespace, sent)

    def _made(self, namespace: str, sent: dict[str, Any]) -> dict[str, Any]:
        name = _text(sent, "name") or ""
        return shown(create_credential(self.ctx, namespace=namespace, name=name, wish=_wish(sent)))

    def inherited(self, request: Request, namespace: str) -> dict[str, Any]:
        require(self.ctx, CREDENTIAL.VIEW, namespace)
        levels = inherited_levels(namespace)
        return {
            "levels": [{"namespace": level, "credentials": [_named(row) for row in rows]} for level, rows in levels]
        }

    def show(self, request: Request, credential_id: str) -> dict[str, Any]:
        return self._shown(Place(id=credential_id))

    def show_of_namespace(self, request: Request, namespace: str, credential_name: str) -> dict[str, Any]:
        return self._shown(Place(namespace=namespace, name=credential_name))

    def _shown(self, place: Place) -> dict[str, Any]:
        if place.id is None:
            require(self.ctx, CREDENTIAL.VIEW, place.namespace)
        credential = get_credential(place)
        require(self.ctx, CREDENTIAL.VIEW, credential.namespace or None, absent=no_credential(place))
        return shown(credential)

    def update(self, request: Request, credential_id: str) -> dict[str, Any]:
        return shown(update_credential(self.ctx, place=Place(id=credential_id), wish=_wish(self._sent())))

    def update_of_namespace(self, request: Request, namespace: str, credential_name: str) -> dict[str, Any]:
        place = Place(namespace=namespace, name=credential_name)
        return shown(update_credential(self.ctx, place=place, wish=_wish(self._sent())))

    def delete(self, request: Request, credential_id: str) -> Answer:
        delete_credential(self.ctx, place=Place(id=credential_id))
        return Answer(status=200)

    def delete_of_namespace(self, request: Request, namespace: str, credential_name: str) -> Answer:
        delete_credential(self.ctx, place=Place(namespace=namespace, name=credential_name))
        return Answer(status=200)

    def _sent(self) -> dict[str, Any]:
        sent = self.request.data
        if not isinstance(sent, dict):
            raise Invalid("a JSON object is expected")
        return sent


class CredentialTestView(OutsideTenantView):
    """`.../test`: it waits for the token endpoint, and holds no transaction meanwhile."""

    access = {"test": tell_test, "test_of_namespace": tell_test}

    def test(self, request: Request, credential_id: str) -> dict[str, Any]:
        return _tried(try_out(self.ctx, Place(id=credential_id)))

    def test_of_namespace(self, request: Request, namespace: str, credential_name: str) -> dict[str, Any]:
        return _tried(try_out(self.ctx, Place(namespace=namespace, name=credential_name)))


def shown(credential: Credential) -> dict[str, Any]:
    settings = credential.settings
    return without_nulls(
        **{name: settings.get(name) for name in _SETTINGS},
        id=credential.id,
        name=credential.name,
        description=credential.description or None,
        namespace=credential.namespace or None,
        tenantId=credential.tenant_id,
        createdAt=iso(credential.created_at),
        updatedAt=iso(credential.updated_at),
    )


def _named(credential: Credential) -> dict[str, Any]:
    return without_nulls(
        id=credential.id, name=credential.name, type=credential.type, description=credential.description or None
    )


def _tried(tried: Tried) -> dict[str, Any]:
    steps = [{"name": step.name, "success": True, "message": step.message} for step in tried.steps]
    if tried.failed is not None:
        steps.append({"name": tried.failed.name, "success": False, "message": tried.failed.message})
    return {"success": tried.failed is None, "message": tried.message, "steps": steps}


def _wish(sent: dict[str, Any]) -> Wish:
    return Wish({name: sent[name] for name in _SETTINGS if sent.get(name) is not None}, _text(sent, "description"))


def _text(sent: dict[str, Any], name: str) -> str | None:
    value = sent.get(name)
    if value is not None and not isinstance(value, str):
        raise _wrong(name, "must be a text")
    return value


def _wrong(name: str, message: str) -> Invalid:
    return Invalid(f"{name}: {message}", violations=[Violation(message, name)])
