"""Rows for tests: one of any model, so that every table can be filled without knowing what it means."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.fields import NOT_PROVIDED

from control_plane.kernel.models import IdField
from control_plane.kernel.words.ids import new_id
from executions.models import Execution
from governance.models import RetentionPolicy, RetentionRun
from iam.models import Binding, GroupMember, User
from stores.models import Credential, TenantKey

M = TypeVar("M", bound=models.Model)

_count = itertools.count(1)
# What the constraints of a table ask for beyond the types of its columns.
_NEEDED: dict[type[models.Model], Callable[[], dict[str, Any]]] = {
    GroupMember: lambda: {"user": make_row(User), "service_account": None},
    Binding: lambda: {"user": make_row(User), "group": None},
    TenantKey: lambda: {"number": next(_count)},
    Credential: lambda: {"type": "OAUTH2", "settings": {"type": "OAUTH2", "tokenCaching": {}, "authConfig": {}}},
    RetentionPolicy: lambda: {"namespace": f"place{next(_count)}"},
    RetentionRun: lambda: {"namespace": f"place{next(_count)}"},
    Execution: lambda: {"state": "SUCCESS", "history": [{"state": "SUCCESS", "date": "2030-01-01T00:00:00.000000Z"}]},
}
_PLAIN: tuple[tuple[type[models.Field[Any, Any]], Callable[[], Any]], ...] = (
    (models.BooleanField, lambda: False),
    (models.DateTimeField, lambda: datetime(2030, 1, 1, tzinfo=UTC)),
    (models.DateField, lambda: datetime(2030, 1, 1, tzinfo=UTC).date()),
    (models.FloatField, lambda: 1.0),
    (models.IntegerField, lambda: 1),
    (models.DecimalField, lambda: 1),
    (models.DurationField, lambda: None),
    (models.JSONField, dict),
    (models.BinaryField, lambda: b"bytes"),
    (models.GenericIPAddressField, lambda: "192.0.2.1"),
    (ArrayField, list),
)


def make_row(model: type[M], canary: str = "row", **values: Any) -> M:
    """A row with something in each column that needs it; texts begin with the canary. Call it in the right scope."""
    given = {**_NEEDED.get(model, dict)(), **values}
    for field in model._meta.local_concrete_fields:
        if field.name not in given and _needs_value(field):
            given[field.name] = _value(field, canary)
    row = model(**given)
    row.save(force_insert=True)
    return row


def _needs_value(field: models.Field[Any, Any]) -> bool:
    if field.name in ("id", "tenant_id") or isinstance(field, models.AutoField):
        return False
    if isinstance(field, models.ForeignKey):
        return True
    return not field.null and field.default is NOT_PROVIDED and not getattr(field, "auto_now_add", False)


def _value(field: models.Field[Any, Any], canary: str) -> Any:
    if isinstance(field, models.ForeignKey):
        return None if field.null else make_row(field.related_model, canary)
    if isinstance(field, IdField):
        return new_id()
    for kind, make in _PLAIN:
        if isinstance(field, kind):
            return make()
    return f"{canary}-{next(_count)}"[: field.max_length or 200]
