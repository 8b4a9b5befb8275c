"""The instance page: which processes live."""

from __future__ import annotations

from datetime import timedelta

import pytest
import redis

from control_plane.embedded.valkey import Valkey
from control_plane.kernel.presence import Announcer, announced, present
from control_plane.kernel.words.clock import now
from tests.cast import Cast, make_cast
from tests.executions.ground import FakeWorker
from workers.models import Worker

pytestmark = pytest.mark.django_db
SERVICES = "/api/v1/instance/services"


@pytest.fixture
def people(db: None, valkey: Valkey) -> Cast:
    return make_cast()


def said(valkey: Valkey, role: str) -> Announcer:
    announcer = Announcer(role, valkey.url)
    announcer.say()
    return announcer


def test_servers_and_workers_are_listed(people: Cast, valkey: Valkey) -> None:
    for role in ("web", "scheduler"):
        said(valkey, role)
    worker = FakeWorker().member.worker_id
    found = people.root.client.get(f"{SERVICES}/search").json()
    assert [(each["type"], each["state"]) for each in found["results"]] == [
        ("WEBSERVER", "RUNNING"),
        ("SCHEDULER", "RUNNING"),
        ("WORKER", "RUNNING"),
    ]
    assert found["total"] == 3
    assert people.root.client.get(f"{SERVICES}/{worker}").json()["type"] == "WORKER"
    assert people.root.client.get(f"{SERVICES}/nobody").status_code == 404
    active = people.root.client.get(f"{SERVICES}/active").json()
    assert active["total"] == 3 and {"type": "WEBSERVER", "total": 1} in active["services"]


def test_services_are_filtered_and_paged(people: Cast, valkey: Valkey) -> None:
    for role in ("web", "web", "scheduler"):
        said(valkey, role)
    read = people.root.client.get
    assert read(f"{SERVICES}/search", {"filters[type][EQUALS]": "WEBSERVER"}).json()["total"] == 2
    assert read(f"{SERVICES}/search", {"filters[type][NOT_IN]": "WEBSERVER,WORKER"}).json()["total"] == 1
    assert len(read(f"{SERVICES}/search", {"size": 1, "page": 2}).json()["results"]) == 1
    assert read(f"{SERVICES}/search", {"filters[type][REGEX]": "W.*"}).status_code == 400
    assert read(f"{SERVICES}/search", {"filters[flowId][EQUALS]": "x"}).status_code == 400


def test_a_silent_worker_is_shown_as_disconnected_and_one_that_left_not_at_all(people: Cast) -> None:
    silent, gone = FakeWorker().member.worker_id, FakeWorker().member.worker_id
    Worker.objects.filter(id=silent).update(seen_at=now() - timedelta(minutes=5))
    Worker.objects.filter(id=gone).update(left_at=now())
    found = people.root.client.get(f"{SERVICES}/search").json()["results"]
    assert [(each["id"], each["state"]) for each in found] == [(silent, "DISCONNECTED")]


def test_an_announcement_survives_a_flushed_server_and_ends_with_its_process(valkey: Valkey) -> None:
    announcer = said(valkey, "web")
    with redis.Redis.from_url(valkey.url) as client:
        client.flushall()
        assert present() == []
        announcer.say()
        (key,) = client.keys("orrery:service:*")
        assert 0 < client.ttl(key) <= 30
    (heard,) = present()
    assert heard.seen_at >= heard.started_at
    announcer.leave()
    assert present() == []


def test_a_server_that_is_away_stops_nobody() -> None:
    announcer = Announcer("web", "redis://127.0.0.1:1/0")
    announcer.say()
    announcer.leave()
    with announced("web"):
        pass


def test_only_a_superadmin_sees_services(people: Cast) -> None:
    for path in ("search", "active", "x"):
        assert people.olga.client.get(f"{SERVICES}/{path}").status_code == 403
