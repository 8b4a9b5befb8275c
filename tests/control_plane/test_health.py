import pytest
from django.test import Client

from control_plane import health
from control_plane.kernel.config import override


def test_a_living_process_says_so_without_its_servers():
    assert Client().get("/health/liveness").json() == {"status": "UP"}


@pytest.mark.django_db
def test_an_instance_with_its_servers_is_ready(valkey):
    answer = Client().get("/health/readiness")
    assert (answer.status_code, answer.json()["status"]) == (200, "UP")


@pytest.mark.django_db
def test_without_redis_it_is_not_ready():
    with override(redis_url="redis://127.0.0.1:1/0"):
        answer = Client().get("/health")
    assert answer.status_code == 503
    details = answer.json()["details"]
    assert (details["database"], details["redis"]) == ({"status": "UP"}, {"status": "DOWN"})


@pytest.mark.django_db
@pytest.mark.parametrize(("least", "status"), [(0, "UP"), (2**62, "FULL")])
def test_a_full_disk_is_told_and_what_is_there_is_served_on(valkey, tmp_path, monkeypatch, least, status):
    monkeypatch.setattr(health, "LEAST_ROOM", least)
    with override(storage={"path": str(tmp_path / "not" / "made" / "yet")}):
        answer = Client().get("/health")
    assert (answer.status_code, answer.json()["details"]["storage"]["status"]) == (200, status)


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("10.1.1.1", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "10.1.1.1"}, 403),
    ],
)
def test_figures_are_for_this_machine_alone(address, headers, status):
    assert Client(REMOTE_ADDR=address, headers=headers).get("/prometheus").status_code == status


@pytest.mark.parametrize(("given", "status"), [("Bearer right", 200), ("Bearer wrong", 403), ("", 403)])
def test_with_a_token_figures_are_for_who_holds_it(given, status):
    with override(metrics_token="right"):
        assert Client().get("/prometheus", headers={"Authorization": given}).status_code == status
