"""Old revisions of namespace files: those beyond the newest so many, written before a date."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

from django.db.models import Count, OuterRef, QuerySet, Subquery

from stores.files import transitions
from stores.models import NamespaceFileRevision
from tenants.namespaces.reach import Reach


def expired_revisions(reach: Reach, before: datetime, keep: int) -> QuerySet[NamespaceFileRevision]:
    """The newest `keep` of each file stay, so a file never goes: `keep` is at least one."""
    newer = NamespaceFileRevision.objects.filter(file=OuterRef("file"), revision__gt=OuterRef("revision"))
    count = newer.order_by().values("file").annotate(count=Count("pk")).values("count")
    old = NamespaceFileRevision.objects.filter(reach.q("file__namespace"), created_at__lt=before)
    return old.alias(newer=Subquery(count)).filter(newer__gte=max(1, keep))


def expire_revisions(reach: Reach, before: datetime, keep: int, most: int) -> int:
    """Delete at most so many of them; return how many. Fewer than that means that none are left."""
    found = expired_revisions(reach, before, keep).select_related("file").order_by("file__namespace", "pk")[:most]
    return sum(
        transitions.remove_revisions(namespace, list(rows))
        for namespace, rows in groupby(found, key=lambda row: row.file.namespace)
    )
