"""Who is answered what on every address of a tenant, against a table that is kept: nothing opens or closes unseen."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from control_plane.kernel.permissions import Permission, Rule
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.clock import now
from iam.authentication import cache
from iam.authorization import versions
from iam.authorization.catalogue import ASSIGNABLE
from iam.models import ApiToken, Binding, Role, ServiceAccount
from iam.record.tokens import NewToken
from iam.services.instance_accounts import create_any_account_token
from tests.architecture.routes import Route, api_routes
from tests.architecture.test_audited import SENT, by_end, filled
from tests.architecture.test_twin_inputs import base_of, path_of
from tests.architecture.test_twin_inputs import undone as undone
from tests.architecture.twins import Twin, make_twin
from tests.cast import ACME, Cast, Person, make_cast, make_person
from tests.described import DescribedClient

TABLE = Path(__file__).with_name("access_matrix.csv")
# What is there is updated: the other right is asked for.
UPSERTS = {
    "PUT /api/v1/<str:tenant>/namespaces/<str:namespace>/kv/<str:key>",
    "POST /api/v1/<str:tenant>/namespaces/<str:namespace>/files",
    "PUT /api/v1/<str:tenant>/namespaces/<str:namespace>/reusable-inputs/<str:block_id>",
}
ABOVE, ELSEWHERE = "zqup", "zqelsewhere"
PEOPLE = (
    *("anonymous", "outsider", "member without role", "all but this", "only this", "only this elsewhere"),
    *("only this above", "superadmin", "machine with only this", "expired token"),
)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def own(cast: Cast) -> Twin:
    return make_twin(ACME, "zqown", cast.olga, above=f"{ABOVE}.")


def routes() -> list[Route]:
    return [route for route in api_routes() if route.is_tenants and route.right is not Rule.PUBLIC]


class Crowd:
    """Everybody that is asked about, each made when first needed; those of one permission serve all its routes."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.plain = make_person("plain@acme.test", tenants=[ACME]).client
        self.expired = make_person("expired@acme.test", tenants=[ACME])
        ApiToken.objects.filter(user_id=self.expired.user.id).update(expires_at=now())
        cache._known.clear()
        self._of: dict[Permission, dict[str, Client]] = {}

    def at(self, right: Permission | Rule | None) -> dict[str, Client]:
        fixed = {
            "anonymous": self.cast.anonymous,
            "outsider": self.cast.otto.client,
            "member without role": self.plain,
            "superadmin": self.cast.root.client,
            "expired token": self.expired.client,
        }
        if not isinstance(right, Permission):
            return fixed
        if right not in self._of:
            self._of[right] = self._make(right)
        return {**fixed, **self._of[right]}

    def _make(self, right: Permission) -> dict[str, Client]:
        only = {right.resource: [right.action]}
        others = {
            resource: [action for action in actions if (resource, action) != (right.resource, right.action)]
            for resource, actions in ASSIGNABLE.items()
        }
        slug = f"{right.resource}-{right.action}".lower().replace("_", "-")
        people = {
            "all but this": self._person(f"b-{slug}", others, None),
            "only this": self._person(f"o-{slug}", only, None),
            "only this elsewhere": self._person(f"e-{slug}", only, ELSEWHERE),
            "only this above": self._person(f"a-{slug}", only, ABOVE),
        }
        return {
            **{name: person.client for name, person in people.items()},
            "machine with only this": self._machine(slug),
        }

    def _person(self, name: str, permissions: dict[str, list[str]], namespace: str | None) -> Person:
        person = make_person(f"{name}@acme.test", tenants=[ACME])
        with tenant_scope(ACME):
            role = Role.objects.create(name=name, permissions=permissions)
            Binding.objects.create(role=role, user=person.user, namespace=namespace)
            versions.move_tenant(ACME)
        return person

    def _machine(self, slug: str) -> Client:
        with tenant_scope(ACME):
            account = ServiceAccount.objects.create(name=slug[:63])
            Binding.objects.create(role=Role.objects.get(name=f"o-{slug}"), service_account=account)
            versions.move_tenant(ACME)
        _, token = create_any_account_token(self.cast.root.context(), account_id=account.id, wanted=NewToken("matrix"))
        return DescribedClient(headers={"authorization": f"Bearer {token}"})


def status(client: Client, own: Twin, route: Route) -> str:
    body, kind = by_end(route, SENT) or ("{}", "application/json")
    path = f"{path_of(route, own)}?{base_of(route, own)}"
    response: Any = client.generic(route.method, path, filled(body, own.slots), content_type=kind)
    response.close()
    return str(response.status_code)


def matrix(cast: Cast, own: Twin) -> list[list[str]]:
    crowd = Crowd(cast)
    rows = [["operation", "right", *PEOPLE]]
    for route in routes():
        asked = crowd.at(route.right)
        answers = [status(asked[who], own, route) if who in asked else "" for who in PEOPLE]
        rows.append([str(route), str(getattr(route.right, "value", route.right)), *answers])
    return rows


@pytest.mark.nightly
@pytest.mark.django_db
def test_the_answers_are_those_of_the_table(cast: Cast, own: Twin, undone: None):
    """`WRITE_ACCESS_MATRIX=1` writes it anew, for a reader to judge what has changed."""
    found = matrix(cast, own)
    if os.environ.get("WRITE_ACCESS_MATRIX"):
        with TABLE.open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(found)
    with TABLE.open(newline="") as file:
        kept = list(csv.reader(file))
    differences = {row[0]: row for row in found if row not in kept} | {row[0]: row for row in kept if row not in found}
    assert differences == {}


def test_the_table_lets_nobody_in_who_lacks_the_right():
    with TABLE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 150
    for row in rows:
        told = row["operation"], dict(row)
        assert row["anonymous"] == row["expired token"] == "401", told
        assert row["outsider"] in ("404", "403"), told
        if "." in row["right"] and row["operation"] not in UPSERTS:
            assert row["member without role"] in ("403", "404"), told
            assert row["all but this"] in ("400", "403", "404", "415", "422"), told
