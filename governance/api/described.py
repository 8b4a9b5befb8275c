"""What these endpoints take and give, for the API's description."""

from __future__ import annotations

from functools import partial
from typing import Literal

from control_plane.kernel.api.answers import BulkResponse, Moment, PagedResults
from control_plane.kernel.api.schema import BYTES, FILTERS, NOTHING, PAGE, PAGED, Content, Parameter, describe
from governance.api import answers
from governance.api.banners import BannersView, TenantBannersView
from governance.api.bodies import BannerBody, KillSwitchBody, PolicyBody, PreviewBody
from governance.api.kill_switches import KillSwitchesView
from governance.api.maintenance import MaintenanceView
from governance.api.notifications import NotificationsView
from governance.api.policies import InstancePoliciesView, NamespacePoliciesView, TenantPoliciesView
from governance.api.quotas import QuotasView
from governance.api.retention import PlaceBody, RetentionBody, RetentionView, TrialBody

describe(KillSwitchesView.search, answer=list[answers.KillSwitch])
describe(KillSwitchesView.create, body=KillSwitchBody, answer=answers.KillSwitch)
_of_switch = partial(describe, names={"switch_id": "id"})
_of_switch(KillSwitchesView.update, body=KillSwitchBody, answer=answers.KillSwitch)
_of_switch(KillSwitchesView.delete, answer=NOTHING)

describe(BannersView.search, query=FILTERS, answer=list[answers.Banner])
describe(BannersView.create, body=BannerBody, answer=answers.Banner)
_of_banner = partial(describe, names={"banner_id": "id"})
_of_banner(BannersView.update, body=BannerBody, answer=answers.Banner)
_of_banner(BannersView.delete, answer=NOTHING)
describe(BannersView.shown, TenantBannersView.shown, answer=list[answers.Banner])

describe(MaintenanceView.enter, MaintenanceView.exit, answer=answers.Empty)
describe(MaintenanceView.status, answer=answers.MaintenanceStatus)

describe(NotificationsView.history, query=(("before", str), ("limit", int)), answer=answers.NotificationHistory)
describe(
    NotificationsView.since, query=(Parameter("since", Moment, is_required=True),), answer=answers.NotificationsSince
)
describe(NotificationsView.unread, answer=int)
describe(NotificationsView.read_all, answer=answers.MarkedRead)
_of_notification = partial(describe, names={"notification_id": "id"})
_of_notification(NotificationsView.read, NotificationsView.keep_unread, answer=NOTHING)

_UPLOAD = Content(("multipart/form-data",), dict[Literal["fileUpload"], bytes])
_VIEWS = (InstancePoliciesView, TenantPoliciesView, NamespacePoliciesView)
_of_policy = partial(describe, names={"policy_id": "id"})
_SCOPED = (("scope", answers.PolicyScope),)
for _view in _VIEWS:
    describe(_view.create, body=PolicyBody, answer=answers.Policy)
    describe(_view.delete_many, body=list[str], answer=BulkResponse)
    describe(_view.export, answer=BYTES)
    describe(_view.export_many, body=list[str], answer=BYTES)
    describe(_view.search, query=PAGED, answer=PagedResults[answers.PolicySummary])
    _of_policy(_view.update, body=PolicyBody, answer=answers.Policy)
    _of_policy(_view.delete, answer=NOTHING, status=204)
    _of_policy(_view.show, answer=answers.Policy)
    _of_policy(_view.evaluate, query=PAGE, answer=answers.PolicyEvaluation)
describe(NamespacePoliciesView.search, query=(*PAGE, *FILTERS))
describe(InstancePoliciesView.show, query=_SCOPED)
describe(InstancePoliciesView.evaluate, query=(*PAGE, *_SCOPED))
describe(TenantPoliciesView.import_all, body=_UPLOAD, answer=answers.PolicyImportResult)
describe(TenantPoliciesView.preview, body=PreviewBody, answer=answers.PolicyPreview)
describe(QuotasView.search, answer=list[answers.QuotaLimit])

_PLACE = (("namespace", str),)
describe(RetentionView.show, query=_PLACE, answer=answers.Retention)
describe(RetentionView.save, body=RetentionBody, answer=answers.RetentionPolicy)
describe(RetentionView.delete, query=_PLACE, answer=NOTHING, status=204)
describe(RetentionView.preview, body=TrialBody, answer=answers.RetentionPreview)
describe(RetentionView.run, body=PlaceBody, answer=answers.RetentionRun)
describe(RetentionView.stop, answer=answers.RetentionRun)
