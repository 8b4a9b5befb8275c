"""What Okta, Entra, Keycloak and authentik send, in their order and in any other: all right, and nobody twice."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from control_plane.kernel.scope import instance_scope
from iam.models import User
from tests.cast import Cast, make_cast
from tests.iam.scim.clients import ScimClient, make_client

pytestmark = pytest.mark.django_db
CORPORA = sorted(Path(__file__).with_name("corpora").glob("*.json"))
CLIENTS = [path.stem for path in CORPORA]


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def filled(text: str, made: dict[str, str]) -> str:
    for name, identity in made.items():
        text = text.replace(f"{{{name}}}", identity)
    return text


def lacks(step: dict[str, Any], status: int, told: Any, made: dict[str, str]) -> list[str]:
    wrong = [f"answered {status}: {told}"] if status != step["status"] else []
    shown = told or {}
    for key, value in step.get("shows", {}).items():
        if shown.get(key) != value:
            wrong.append(f"{key} is {shown.get(key)!r}, not {value!r}")
    wrong += [f"{key} is shown" for key in step.get("absent", []) if key in shown]
    if "members" in step:
        held = sorted(each["value"] for each in shown.get("members", []))
        if held != sorted(filled(each, made) for each in step["members"]):
            wrong.append(f"members are {held}")
    return wrong


@pytest.mark.parametrize("corpus", CORPORA, ids=CLIENTS)
def test_a_corpus_is_answered_as_its_client_expects(cast: Cast, corpus: Path):
    scim = make_client(cast.olga, client=corpus.stem.upper())
    made: dict[str, str] = {}
    wrong = {}
    for step in json.loads(corpus.read_text()):
        body = json.loads(filled(json.dumps(step["body"]), made)) if "body" in step else None
        status, told = scim.call(step["method"], filled(step["path"], made), body)
        if lacking := lacks(step, status, told, made):
            wrong[step["name"]] = lacking
        if "save" in step:
            made[step["save"]] = told["id"]
    assert wrong == {}


class Habits:
    """One client at work: it looks before it makes, and speaks as it does."""

    def __init__(self, scim: ScimClient, client: str, person: str, crew: str) -> None:
        self.scim, self.client, self.person, self.crew = scim, client, person, crew

    def found(self, kind: str, name: str, value: str) -> str:
        asked = f"/{kind}?excludedAttributes=members&filter={quote(f'{name} eq {json.dumps(value)}')}"
        found = self.scim.get(asked)
        assert found["totalResults"] <= 1
        return found["Resources"][0]["id"] if found["totalResults"] else ""

    def user(self) -> str:
        body = {"userName": self.person, "externalId": f"x-{self.person}", "active": True}
        return self.found("Users", "userName", self.person.upper()) or self.scim.make("/Users", body)["id"]

    def group(self) -> str:
        return self.found("Groups", "displayName", self.crew) or self.scim.group(self.crew)["id"]

    def change(self, place: str, **operation: Any) -> None:
        if self.client == "entra":
            operation["op"] = operation["op"].title()
        status, told = self.scim.patch(place, operation)
        assert status in (200, 204), told

    def set_active(self, is_active: bool) -> None:
        place, value = f"/Users/{self.user()}", is_active
        if self.client == "entra":
            self.change(place, op="replace", path="active", value=str(value))
        elif self.client == "okta":
            self.change(place, op="replace", value={"active": value})
        else:
            status, told = self.scim.call("PUT", place, {"userName": self.person, "active": value})
            assert status == 200, told

    def leave(self) -> None:
        self.set_active(False)

    def come_back(self) -> None:
        self.set_active(True)

    def rename(self) -> None:
        self.change(f"/Users/{self.user()}", op="replace", path="displayName", value="Renamed")

    def join(self) -> None:
        self.change(f"/Groups/{self.group()}", op="add", path="members", value=[{"value": self.user()}])

    def part(self) -> None:
        self.change(f"/Groups/{self.group()}", op="remove", path=f'members[value eq "{self.user()}"]')

    def withdraw(self) -> None:
        assert self.scim.call("DELETE", f"/Users/{self.user()}")[0] == 204


EVERY_ORDER = pytest.param(1, marks=pytest.mark.nightly, id="every order")


@pytest.mark.parametrize("step", [pytest.param(5, id="every fifth order"), EVERY_ORDER])
@pytest.mark.parametrize("client", CLIENTS)
def test_no_order_of_them_makes_anybody_twice(cast: Cast, client: str, step: int):
    scim = make_client(cast.olga, client=client.upper())
    orders = list(itertools.permutations(("leave", "come_back", "join", "withdraw", "rename")))[::step]
    for number, order in enumerate(orders):
        habits = Habits(scim, client, f"p{number}@{client}.test", f"crew {number}")
        for verb in order:
            act: Callable[[], None] = getattr(habits, verb)
            act()
        habits.user()
        with instance_scope():
            assert User.objects.filter(email=habits.person).count() == 1, order
        found = scim.get(f"/Users?filter={quote(f'userName eq {json.dumps(habits.person)}')}")
        assert found["totalResults"] == 1, order
    assert scim.get("/Users?count=0")["totalResults"] == len(orders)


@pytest.mark.parametrize("shuffles", [4, pytest.param(60, marks=pytest.mark.nightly)])
@pytest.mark.parametrize("corpus", CORPORA, ids=CLIENTS)
def test_the_calls_of_a_corpus_in_any_order_break_nothing_and_make_nobody_twice(
    cast: Cast, corpus: Path, shuffles: int
):
    """Ids that are not known yet are of nobody; each shuffle meets what the ones before have left."""
    scim = make_client(cast.olga, client=corpus.stem.upper())
    steps, made, broken = json.loads(corpus.read_text()), {}, []
    for seed in range(shuffles):
        for step in random.Random(seed).sample(steps, len(steps)):
            body = json.loads(filled(json.dumps(step["body"]), made)) if "body" in step else None
            status, told = scim.call(step["method"], filled(step["path"], made), body)
            if status >= 500 or (status >= 400 and told["status"] != str(status)):
                broken.append((seed, step["name"], status, told))
            if "save" in step and status == 201:
                made[step["save"]] = told["id"]
    assert broken == []
    found = scim.get("/Users?count=1000")
    names = [user["userName"].lower() for user in found["Resources"]]
    assert found["totalResults"] == len(names) == len(set(names)) > 0
    with instance_scope():
        addresses = list(User.objects.exclude(home="").values_list("home", "email"))
    assert len(addresses) == len(set(addresses))


def test_a_replay_of_everything_changes_nothing(cast: Cast):
    """Lost answers make a client ask again: whatever is asked twice is as if it was asked once."""
    scim = make_client(cast.olga)
    user, group = scim.user("ann"), scim.group("Crew")
    operations = (
        (f"/Users/{user['id']}", {"op": "replace", "value": {"active": False}}),
        (f"/Groups/{group['id']}", {"op": "add", "path": "members", "value": [{"value": user["id"]}]}),
        (f"/Users/{user['id']}", {"op": "add", "path": "emails", "value": [{"type": "work", "value": "a@x.test"}]}),
    )
    seen = []
    for _ in range(2):
        for place, operation in operations:
            assert scim.patch(place, operation)[0] in (200, 204)
        seen.append([scim.get(f"/Users/{user['id']}"), scim.get(f"/Groups/{group['id']}")])
    assert seen[0] == seen[1]
