"""The second wall between tenants, as migration operations: forced row-level security, keys with the tenant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from control_plane.kernel.models import TenantForeignKey

IS_TENANT = "tenant_id = NULLIF(current_setting('orrery.tenant', true), '')"
IS_OWNER = "tenant_id = COALESCE(current_setting('orrery.tenant', true), '')"
IS_SELF = "COALESCE(current_setting('orrery.tenant', true), '') IN (id, '')"

_ON_DELETE = {"CASCADE": "CASCADE", "PROTECT": "RESTRICT", "RESTRICT": "RESTRICT", "DO_NOTHING": "NO ACTION"}


class _TableOperation(Operation):
    """Statements about one model's table, there and back. The models' state is the same on both sides."""

    reversible = True
    atomic = True

    def __init__(self, model_name: str, *more: str) -> None:
        self.model_name = model_name
        self.more = more

    def forwards(self, model: type[models.Model], table: str) -> Iterable[str]:
        raise AssertionError("each operation says what it does")

    def backwards(self, table: str) -> Iterable[str]:
        """Nothing, where what was added goes with its column."""
        return ()

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing that Django knows of changes."""

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.model_name, *self.more], {}

    def database_forwards(
        self, app_label: str, editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        for statement in self.forwards(model, model._meta.db_table):
            editor.execute(statement)

    def database_backwards(
        self, app_label: str, editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for statement in self.backwards(from_state.apps.get_model(app_label, self.model_name)._meta.db_table):
            editor.execute(statement)


def _secured(table: str, policy: str, rule: str, role: str = "orrery_app") -> list[str]:
    """Force row-level security, with one policy for reading and writing, and let the application in."""
    return [
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        f'CREATE POLICY {policy} ON "{table}" TO {role} USING ({rule}) WITH CHECK ({rule})',
        f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO orrery_app',
    ]


def _opened(table: str, policy: str) -> list[str]:
    return [f'DROP POLICY {policy} ON "{table}"', f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY']


class IsolateTenant(_TableOperation):
    """Put a tenant-owned table behind row-level security, and make its references carry the tenant.

    Goes directly after the CreateModel. A reference that is SET_NULL clears only its own column, never the tenant.
    """

    def forwards(self, model: type[models.Model], table: str) -> Iterable[str]:
        references = [field for field in model._meta.local_fields if isinstance(field, TenantForeignKey)]
        return [
            *_secured(table, "tenant", IS_TENANT, role="PUBLIC"),
            f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_tenant_key" UNIQUE (tenant_id, id)',
            *(tenant_reference(table, reference) for reference in references),
        ]

    def backwards(self, table: str) -> Iterable[str]:
        return [f'ALTER TABLE "{table}" DROP CONSTRAINT "{table}_tenant_key" CASCADE', *_opened(table, "tenant")]

    def describe(self) -> str:
        return f"Put {self.model_name} behind row-level security"


class IsolateOwner(_TableOperation):
    """Put a table of tenants' and the instance's rows behind row-level security: "" is an owner like any other."""

    def forwards(self, model: type[models.Model], table: str) -> Iterable[str]:
        return _secured(table, "owner", IS_OWNER)

    def backwards(self, table: str) -> Iterable[str]:
        return _opened(table, "owner")

    def describe(self) -> str:
        return f"Put {self.model_name} of tenants and instance behind row-level security"


class IsolateSelf(_TableOperation):
    """Let each tenant see only its own row in the table of tenants; the instance's scope sees all."""

    def forwards(self, model: type[models.Model], table: str) -> Iterable[str]:
        return _secured(table, "self", IS_SELF)

    def backwards(self, table: str) -> Iterable[str]:
        return _opened(table, "self")

    def describe(self) -> str:
        return f"Let a tenant see only its own row of {self.model_name}"


class ReferenceInstance(_TableOperation):
    """Constrain a reference from a tenant's row to one of the instance's: it goes when that goes.

    The database does it, since no scope could see the rows of all tenants.
    """

    def __init__(self, model_name: str, field_name: str) -> None:
        super().__init__(model_name, field_name)
        self.field_name = field_name

    def forwards(self, model: type[models.Model], table: str) -> Iterable[str]:
        reference = model._meta.get_field(self.field_name)
        assert isinstance(reference, models.ForeignKey)
        column, target = reference.column, reference.related_model._meta.db_table
        yield (
            f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_{column}_fk" FOREIGN KEY ("{column}") '
            f'REFERENCES "{target}" (id) ON DELETE CASCADE'
        )

    def describe(self) -> str:
        return f"Let {self.model_name} go when its {self.field_name} goes"


class AddTenantReference(_TableOperation):
    """Constrain one TenantForeignKey that was added to an existing table."""

    def __init__(self, model_name: str, field_name: str) -> None:
        super().__init__(model_name, field_name)
        self.field_name = field_name

    def forwards(self, model: type[models.Model], table: str) -> Iterable[str]:
        reference = model._meta.get_field(self.field_name)
        assert isinstance(reference, TenantForeignKey)
        yield tenant_reference(table, reference)

    def describe(self) -> str:
        return f"Let {self.model_name}.{self.field_name} not leave the tenant"


class OpenToService(_TableOperation):
    """Let `orrery_service` use a table across tenants, with these rights. Each use needs its reason beside it."""

    def __init__(self, model_name: str, rights: str = "SELECT") -> None:
        super().__init__(model_name, rights)
        self.rights = rights

    def forwards(self, model: type[models.Model], table: str) -> Iterable[str]:
        return [
            f'CREATE POLICY service ON "{table}" TO orrery_service USING (true) WITH CHECK (true)',
            f'GRANT {self.rights} ON "{table}" TO orrery_service',
        ]

    def backwards(self, table: str) -> Iterable[str]:
        return [f'DROP POLICY service ON "{table}"', f'REVOKE ALL ON "{table}" FROM orrery_service']

    def describe(self) -> str:
        return f"Let the service role {self.rights} {self.model_name} across tenants"


class AppendOnly(_TableOperation):
    """Take UPDATE and DELETE on a table away from the application role."""

    def forwards(self, model: type[models.Model], table: str) -> Iterable[str]:
        return [f'REVOKE ALL ON "{table}" FROM orrery_app', f'GRANT SELECT, INSERT ON "{table}" TO orrery_app']

    def backwards(self, table: str) -> Iterable[str]:
        return [f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO orrery_app']

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
