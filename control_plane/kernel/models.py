"""What a row that belongs to a tenant is, and the manager that refuses to forget it."""

from __future__ import annotations

from typing import Any, ClassVar, Self, TypeVar

from django.db import models

from control_plane.kernel.scope import ScopeError, current_owner, current_tenant, is_across_tenants
from control_plane.kernel.words.ids import ID_LENGTH, new_id

M = TypeVar("M", bound=models.Model)

TENANT_ID_LENGTH = 63


class IdField(models.CharField[str, str]):
    """A random id; see `kernel.words.ids`."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", ID_LENGTH)
        super().__init__(**options)


class TenantManager(models.Manager[M]):
    """Rows of the open scope's tenant. Outside of a scope there are none to be had: it raises."""

    def get_queryset(self) -> models.QuerySet[M]:
        queryset = super().get_queryset()
        if is_across_tenants():
            return queryset
        return queryset.filter(tenant_id=current_tenant())


class TenantOwned(models.Model):
    """A row of one tenant. Its table is behind both walls: this manager, and forced row-level security."""

    id = IdField(primary_key=True, default=new_id, editable=False)
    tenant_id = models.CharField(max_length=TENANT_ID_LENGTH, editable=False)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._stamp()
        super().save(*args, **kwargs)

    def _stamp(self) -> None:
        tenant = current_tenant()
        if not self.tenant_id:
            self.tenant_id = tenant
        elif self.tenant_id != tenant:
            raise ScopeError(f"a row of {self.tenant_id} cannot be written in the scope of {tenant}")


class OwnerManager(models.Manager[M]):
    """Rows of the open scope: a tenant's, or the instance's own. Outside of a scope it raises."""

    def get_queryset(self) -> models.QuerySet[M]:
        owner = current_owner()
        queryset = super().get_queryset()
        return queryset if is_across_tenants() else queryset.filter(tenant_id=owner)


class InstanceOrTenantOwned(models.Model):
    """A row of one tenant or, where `tenant_id` is "", of the instance. Behind both walls like `TenantOwned`."""

    id = IdField(primary_key=True, default=new_id, editable=False)
    tenant_id = models.CharField(max_length=TENANT_ID_LENGTH, blank=True, default="", editable=False)

    objects: ClassVar[OwnerManager[Self]] = OwnerManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        owner = current_owner()
        if self._state.adding and not self.tenant_id:
            self.tenant_id = owner
        if self.tenant_id != owner:
            raise ScopeError(f"a row of {self.tenant_id!r} cannot be written in the scope of {owner!r}")
        super().save(*args, **kwargs)


class TenantForeignKey(models.ForeignKey[Any, Any]):
    """A reference that cannot leave the tenant: its database constraint is (tenant_id, x_id) -> (tenant_id, id).

    The constraint is added by `kernel.isolation.IsolateTenant` in the migration that creates the table.
    """

    def __init__(self, to: Any, on_delete: Any, **options: Any) -> None:
        options["db_constraint"] = False
        super().__init__(to, on_delete, **options)
