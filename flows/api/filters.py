"""What lists of flows may be filtered and sorted by."""

from django.db.models import Q

from control_plane.kernel.api.filter_fields import By, Flag, Labels, Number, Op, Search, Since, Text, Value
from control_plane.kernel.api.filters import Filters
from control_plane.kernel.words.errors import BadParameter

SYSTEM_NAMESPACE = "system"

SORTS = {
    "id": "flow_id",
    "flowId": "flow_id",
    "namespace": "namespace",
    "revision": "revision",
    "updated": "updated_at",
    "description": "description",
    "disabled": "is_disabled",
}


def _scope(op: Op, value: Value, key: str | None) -> Q:
    """`SYSTEM` flows live in the system namespace, `USER` ones anywhere else."""
    words = {word.strip().upper() for word in (value.split(",") if isinstance(value, str) else value)}
    if not words <= {"USER", "SYSTEM"}:
        raise BadParameter("`scope` must be USER, SYSTEM or both")
    if words == {"USER", "SYSTEM"}:
        found = Q()
    else:
        found = Q(namespace=SYSTEM_NAMESPACE) if words == {"SYSTEM"} else ~Q(namespace=SYSTEM_NAMESPACE)
    return ~found if op is Op.NOT_EQUALS and found else found


class FlowFilters(Filters):
    """Filters of flow lists."""

    legacy = {"q": ("q", Op.EQUALS), "namespace": ("namespace", Op.PREFIX)}
    fields = {
        "namespace": Text("namespace"),
        "flowId": Text("flow_id"),
        "id": Text("flow_id"),
        "q": Search("flow_id", "namespace", "description"),
        "labels": Labels("labels"),
        "scope": By({Op.EQUALS, Op.NOT_EQUALS, Op.IN}, _scope),
        "enabled": Flag("is_disabled", negated=True),
        "flowRevision": Number("revision"),
        "timeRange": Since("updated_at"),
        "source": Search("source"),
    }


class SourceFilters(FlowFilters):
    """The same for searches in sources, where `q` is what is looked for in the text."""

    legacy = {"namespace": ("namespace", Op.PREFIX)}
