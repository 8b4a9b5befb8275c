"""What the doors of the audit trail take and give, for the API's description."""

from __future__ import annotations

from audit.api import answers
from audit.api.views import AllAuditLogsView, AuditLogsView
from control_plane.kernel.api.answers import PagedResults
from control_plane.kernel.api.schema import CSV, FILTERS, describe

for view in (AuditLogsView, AllAuditLogsView):
    describe(view.search, answer=PagedResults[answers.AuditLogItem])
    describe(view.export, query=FILTERS, answer=CSV)
    describe(view.diff, query=(("previousId", str),), answer=answers.AuditLogDiff, names={"entry_id": "id"})
describe(AuditLogsView.find, answer=answers.AuditLogItem)
describe(AuditLogsView.history, answer=list[answers.AuditLogOption], names={"object_id": "detailId"})
