"""The instance page: which processes live."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
import redis

from control_plane.embedded.valkey import Valkey
from control_plane.kernel.config import override
from control_plane.kernel.presence import EVERY_SECONDS, MISSED_BEATS, Announcer, Present, announced, present
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
        assert 0 < client.ttl(key) <= 3600
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


def test_a_server_that_died_is_said_so_within_fifteen_seconds(people: Cast, valkey: Valkey) -> None:
    announcer = said(valkey, "web")
    assert EVERY_SECONDS * MISSED_BEATS <= 15
    with redis.Redis.from_url(valkey.url) as client:
        (key,) = client.keys("orrery:service:*")
        heard = msgspec.json.decode(client.get(key), type=Present)
        died = msgspec.structs.replace(heard, seen_at=now() - timedelta(seconds=13))
        client.set(key, msgspec.json.encode(died))
    (shown,) = people.root.client.get(f"{SERVICES}/search").json()["results"]
    assert (shown["id"], shown["state"]) == (heard.id, "DISCONNECTED")
    assert people.root.client.get(f"{SERVICES}/active").json()["total"] == 0
    details = people.root.client.get(f"{SERVICES}/{heard.id}").json()
    assert [each["state"] for each in details["events"]] == ["RUNNING", "DISCONNECTED"]
    announcer.leave()


def test_a_process_says_how_busy_it_is_and_how_it_is_set_but_no_secret(people: Cast, valkey: Valkey) -> None:
    secret, password = "a-secret-that-nobody-reads-0123456789", "hunter2-of-the-database"
    with override(secret_key=secret, database_url=f"postgresql://app:{password}@db.example/orrery"):
        said(valkey, "web")
    (listed,) = people.root.client.get(f"{SERVICES}/search").json()["results"]
    details = people.root.client.get(f"{SERVICES}/{listed['id']}").json()
    assert details["props"]["database_url"] == "postgresql://***@db.example/orrery"
    assert details["props"]["secret_key"] == "***"
    assert details["props"]["web_port"] == 8080
    assert secret not in str(details) and password not in str(details)
    figures = {each["name"]: each["value"] for each in details["metrics"]}
    assert figures["process.memory.bytes"] > 1_000_000
    assert figures["process.threads"] >= 1


def test_figures_are_told_by_type_of_process(people: Cast, valkey: Valkey) -> None:
    said(valkey, "web")
    FakeWorker()
    read = people.root.client.get
    names = {each["name"] for each in read("/api/v1/instance/metrics/WORKER").json()}
    assert "worker.slots" in names
    assert read("/api/v1/instance/metrics/WEBSERVER").json()
    assert read("/api/v1/instance/metrics/EXECUTOR").json() == []
    assert read("/api/v1/instance/metrics/x").status_code == 400
    assert people.olga.client.get("/api/v1/instance/metrics/WORKER").status_code == 403


@pytest.mark.parametrize("query", ["filters[flowId][EQUALS]=x", "filters[type][REGEX]=W", "filters[id][EQUALS][a]=b"])
def test_a_wrong_filter_is_refused_though_no_process_is_there(people: Cast, query: str) -> None:
    assert people.root.client.get(f"{SERVICES}/search?{query}").status_code == 400
