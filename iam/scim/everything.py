"""A search among users and groups together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from control_plane.kernel.authorization import require
from iam.permissions import GROUP as GROUPS
from iam.permissions import USER as USERS
from iam.scim.attributes import GROUP, USER, Kind
from iam.scim.expressions import parse_filter
from iam.scim.groups import GroupsView
from iam.scim.listing import Resources, Wanted, wanted
from iam.scim.refusals import InvalidFilter, InvalidValue
from iam.scim.replies import list_of, reply
from iam.scim.users import UsersView
from iam.scim.views import ScimView


class EverythingView(ScimView):
    access = {"search": USERS.LIST}

    def search(self, request: Request) -> HttpResponse:
        """Users first, then groups. What a filter asks of one kind alone is found in none of the other."""
        require(self.ctx, GROUPS.LIST)
        said = self.said
        shown: Resources = []
        total = 0
        asked = wanted(USER, said)
        for kind, view in ((USER, UsersView()), (GROUP, GroupsView())):
            view.integration = self.integration
            resources, count = _page(kind, view, said, asked, before=total, shown=len(shown))
            shown, total = [*shown, *resources], total + count
        return reply(list_of(shown, total, asked.start))


def _page(
    kind: Kind, view: UsersView | GroupsView, said: Mapping[str, Any], asked: Wanted, *, before: int, shown: int
) -> tuple[Resources, int]:
    """What of the page is of this kind, when so many others stand before."""
    left = replace(wanted(kind, said), start=max(1, asked.start - before), count=max(0, asked.count - shown))
    try:
        return view.page(left)
    except (InvalidFilter, InvalidValue):
        other = GROUP if kind is USER else USER
        _check(other, said)
        return [], 0


def _check(kind: Kind, said: Mapping[str, Any]) -> None:
    """Raise where the other kind does not understand it either."""
    parse_filter(kind, wanted(kind, said).filter)
