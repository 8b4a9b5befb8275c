"""What the addresses of SCIM take and give, for the API's description."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from control_plane.kernel.api.bodies import Body
from control_plane.kernel.api.schema import NOTHING, Content, describe
from iam.scim.bulk import BulkView
from iam.scim.discovery import DiscoveryView, ElsewhereView
from iam.scim.everything import EverythingView
from iam.scim.groups import GroupsView
from iam.scim.users import UsersView

SCIM = ("application/scim+json",)
Order = Literal["ASCENDING", "DESCENDING"]
SHOWN = (("attributes", str), ("excludedAttributes", str))
LISTED = (
    *SHOWN,
    ("filter", str),
    ("sortBy", str),
    ("sortOrder", Order),
    ("startIndex", int),
    ("count", int),
)


IDS = {"pushed_user_id": "id", "pushed_group_id": "id"}


class ScimDocument(TypedDict):
    """A resource as RFC 7643 describes it; `/Schemas` lists its attributes."""

    schemas: list[str]
    id: NotRequired[str]
    externalId: NotRequired[str]
    meta: NotRequired[dict[str, Any]]


class ScimList(TypedDict):
    schemas: list[str]
    totalResults: int
    startIndex: int
    itemsPerPage: int
    Resources: list[ScimDocument]


class ScimSearch(Body):
    """What a `.search` takes."""

    filter: str | None = None
    sort_by: str | None = None
    sort_order: str | None = None
    start_index: int | None = None
    count: int | None = None
    attributes: list[str] | None = None
    excluded_attributes: list[str] | None = None


_one = partial(describe, names=IDS, answer=Content(SCIM, ScimDocument))
_document = Content(SCIM, dict[str, Any])
for _view in (UsersView, GroupsView):
    describe(_view.list, query=LISTED, answer=Content(SCIM, ScimList))
    describe(_view.search, body=Content(SCIM, ScimSearch), answer=Content(SCIM, ScimList))
    _one(_view.show, query=SHOWN)
    _one(_view.create, query=SHOWN, body=_document, status=201)
    _one(_view.replace, query=SHOWN, body=_document)
    describe(_view.delete, names=IDS, answer=NOTHING, status=204)
_one(UsersView.patch, query=SHOWN, body=_document)
describe(GroupsView.patch, names=IDS, query=SHOWN, body=_document, answer=NOTHING, status=204)
describe(EverythingView.search, body=Content(SCIM, ScimSearch), answer=Content(SCIM, ScimList))
describe(BulkView.create, body=_document, answer=Content(SCIM, ScimDocument))
describe(DiscoveryView.config, DiscoveryView.one_schema, answer=Content(SCIM, ScimDocument))
describe(DiscoveryView.one_type, names={"resource_type": "name"}, answer=Content(SCIM, ScimDocument))
describe(DiscoveryView.resource_types, DiscoveryView.schemas, answer=Content(SCIM, ScimList))
describe(ElsewhereView.me, ElsewhereView.nothing, answer=Content(SCIM, ScimDocument))
