"""Groups of an integration: what it pushed, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from control_plane.kernel.words.clock import iso
from control_plane.kernel.words.errors import NotFound
from iam.models import GroupMember, ScimGroup
from iam.permissions import GROUP as GROUPS
from iam.record.places import MemberChange
from iam.scim.attributes import GROUP
from iam.scim.documents import Document, Projection, folded, normalized
from iam.scim.listing import Resources, Wanted, found, projection, wanted
from iam.scim.membership import ids_of, parted
from iam.scim.patching import operations_of, patched
from iam.scim.replies import list_of, reply
from iam.scim.versions import is_known, tag_of
from iam.scim.views import ScimView
from iam.services.directory_groups import PushedGroup, change_pushed_group, push_group, withdraw_group

Members = Mapping[str, list[Document]]


class GroupsView(ScimView):
    access = {
        "list": GROUPS.LIST,
        "search": GROUPS.LIST,
        "show": GROUPS.VIEW,
        "create": push_group,
        "replace": change_pushed_group,
        "patch": change_pushed_group,
        "delete": withdraw_group,
    }

    def list(self, request: Request) -> HttpResponse:
        return self._listed(self.query.dict())

    def search(self, request: Request) -> HttpResponse:
        return self._listed(self.said)

    def _listed(self, said: Mapping[str, Any]) -> HttpResponse:
        asked = wanted(GROUP, said)
        return reply(list_of(*self.page(asked), asked.start))

    def page(self, asked: Wanted) -> tuple[Resources, int]:
        """The page as it is shown, and how many there are in all."""
        rows, total = found(GROUP, self._rows(), asked)
        members = self._members(rows, asked.projection)
        return [asked.projection(self._resource(row, members)) for row in rows], total

    def _rows(self) -> Any:
        return ScimGroup.objects.filter(integration_id=self.integration_id)

    def show(self, request: Request, pushed_group_id: str) -> HttpResponse:
        row = self._rows().filter(group_id=pushed_group_id).first()
        if row is None:
            raise NotFound(f"there is no group {pushed_group_id[:64]}")
        if is_known(request.headers.get("If-None-Match", ""), row):
            return HttpResponse(status=304, headers={"ETag": tag_of(row)})
        return self._told(row)

    def create(self, request: Request) -> HttpResponse:
        said, members = _split(self.said)
        row = push_group(self.ctx, integration_id=self.integration_id, said=said, members=members or ())
        return self._told(row, 201)

    def replace(self, request: Request, pushed_group_id: str) -> HttpResponse:
        said, members = _split(self.said)
        changes = [MemberChange("replace", members or ())]
        return self._told(self._changed(pushed_group_id, lambda before: said, changes))

    def patch(self, request: Request, pushed_group_id: str) -> HttpResponse:
        """A group is told again only to whom asks for some of it: it may be large."""
        own, changes = parted(operations_of(GROUP, self.said, self.profile), self.profile)
        row = self._changed(pushed_group_id, lambda before: pushed(patched(GROUP, before, own)), changes)
        if {"attributes", "excludedAttributes"} & self.query.keys():
            return self._told(row)
        return HttpResponse(status=204, headers={"ETag": tag_of(row)})

    def _changed(
        self, group_id: str, edit: Callable[[Document], PushedGroup], members: Sequence[MemberChange]
    ) -> ScimGroup:
        return change_pushed_group(
            self.ctx,
            integration_id=self.integration_id,
            group_id=group_id,
            edit=edit,
            members=members,
            expect=self.expect,
        )

    def delete(self, request: Request, pushed_group_id: str) -> HttpResponse:
        withdraw_group(self.ctx, integration_id=self.integration_id, group_id=pushed_group_id, expect=self.expect)
        return HttpResponse(status=204)

    def _told(self, row: ScimGroup, status: int = 200) -> HttpResponse:
        shows = projection(GROUP, self.query.dict())
        resource = self._resource(row, self._members([row], shows))
        return reply(shows(resource), status, ETag=tag_of(row), Location=resource["meta"]["location"])

    def _members(self, rows: Sequence[ScimGroup], shows: Projection) -> Members:
        if not rows or not shows.shows("members"):
            return {}
        found: dict[str, list[Document]] = {}
        places = GroupMember.objects.filter(group_id__in=[row.group_id for row in rows], user_id__isnull=False)
        is_displayed = shows.asks_for("members", "display")
        told = places.order_by("user_id").values_list("group_id", "user_id", "user__email")
        for group_id, user_id, email in told:
            member = {"value": user_id, "$ref": f"{self.base}/Users/{user_id}", "type": "User"}
            member |= {"display": email} if is_displayed else {}
            found.setdefault(str(group_id), []).append(member)
        return found

    def _resource(self, row: ScimGroup, members: Members) -> Document:
        inside = members.get(row.group_id, [])
        return {
            "schemas": [GROUP.schema],
            "id": row.group_id,
            **row.document,
            **({"members": inside} if inside else {}),
            "meta": {
                "resourceType": GROUP.name,
                "created": iso(row.created_at),
                "lastModified": iso(row.changed_at),
                "location": f"{self.base}/Groups/{row.group_id}",
                "version": tag_of(row),
            },
        }


def _split(said: Mapping[str, Any]) -> tuple[PushedGroup, tuple[str, ...] | None]:
    """What is said of the group, and who is said to be in it, None where nothing is."""
    rest = {key: value for key, value in said.items() if key.lower() != "members"}
    members = [value for key, value in said.items() if key.lower() == "members"]
    return pushed(normalized(GROUP, rest)), ids_of(members[0]) if members else None


def pushed(document: Document) -> PushedGroup:
    return PushedGroup(document, folded(document), document["displayName"], document.get("externalId", ""))
