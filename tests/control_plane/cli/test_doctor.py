import psycopg
import pytest

from control_plane.cli.doctor import findings
from control_plane.embedded.postgres import OWNER
from control_plane.kernel.config import config, override


def seen(**knobs) -> dict[str, tuple[bool, str]]:
    with override(**knobs):
        return {name: (good, text) for name, good, text in findings(config())}


def test_it_says_which_way_the_embedded_postgresql_starts(tmp_path):
    assert "PostgreSQL is started" in seen(database_url=None, data_dir=tmp_path)["embedded"][1]


def test_embedded_servers_that_do_not_run_are_no_fault(tmp_path):
    found = seen(database_url=None, redis_url=None, data_dir=tmp_path)
    assert found["database"] == (True, "embedded, not running")
    assert found["redis"] == (True, "embedded, not running")


def test_servers_that_answer_are_well(postgres, valkey):
    found = seen()
    assert found["database"][1].endswith("as orrery_app")
    assert found["redis"] == (True, "answers")


def test_a_broker_that_answers_is_well(postgres, valkey):
    assert seen(broker_url=config().redis_url)["broker"] == (True, "answers over redis")


def test_a_data_folder_that_cannot_be_one_is_a_fault(tmp_path):
    (tmp_path / "file").touch()
    assert seen(database_url=None, data_dir=tmp_path / "file")["embedded"][0] is False


def test_a_serving_role_that_owns_is_a_fault(postgres):
    assert seen(database_url=postgres.url(OWNER))["database"] == (
        False,
        "the serving role is too strong: superuser, owner, BYPASSRLS or INHERIT",
    )


def test_a_serving_role_that_may_change_the_audit_trail_is_a_fault(postgres):
    with psycopg.connect(postgres.url(OWNER)) as owner:
        owner.execute("GRANT DELETE ON audit_entry TO orrery_app")
    try:
        good, text = seen()["database"]
    finally:
        with psycopg.connect(postgres.url(OWNER)) as owner:
            owner.execute("REVOKE DELETE ON audit_entry FROM orrery_app")
    assert (good, text[:42]) == (False, "the serving role may change audit_entry: R")


@pytest.mark.parametrize(
    ("knob", "name", "url"),
    [
        ("database_url", "database", "postgresql://a@127.0.0.1:1/d"),
        ("redis_url", "redis", "redis://127.0.0.1:1/0"),
        ("broker_url", "broker", "amqp://127.0.0.1:1//"),
    ],
)
def test_a_server_that_does_not_answer_is_a_fault(knob, name, url):
    assert seen(**{knob: url})[name][0] is False
