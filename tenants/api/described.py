"""What the endpoints of tenants and namespaces take and give, for the API's description."""

from __future__ import annotations

from functools import partial
from typing import Any

from control_plane.kernel.api.answers import PagedResults
from control_plane.kernel.api.schema import NOTHING, Content, describe
from tenants.api import answers
from tenants.api.apps_catalog import AppsCatalogView
from tenants.api.namespaces import NamespacesView
from tenants.api.settings import DefaultDashboardsView
from tenants.api.tenants import TenantsView

_of_tenant = partial(describe, names={"tenant_id": "id"})
describe(TenantsView.search, answer=PagedResults[answers.Tenant])
describe(TenantsView.create, answer=answers.Tenant)
_of_tenant(TenantsView.show, TenantsView.update, answer=answers.Tenant)
_of_tenant(TenantsView.delete, answer=NOTHING, status=204)
_of_tenant(TenantsView.set_logo, body=Content(("multipart/form-data",), dict[str, Any]), answer=answers.Tenant)
describe(
    DefaultDashboardsView.show, DefaultDashboardsView.update, answer=answers.DashboardSettings, names={"tenant": "id"}
)

_of_catalog = partial(describe, names={"tenant": "id"}, answer=answers.AppsCatalogConfigResponse)
_of_catalog(AppsCatalogView.show, AppsCatalogView.update)
_of_catalog(AppsCatalogView.set_logo, body=Content(("multipart/form-data",), dict[str, Any]))
_of_catalog(AppsCatalogView.delete_logo, answer=NOTHING)

_of_namespace = partial(describe, names={"name": "id"})
describe(NamespacesView.search, answer=PagedResults[answers.Namespace])
describe(NamespacesView.autocomplete, answer=list[str])
describe(NamespacesView.create, answer=answers.Namespace)
_of_namespace(NamespacesView.show, NamespacesView.update, answer=answers.Namespace)
_of_namespace(NamespacesView.delete, answer=NOTHING, status=204)
_of_namespace(NamespacesView.variables, answer=dict[str, Any])
