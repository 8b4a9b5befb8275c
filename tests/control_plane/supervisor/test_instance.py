import pytest

from control_plane.kernel.config import config, load_config, override
from control_plane.supervisor.instance import Instance

SECRETS = (
    "ORRERY_DATABASE_URL",
    "ORRERY_OWNER_DATABASE_URL",
    "ORRERY_SECRET_KEY",
    "ORRERY_ENCRYPTION_KEY",
    "ORRERY_REDIS_URL",
)


def instance_told(**environ: str) -> Instance:
    made = Instance(load_config(environ))
    for server in filter(None, (made.postgres, made.valkey)):
        server.folder.mkdir(parents=True, exist_ok=True)
        (server.folder / "port").write_text("5000")
    return made


@pytest.fixture
def instance(tmp_path):
    return instance_told(ORRERY_DATA_DIR=str(tmp_path))


def environments(instance):
    return {service.name: service.environment() for service in instance.services()}


def test_services_start_from_the_ground_up(instance):
    names = [service.name for service in instance.services()]
    assert names == ["postgres", "valkey", "migrate", "web", "scheduler", "worker"]


def test_named_servers_replace_the_embedded_ones():
    with override(database_url="postgresql://a@h/d", redis_url="redis://h"):
        names = [service.name for service in Instance(config()).services()]
    assert names == ["migrate", "web", "scheduler", "worker"]


def test_the_worker_learns_nothing_of_database_and_keys(instance):
    environment = environments(instance)["worker"]
    assert not [key for key in environment if key.startswith(SECRETS)]
    assert environment["ORRERY_CONFIG"] == "/dev/null"
    told = load_config(environment).worker
    assert told == instance.knobs.worker.model_copy(update={"drain_seconds": 5.0})


def test_whoever_presses_ctrl_c_waits_a_moment_unless_they_chose_how_long(tmp_path):
    def told(**environ):
        environment = environments(instance_told(ORRERY_DATA_DIR=str(tmp_path), **environ))["worker"]
        return load_config(environment).worker.drain_seconds

    assert told() == 5.0
    assert told(ORRERY_WORKER_DRAIN_SECONDS="60") == 60.0


def test_no_server_learns_the_owners_address(instance, monkeypatch):
    monkeypatch.setenv("ORRERY_OWNER_DATABASE_URL_FILE", "/somewhere")
    told = environments(instance)
    assert [name for name, environment in told.items() if "ORRERY_OWNER_DATABASE_URL" in environment] == ["migrate"]
    assert not [name for name, environment in told.items() if "ORRERY_OWNER_DATABASE_URL_FILE" in environment]


def test_tasks_of_an_embedded_instance_reach_this_machine_but_not_its_servers(instance):
    loaded = load_config(environments(instance)["web"])
    assert loaded.egress.allow_private
    assert "127.0.0.1:5000" in loaded.egress.refused


def test_keys_survive_a_restart_and_differ(instance):
    first, again = load_config(environments(instance)["web"]), load_config(environments(instance)["web"])
    assert first.secret_key == again.secret_key
    assert first.secret_key != first.encryption_key


def test_tasks_may_not_reach_this_machine_when_somebody_said_no(tmp_path, monkeypatch):
    monkeypatch.setenv("ORRERY_EGRESS_ALLOW_PRIVATE", "false")
    made = instance_told(ORRERY_DATA_DIR=str(tmp_path), ORRERY_EGRESS_ALLOW_PRIVATE="false")
    assert load_config(environments(made)["web"]).egress.allow_private is False


def test_an_address_of_every_interface_is_reached_on_this_machine():
    with override(web_host="0.0.0.0", web_port=8090):
        assert Instance(config()).address == "http://127.0.0.1:8090"
    with override(web_host="::", web_port=8090):
        assert Instance(config()).address == "http://[::1]:8090"
