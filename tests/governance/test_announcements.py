"""An announcement is shown between its dates, to everybody or to the people of one tenant."""

from __future__ import annotations

import pytest

from governance.models import Announcement
from tests.cast import Cast
from tests.governance.conftest import LONG_AGO, ask

pytestmark = pytest.mark.django_db
BANNERS = "/api/v1/banners"


def announce(people: Cast, message: str, status: int = 200, **more: object) -> dict[str, object]:
    told: dict[str, object] = ask(people, "post", BANNERS, {"message": message, **more}, status)
    return told


def messages(client: object, path: str = f"{BANNERS}/shown") -> list[str]:
    return [each["message"] for each in client.get(path).json()]  # type: ignore[attr-defined]


def test_it_is_made_changed_and_taken_away(people: Cast) -> None:
    made = announce(people, "Down on Sunday", type="WARNING")
    assert made == {"id": made["id"], "message": "Down on Sunday", "type": "WARNING", "active": True}
    path = f"{BANNERS}/{made['id']}"
    assert ask(people, "put", path, {**made, "message": "Done"})["message"] == "Done"
    assert [each["message"] for each in ask(people, "get", f"{BANNERS}/search")] == ["Done"]
    ask(people, "delete", path)
    ask(people, "delete", path, status=404)
    assert not Announcement.objects.exists()


def test_everybody_reads_it_before_they_sign_in(people: Cast) -> None:
    announce(people, "for all")
    announce(people, "for acme", tenantId="acme")
    assert messages(people.anonymous) == ["for all"]
    assert messages(people.vera.client, "/api/v1/acme/banners/shown") == ["for all", "for acme"]
    assert messages(people.otto.client, "/api/v1/globex/banners/shown") == ["for all"]
    assert people.otto.client.get("/api/v1/acme/banners/shown").status_code == 404


def test_it_is_shown_between_its_dates_while_it_is_active(people: Cast) -> None:
    announce(people, "over", endDate=LONG_AGO)
    announce(people, "to come", startDate="2200-01-01T00:00:00Z")
    announce(people, "off", active=False)
    announce(people, "now", startDate=LONG_AGO, endDate="2200-01-01T00:00:00Z")
    assert messages(people.anonymous) == ["now"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"message": ""}, "message"),
        ({"message": "m", "type": "LOUD"}, "type"),
        ({"message": "m", "tenantId": "nobody"}, "tenantId"),
        ({"message": "m", "startDate": "2030-01-02T00:00:00Z", "endDate": "2030-01-01T00:00:00Z"}, "endDate"),
    ],
)
def test_what_is_wrong_is_named(people: Cast, body, field) -> None:
    assert field in str(ask(people, "post", BANNERS, body, status=422))
    assert not Announcement.objects.exists()
