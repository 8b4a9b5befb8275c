"""Users of an integration: whom it pushed, and nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from control_plane.kernel.words.clock import iso
from control_plane.kernel.words.errors import NotFound
from iam.models import GroupMember, ScimUser
from iam.permissions import USER as USERS
from iam.record.pushed import Person
from iam.scim.attributes import USER
from iam.scim.documents import Document, Projection, folded, normalized
from iam.scim.listing import Resources, Wanted, found, projection, wanted
from iam.scim.patching import operations_of, patched
from iam.scim.replies import list_of, reply
from iam.scim.versions import is_known, tag_of
from iam.scim.views import ScimView
from iam.services.directory_users import change_pushed_user, push_user, withdraw_user

Places = Mapping[str, list[tuple[str, str]]]


class UsersView(ScimView):
    access = {
        "list": USERS.LIST,
        "search": USERS.LIST,
        "show": USERS.VIEW,
        "create": push_user,
        "replace": change_pushed_user,
        "patch": change_pushed_user,
        "delete": withdraw_user,
    }

    def list(self, request: Request) -> HttpResponse:
        return self._listed(self.query.dict())

    def search(self, request: Request) -> HttpResponse:
        return self._listed(self.said)

    def _listed(self, said: Mapping[str, Any]) -> HttpResponse:
        asked = wanted(USER, said)
        return reply(list_of(*self.page(asked), asked.start))

    def page(self, asked: Wanted) -> tuple[Resources, int]:
        """The page as it is shown, and how many there are in all."""
        rows, total = found(USER, self._rows(), asked)
        places = self._places(rows, asked.projection)
        return [asked.projection(self._resource(row, places)) for row in rows], total

    def _rows(self) -> Any:
        return ScimUser.objects.filter(integration_id=self.integration_id, deleted_at=None)

    def show(self, request: Request, pushed_user_id: str) -> HttpResponse:
        row = self._rows().filter(user_id=pushed_user_id).first()
        if row is None:
            raise NotFound(f"there is no user {pushed_user_id[:64]}")
        if is_known(request.headers.get("If-None-Match", ""), row):
            return HttpResponse(status=304, headers={"ETag": tag_of(row)})
        return self._told(row)

    def create(self, request: Request) -> HttpResponse:
        document = {"active": True, **normalized(USER, self.said)}
        row = push_user(self.ctx, integration_id=self.integration_id, said=person(document))
        # Whoever has just arrived is in none of its groups yet.
        return self._told(row, 201, {})

    def replace(self, request: Request, pushed_user_id: str) -> HttpResponse:
        document = normalized(USER, self.said)

        def edit(before: Document) -> Person:
            # Who says nothing of it means no change: an older form must not let back in who was shut out since.
            return person({**document, "active": document.get("active", before.get("active", True))})

        return self._told(self._changed(pushed_user_id, edit))

    def patch(self, request: Request, pushed_user_id: str) -> HttpResponse:
        operations = operations_of(USER, self.said, self.profile)

        def edit(before: Document) -> Person:
            return person(patched(USER, before, operations))

        return self._told(self._changed(pushed_user_id, edit))

    def _changed(self, user_id: str, edit: Any) -> ScimUser:
        return change_pushed_user(
            self.ctx, integration_id=self.integration_id, user_id=user_id, edit=edit, expect=self.expect
        )

    def delete(self, request: Request, pushed_user_id: str) -> HttpResponse:
        withdraw_user(self.ctx, integration_id=self.integration_id, user_id=pushed_user_id, expect=self.expect)
        return HttpResponse(status=204)

    def _told(self, row: ScimUser, status: int = 200, places: Places | None = None) -> HttpResponse:
        shows = projection(USER, self.query.dict())
        resource = self._resource(row, self._places([row], shows) if places is None else places)
        return reply(shows(resource), status, ETag=tag_of(row), Location=resource["meta"]["location"])

    def _places(self, rows: Any, shows: Projection) -> Places:
        """The groups of these users that this integration has pushed."""
        if not rows or not shows.shows("groups"):
            return {}
        found: dict[str, list[tuple[str, str]]] = {}
        places = GroupMember.objects.filter(
            user_id__in=[row.user_id for row in rows], group__managed_by=self.integration_id
        )
        for user_id, group_id, name in places.order_by("group__name").values_list("user_id", "group_id", "group__name"):
            found.setdefault(str(user_id), []).append((group_id, name))
        return found

    def _resource(self, row: ScimUser, places: Places) -> Document:
        groups = [
            {"value": group_id, "$ref": f"{self.base}/Groups/{group_id}", "display": name, "type": "direct"}
            for group_id, name in places.get(row.user_id, [])
        ]
        document = {key: value for key, value in row.document.items() if key not in USER.extensions}
        extensions = {urn: row.document[urn] for urn in USER.extensions if urn in row.document}
        return {
            "schemas": [USER.schema, *extensions],
            "id": row.user_id,
            **document,
            **({"groups": groups} if groups else {}),
            **extensions,
            "meta": {
                "resourceType": USER.name,
                "created": iso(row.created_at),
                "lastModified": iso(row.changed_at),
                "location": f"{self.base}/Users/{row.user_id}",
                "version": tag_of(row),
            },
        }


def person(document: Document) -> Person:
    """What an account knows of a document. Of whom `active` is not said, they are."""
    name = document.get("name", {})
    return Person(
        document=document,
        folded=folded(document),
        user_name=document["userName"],
        external_id=document.get("externalId", ""),
        emails=_addresses(document),
        first_name=name.get("givenName", ""),
        last_name=name.get("familyName", ""),
        is_active=document.get("active", True),
    )


def _addresses(document: Document) -> tuple[str, ...]:
    """The primary one first, then that of work, then the others; a user name may be one, too."""
    emails = [each for each in document.get("emails", []) if each.get("value")]
    ranked = sorted(emails, key=lambda each: (not each.get("primary"), str(each.get("type", "")).lower() != "work"))
    return (*(each["value"] for each in ranked), document["userName"])
