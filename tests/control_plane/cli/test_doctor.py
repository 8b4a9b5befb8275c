import psycopg
import pytest

from control_plane.cli.doctor import findings
from control_plane.embedded.postgres import OWNER
from control_plane.kernel.config import config, override
from stores.storage.choice import instance_storage


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


def test_it_says_what_tasks_can_be_given_here(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "plugins.runners.isolation.sandbox.why_not", lambda **asked: "no" if "no_network" in asked else None
    )
    monkeypatch.setattr("plugins.runners.isolation.cgroups.own_branch", lambda: "no cgroup v2 is mounted")
    with override(database_url=None, data_dir=tmp_path):
        said = [(good, text) for name, good, text in findings(config()) if name == "isolation"]
    assert [good for good, _ in said] == [True] * 4
    assert [text for _, text in said[:3]] == [
        "`fileSystem: PRIVATE` can be given",
        "`networkMode: none` cannot be given: no",
        "`cpu.cpus` cannot be given: no cgroup v2 is mounted",
    ]
    assert "limits of each process" in said[3][1]


def test_an_engine_that_is_not_there_is_no_fault(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    good, text = seen(database_url=None, data_dir=tmp_path)["containers"]
    assert good
    assert text.startswith(f"none at unix://{tmp_path}/none.sock: The container engine does not answer")


@pytest.fixture
def s3(monkeypatch):
    """A server that speaks S3, with one bucket."""
    import boto3
    from moto.server import ThreadedMotoServer

    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    told = {"endpoint": f"http://{host}:{port}", "region": "us-east-1", "access_key": "a", "secret_key": "b"}
    client = boto3.client("s3", endpoint_url=told["endpoint"], region_name="us-east-1", aws_access_key_id="a",
                          aws_secret_access_key="b")  # fmt: skip
    client.create_bucket(Bucket="flows")
    client.close()
    yield {"type": "s3", "path_style": True, **told}
    server.stop()


@pytest.mark.parametrize(("bucket", "good", "text"), [("flows", True, "s3 flows"), ("other", False, "NoSuchBucket")])
def test_a_bucket_is_asked_for(s3, tmp_path, bucket, good, text):
    knobs = {"database_url": None, "data_dir": tmp_path, "storage": {**s3, "bucket": bucket}}
    found = seen(**knobs)["storage"]
    with override(**knobs):
        instance_storage()._client.close()
    assert (found[0], text in found[1]) == (good, True)


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
