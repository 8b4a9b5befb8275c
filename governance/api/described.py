"""What these endpoints take and give, for the API's description."""

from __future__ import annotations

from functools import partial

from control_plane.kernel.api.answers import Moment
from control_plane.kernel.api.schema import FILTERS, NOTHING, Parameter, describe
from governance.api import answers
from governance.api.banners import BannersView, TenantBannersView
from governance.api.bodies import BannerBody, KillSwitchBody
from governance.api.kill_switches import KillSwitchesView
from governance.api.maintenance import MaintenanceView
from governance.api.notifications import NotificationsView

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
