"""The app of tenants and their namespaces."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    name = "tenants"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from control_plane.kernel.sealed_rows import holds_sealed
        from tenants.models import Namespace, Tenant
        from tenants.namespaces.configured import belongs_to

        holds_sealed(Tenant, "settings", places=lambda row: [belongs_to(row.id, "")])
        holds_sealed(Namespace, "settings", places=lambda row: [belongs_to(row.tenant_id, row.name)])
