"""What the endpoints of the audit trail take and give, for the API's description."""

from __future__ import annotations

from typing import Literal

from audit.api import answers, proof_answers
from audit.api.exporting import AllExportView, ExportView
from audit.api.proof import InstanceProofView, TrailProofView
from audit.api.views import AllAuditLogsView, AuditLogsView
from control_plane.kernel.api.answers import Moment, PagedResults
from control_plane.kernel.api.schema import FILTERS, Content, Query, describe

_EXPORTED: Query = (
    *FILTERS,
    *((name, str) for name in ("q", "namespace", "flowId", "executionId", "userId", "id", "type")),
    ("resources", list[str]),
    ("startDate", Moment),
    ("endDate", Moment),
    ("format", Literal["csv", "ndjson"]),
    ("proof", bool),
)
_TENANT: Query = (("tenant", str),)
_NDJSON = "application/x-ndjson"

for view in (AuditLogsView, AllAuditLogsView):
    describe(view.search, answer=PagedResults[answers.AuditLogItem])
    describe(view.diff, query=(("previousId", str),), answer=answers.AuditLogDiff, names={"entry_id": "id"})
for exporting in (ExportView, AllExportView):
    describe(exporting.export, query=_EXPORTED, answer=Content(("text/csv", _NDJSON)))
for proving, more in ((TrailProofView, ()), (InstanceProofView, _TENANT)):
    describe(proving.check, query=more, answer=proof_answers.TrailReport)
    describe(proving.state, query=more, answer=proof_answers.TrailState)
    describe(proving.anchors, query=more, answer=Content((_NDJSON,)))
describe(TrailProofView.verifier, answer=Content(("text/x-python",)))
describe(AuditLogsView.find, answer=answers.AuditLogItem)
describe(AuditLogsView.history, answer=list[answers.AuditLogOption], names={"object_id": "detailId"})
