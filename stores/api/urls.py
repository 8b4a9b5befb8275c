"""Addresses of the stores."""

from __future__ import annotations

from django.urls import path

from stores.api import described  # noqa: F401  # its import gives the handlers their shapes
from stores.api.credentials import CredentialTestView, CredentialView
from stores.api.files import FileView
from stores.api.kv import KvView
from stores.api.secrets import SecretView

TENANT = "api/v1/<str:tenant>"
NAMESPACE = f"{TENANT}/namespaces/<str:namespace>"

urlpatterns = [
    path(f"{NAMESPACE}/files", FileView.as_view({"get": "read", "post": "write", "put": "move", "delete": "delete"})),
    path(f"{NAMESPACE}/files/directory", FileView.as_view({"get": "list", "post": "make_folder"})),
    path(f"{NAMESPACE}/files/export", FileView.as_view({"get": "export"})),
    path(f"{NAMESPACE}/files/revisions", FileView.as_view({"get": "revisions", "delete": "delete_revisions"})),
    path(f"{NAMESPACE}/files/search", FileView.as_view({"get": "search"})),
    path(f"{NAMESPACE}/files/stats", FileView.as_view({"get": "stats"})),
    path(f"{TENANT}/kv", KvView.as_view({"get": "list"})),
    path(f"{NAMESPACE}/kv", KvView.as_view({"delete": "delete_many"})),
    path(f"{NAMESPACE}/kv/inheritance", KvView.as_view({"get": "inherited"})),
    path(f"{NAMESPACE}/kv/<str:key>", KvView.as_view({"get": "read", "put": "put", "delete": "delete"})),
    path(f"{TENANT}/secrets", SecretView.as_view({"get": "list"})),
    path(f"{NAMESPACE}/inherited-secrets", SecretView.as_view({"get": "inherited"})),
    path(f"{NAMESPACE}/secrets", SecretView.as_view({"put": "put"})),
    path(f"{NAMESPACE}/secrets-backend", SecretView.as_view({"get": "standing"})),
    path(f"{NAMESPACE}/secrets-backend/test", SecretView.as_view({"post": "tryout"})),
    path(f"{NAMESPACE}/secrets/<str:key>", SecretView.as_view({"patch": "describe", "delete": "delete"})),
    path(f"{TENANT}/credentials", CredentialView.as_view({"get": "list", "post": "create"})),
    path(
        f"{TENANT}/credentials/<str:credential_id>",
        CredentialView.as_view({"get": "show", "put": "update", "delete": "delete"}),
    ),
    path(f"{TENANT}/credentials/<str:credential_id>/test", CredentialTestView.as_view({"post": "test"})),
    path(
        f"{NAMESPACE}/credentials",
        CredentialView.as_view({"get": "list_of_namespace", "post": "create_in_namespace"}),
    ),
    path(f"{NAMESPACE}/credentials/inherited", CredentialView.as_view({"get": "inherited"})),
    path(
        f"{NAMESPACE}/credentials/<str:credential_name>",
        CredentialView.as_view(
            {"get": "show_of_namespace", "put": "update_of_namespace", "delete": "delete_of_namespace"}
        ),
    ),
    path(
        f"{NAMESPACE}/credentials/<str:credential_name>/test",
        CredentialTestView.as_view({"post": "test_of_namespace"}),
    ),
]
