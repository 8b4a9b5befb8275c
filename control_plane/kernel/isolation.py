"""The second wall between tenants, as migration operations: forced row-level security, keys with the tenant."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from control_plane.kernel.models import TenantForeignKey

IS_TENANT = "tenant_id = NULLIF(current_setting('orrery.tenant', true), '')"

IS_OWNER = "tenant_id = COALESCE(current_setting('orrery.tenant', true), '')"

_ON_DELETE = {"CASCADE": "CASCADE", "PROTECT": "RESTRICT", "RESTRICT": "RESTRICT", "DO_NOTHING": "NO ACTION"}


class _TableOperation(Operation):
    reversible = True
    atomic = True

    def __init__(self, model_name: str) -> None:
        self.model_name = model_name

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models' state is the same on both sides."""

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.model_name], {}

    def _model(self, app_label: str, state: ProjectState) -> type[models.Model]:
        return state.apps.get_model(app_label, self.model_name)


class IsolateTenant(_TableOperation):
    """Put a tenant-owned table behind row-level security, and make its references carry the tenant.

    Goes directly after the CreateModel. A reference that is SET_NULL clears only its own column, never the tenant.
    """

    def database_forwards(
        self, app_label: str, editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = self._model(app_label, to_state)
        table = model._meta.db_table
        editor.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
        editor.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
        editor.execute(f'CREATE POLICY tenant ON "{table}" USING ({IS_TENANT}) WITH CHECK ({IS_TENANT})')
        editor.execute(f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_tenant_key" UNIQUE (tenant_id, id)')
        editor.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO orrery_app')
        for reference in model._meta.local_fields:
            if isinstance(reference, TenantForeignKey):
                editor.execute(tenant_reference(table, reference))

    def database_backwards(
        self, app_label: str, editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        table = self._model(app_label, from_state)._meta.db_table
        editor.execute(f'DROP POLICY tenant ON "{table}"')
        editor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{table}_tenant_key" CASCADE')
        editor.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')

    def describe(self) -> str:
        return f"Put {self.model_name} behind row-level security"


class IsolateOwner(_TableOperation):
    """Put a table of tenants' and the instance's rows behind row-level security: "" is an owner like any other."""

    def database_forwards(
        self, app_label: str, editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        table = self._model(app_label, to_state)._meta.db_table
        editor.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
        editor.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
        editor.execute(f'CREATE POLICY owner ON "{table}" TO orrery_app USING ({IS_OWNER}) WITH CHECK ({IS_OWNER})')
        editor.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO orrery_app')

    def database_backwards(
        self, app_label: str, editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        table = self._model(app_label, from_state)._meta.db_table
        editor.execute(f'DROP POLICY owner ON "{table}"')
        editor.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')

    def describe(self) -> str:
        return f"Put {self.model_name} of tenants and instance behind row-level security"


class IsolateSelf(_TableOperation):
    """Let each tenant see only its own row in the table of tenants; the instance's scope sees all."""

    def database_forwards(
        self, app_label: str, editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        table = self._model(app_label, to_state)._meta.db_table
        tenant = "COALESCE(current_setting('orrery.tenant', true), '')"
        rule = f"{tenant} IN (id, '')"
        editor.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
        editor.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
        editor.execute(f'CREATE POLICY self ON "{table}" TO orrery_app USING ({rule}) WITH CHECK ({rule})')
        editor.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO orrery_app')

    def database_backwards(
        self, app_label: str, editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        table = self._model(app_label, from_state)._meta.db_table
        editor.execute(f'DROP POLICY self ON "{table}"')
        editor.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')

    def describe(self) -> str:
        return f"Let a tenant see only its own row of {self.model_name}"


class ReferenceInstance(_TableOperation):
    """Constrain a reference from a tenant's row to one of the instance's: it goes when that goes.

    The database does it, since no scope could see the rows of all tenants.
    """

    def __init__(self, model_name: str, field_name: str) -> None:
        super().__init__(model_name)
        self.field_name = field_name

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.model_name, self.field_name], {}

    def database_forwards(
        self, app_label: str, editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = self._model(app_label, to_state)
        reference = model._meta.get_field(self.field_name)
        assert isinstance(reference, models.ForeignKey)
        table, column, target = model._meta.db_table, reference.column, reference.related_model._meta.db_table
        editor.execute(
            f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_{column}_fk" FOREIGN KEY ("{column}") '
            f'REFERENCES "{target}" (id) ON DELETE CASCADE'
        )

    def database_backwards(
        self, app_label: str, editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """The constraint goes with its column."""

    def describe(self) -> str:
        return f"Let {self.model_name} go when its {self.field_name} goes"


class AddTenantReference(_TableOperation):
    """Constrain one TenantForeignKey that was added to an existing table."""

    def __init__(self, model_name: str, field_name: str) -> None:
        super().__init__(model_name)
        self.field_name = field_name

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.model_name, self.field_name], {}

    def database_forwards(
        self, app_label: str, editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = self._model(app_label, to_state)
        reference = model._meta.get_field(self.field_name)
        assert isinstance(reference, TenantForeignKey)
        editor.execute(tenant_reference(model._meta.db_table, reference))

    def database_backwards(
        self, app_label: str, editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """The constraint goes with its column."""

    def describe(self) -> str:
        return f"Let {self.model_name}.{self.field_name} not leave the tenant"


class OpenToService(_TableOperation):
    """Let `orrery_service` use a table across tenants, with these rights. Each use needs its reason beside it."""

    def __init__(self, model_name: str, rights: str = "SELECT") -> None:
        super().__init__(model_name)
        self.rights = rights

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.model_name, self.rights], {}

    def database_forwards(
        self, app_label: str, editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        table = self._model(app_label, to_state)._meta.db_table
        editor.execute(f'CREATE POLICY service ON "{table}" TO orrery_service USING (true) WITH CHECK (true)')
        editor.execute(f'GRANT {self.rights} ON "{table}" TO orrery_service')

    def database_backwards(
        self, app_label: str, editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        table = self._model(app_label, from_state)._meta.db_table
        editor.execute(f'DROP POLICY service ON "{table}"')
        editor.execute(f'REVOKE ALL ON "{table}" FROM orrery_service')

    def describe(self) -> str:
        return f"Let the service role {self.rights} {self.model_name} across tenants"


class AppendOnly(_TableOperation):
    """Take UPDATE and DELETE on a table away from the application role."""

    tables_are_append_only: ClassVar[bool] = True

    def database_forwards(
        self, app_label: str, editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        table = self._model(app_label, to_state)._meta.db_table
        editor.execute(f'REVOKE ALL ON "{table}" FROM orrery_app')
        editor.execute(f'GRANT SELECT, INSERT ON "{table}" TO orrery_app')

    def database_backwards(
        self, app_label: str, editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        table = self._model(app_label, from_state)._meta.db_table
        editor.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO orrery_app')

    def describe(self) -> str:
        return f"Let {self.model_name} only grow"


def tenant_reference(table: str, reference: TenantForeignKey) -> str:
    """The SQL of one composite foreign key."""
    target = reference.related_model._meta.db_table
    column = reference.column
    action = getattr(reference.remote_field.on_delete, "__name__", "DO_NOTHING")
    clause = f'SET NULL ("{column}")' if action == "SET_NULL" else _ON_DELETE[action]
    return (
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_{column}_tenant_fk" FOREIGN KEY (tenant_id, "{column}") '
        f'REFERENCES "{target}" (tenant_id, id) ON DELETE {clause} DEFERRABLE INITIALLY IMMEDIATE'
    )
