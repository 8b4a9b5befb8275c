"""What the endpoints of the audit trail take and give, for the API's description."""

from __future__ import annotations

from audit.api import answers
from audit.api.views import AllAuditLogsView, AuditLogsView
from control_plane.kernel.api.answers import Moment, PagedResults
from control_plane.kernel.api.schema import CSV, FILTERS, Query, describe

_EXPORTED: Query = (
    *FILTERS,
    *((name, str) for name in ("q", "namespace", "flowId", "executionId", "userId", "id", "type")),
    ("resources", list[str]),
    ("startDate", Moment),
    ("endDate", Moment),
)

for view in (AuditLogsView, AllAuditLogsView):
    describe(view.search, answer=PagedResults[answers.AuditLogItem])
    describe(view.export, query=_EXPORTED, answer=CSV)
    describe(view.diff, query=(("previousId", str),), answer=answers.AuditLogDiff, names={"entry_id": "id"})
describe(AuditLogsView.find, answer=answers.AuditLogItem)
describe(AuditLogsView.history, answer=list[answers.AuditLogOption], names={"object_id": "detailId"})
