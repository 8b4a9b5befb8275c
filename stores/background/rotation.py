"""A change of the instance's key, as the operator's command makes it: everything that an earlier key wraps is wrapped
by the present one, while the system runs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from django.db import models
from django.db.models.functions import Cast

from audit.models import AuditKey
from audit.recording.trail import Action, append
from audit.services.keys import rotate_key as make_signing_key
from control_plane.kernel.actor import SYSTEM, Change, Context
from control_plane.kernel.crypto import earlier_key_ids, wrapped_by
from control_plane.kernel.models import InstanceOrTenantOwned, TenantOwned
from control_plane.kernel.scope import across_tenants, instance_scope, tenant_scope
from control_plane.kernel.sealed_rows import SealedRows, rewrapped, sealed_rows
from tenants.models import Tenant

BATCH = 200
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many values were wrapped anew, and how many an earlier key still wraps: those open in no place we know."""

    changed: int
    left: int


def rotate_key(tell: Tell) -> Rotated:
    """Wrap everything anew, tenant by tenant, in short transactions. Stopped at any point it goes on where it was: what
    is done is recognised, and both keys open meanwhile."""
    earlier = frozenset(earlier_key_ids())
    if not earlier:
        return Rotated(0, 0)
    _let_another_key_sign(earlier)
    with across_tenants("values of all tenants are wrapped by the instance's key"):
        tenants = list(Tenant.objects.order_by("id").values_list("id", flat=True))
    done = [_owner_rotated("", earlier), *(_told(tell, tenant, _owner_rotated(tenant, earlier)) for tenant in tenants)]
    return Rotated(sum(each.changed for each in done), sum(each.left for each in done))


def _let_another_key_sign(earlier: frozenset[str]) -> None:
    """Rows of the trail never change, those of its keys neither: one that an earlier key wraps signs no more."""
    with instance_scope():
        newest = AuditKey.objects.order_by("-number").first()
    if newest is not None and wrapped_by(newest.sealed) in earlier:
        make_signing_key(Context(SYSTEM))


def _told(tell: Tell, tenant: str, done: Rotated) -> Rotated:
    tell(f"{tenant}: {done.changed} values" + (f", {done.left} are left" if done.left else ""))
    return done


def _owner_rotated(owner: str, earlier: frozenset[str]) -> Rotated:
    changed = left = 0
    for rows in sealed_rows():
        if _is_of(rows.model, owner):
            more = _rows_rotated(rows, owner, earlier)
            changed, left = changed + more.changed, left + more.left
    return Rotated(changed, left)


def _is_of(model: type[models.Model], owner: str) -> bool:
    if issubclass(model, TenantOwned):
        return owner != ""
    return issubclass(model, InstanceOrTenantOwned) or owner == ""


def _scope(owner: str) -> AbstractContextManager[None]:
    return tenant_scope(owner) if owner else instance_scope()


def _rows_rotated(rows: SealedRows, owner: str, earlier: frozenset[str]) -> Rotated:
    changed = told = left = 0
    after = ""
    while True:
        with _scope(owner):
            batch = list(_wrapped_by(rows, earlier).filter(pk__gt=after).select_for_update()[:BATCH])
            for row in batch:
                more = _row_rotated(rows, row, earlier)
                changed, left = changed + more, left + (more == 0)
            _record(rows, owner, changed - told)
            told = changed
        if len(batch) < BATCH:
            return Rotated(changed, left)
        after = batch[-1].pk


def _record(rows: SealedRows, owner: str, changed: int) -> None:
    """One entry for each batch, in its transaction."""
    if changed:
        what = f"instance-key:{rows.model._meta.db_table}"
        change = Change("SECRET", what, None, None, None, {"valuesWrappedAnew": changed})
        append(
            Context(SYSTEM, tenant_id=owner or None), [change], action=Action.UPDATE, by="stores.background.rotation"
        )


def _wrapped_by(rows: SealedRows, earlier: frozenset[str]) -> models.QuerySet[models.Model]:
    """Rows in which the id of an earlier key stands; ids are random enough to stand nowhere else."""
    found = models.Q()
    texts = {f"text_of_{name}": Cast(name, models.TextField()) for name in rows.columns}
    for name in texts:
        for key in earlier:
            found |= models.Q(**{f"{name}__contains": key})
    queryset: models.QuerySet[models.Model] = rows.model._default_manager.annotate(**texts).filter(found)
    return queryset.order_by("pk")


def _row_rotated(rows: SealedRows, row: models.Model, earlier: frozenset[str]) -> int:
    places = list(rows.places(row))
    changed = {}
    total = 0
    for name in rows.columns:
        value, count = rewrapped(getattr(row, name), places, earlier)
        if count:
            changed[name] = value
            total += count
    if changed:
        rows.model._default_manager.filter(pk=row.pk).update(**changed)
    return total
