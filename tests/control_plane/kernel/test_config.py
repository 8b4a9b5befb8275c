from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from control_plane.kernel.config import Config, ConfigError, config, environment_names, load_config, override, sections


def refused(environ: dict[str, str]) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(environ)
    return str(caught.value)


@pytest.fixture(autouse=True)
def folder_without_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_defaults_need_nothing():
    loaded = load_config({})
    assert (loaded.web_port, loaded.basic_auth, loaded.worker.lease_seconds) == (8080, True, 30)
    assert loaded.origin == "http://localhost:8080"


def test_the_environment_wins_over_the_file(tmp_path):
    (tmp_path / "orrery.yml").write_text("web_port: 1\nworker: {slots: 3, poll_seconds: 2}\n")
    loaded = load_config({"ORRERY_WEB_PORT": "2", "ORRERY_WORKER_SLOTS": "4"})
    assert (loaded.web_port, loaded.worker.slots, loaded.worker.poll_seconds) == (2, 4, 2)


def test_the_file_can_stand_anywhere(tmp_path):
    file = tmp_path / "elsewhere.yml"
    file.write_text("log_level: DEBUG\n")
    assert load_config({"ORRERY_CONFIG": str(file)}).log_level == "DEBUG"


def test_a_named_file_that_is_absent_is_fatal(tmp_path):
    assert "ORRERY_CONFIG" in refused({"ORRERY_CONFIG": str(tmp_path / "absent.yml")})


@pytest.mark.parametrize("text", ["- a list", "a: [", "\x00"])
def test_a_file_that_is_no_map_is_fatal(tmp_path, text):
    (tmp_path / "orrery.yml").write_text(text)
    assert "orrery.yml" in refused({})


def test_a_value_can_stand_in_a_file(tmp_path):
    (tmp_path / "key").write_text("s3cret" * 6 + "\n")
    loaded = load_config({"ORRERY_SECRET_KEY_FILE": str(tmp_path / "key")})
    assert loaded.secret_key is not None
    assert loaded.secret_key.get_secret_value() == "s3cret" * 6


def test_a_value_and_its_file_together_are_refused(tmp_path):
    (tmp_path / "key").write_text("a")
    problem = refused({"ORRERY_SECRET_KEY_FILE": str(tmp_path / "key"), "ORRERY_SECRET_KEY": "b"})
    assert problem.startswith("ORRERY_SECRET_KEY_FILE: ORRERY_SECRET_KEY is set as well")


def test_a_value_file_that_is_absent_is_fatal():
    assert refused({"ORRERY_SECRET_KEY_FILE": "absent"}).startswith("ORRERY_SECRET_KEY_FILE: ")


@pytest.mark.parametrize(
    ("environ", "start"),
    [
        ({"ORRERY_WEB_PORT": "eighty"}, "ORRERY_WEB_PORT: Input should be a valid integer"),
        ({"ORRERY_WEB_PORT": "70000"}, "ORRERY_WEB_PORT: Input should be less than or equal to 65535"),
        ({"ORRERY_BASIC_AUTH": "perhaps"}, "ORRERY_BASIC_AUTH: Input should be a valid boolean"),
        ({"ORRERY_WEB_PROT": "80"}, "ORRERY_WEB_PROT: no such setting"),
        ({"ORRERY_STORAGE_TYPE": "tape"}, "ORRERY_STORAGE_TYPE: Input should be 'local', 's3'"),
        ({"ORRERY_LOCKOUT_WINDOW": "soon"}, "ORRERY_LOCKOUT_WINDOW: "),
        ({"ORRERY_DATABASE_URL": "garbage"}, "ORRERY_DATABASE_URL: is no address like postgresql://"),
        ({"ORRERY_DATABASE_URL": "mysql://a:tell-nobody@h/d"}, "ORRERY_DATABASE_URL: is no address like postgresql://"),
        ({"ORRERY_OWNER_DATABASE_URL": "postgresql://"}, "ORRERY_OWNER_DATABASE_URL: is no address like"),
        ({"ORRERY_REDIS_URL": "localhost:6379"}, "ORRERY_REDIS_URL: is no address like redis://"),
        ({"ORRERY_BROKER_URL": "kafka://h"}, "ORRERY_BROKER_URL: is no address like amqp://"),
        ({"ORRERY_WORKER_BROKER_URL": "h"}, "ORRERY_WORKER_BROKER_URL: is no address like amqp://"),
        ({"ORRERY_PUBLIC_URL": "flows.example.com"}, "ORRERY_PUBLIC_URL: is no address like https://"),
        ({"ORRERY_STORAGE_ENDPOINT": "minio"}, "ORRERY_STORAGE_ENDPOINT: is no address like https://"),
        ({"ORRERY_TRUSTED_PROXIES": "10.0.0.1,proxy"}, "ORRERY_TRUSTED_PROXIES: proxy is neither an IP address"),
        ({"ORRERY_SECRET_KEY": "short"}, "ORRERY_SECRET_KEY: must have at least 32 characters"),
    ],
)
def test_a_wrong_key_is_named(environ, start):
    assert refused(environ).startswith(start)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("DATABASE_URL", "postgresql://a:p%40ss@h1:5432,h2:5432/d?target_session_attrs=read-write"),
        ("DATABASE_URL", "host=/run/postgresql dbname=orrery user=orrery_app"),
        ("DATABASE_URL", "postgresql:///orrery?host=/run/postgresql"),
        ("REDIS_URL", "rediss://:p@[::1]:6379/0"),
        ("REDIS_URL", "unix:///run/redis.sock"),
        ("BROKER_URL", "amqps://u:p@h/v"),
        ("PUBLIC_URL", "https://flows.example.com/"),
        ("TRUSTED_PROXIES", "*"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
    ],
)
def test_every_usual_form_of_an_address_is_one(key, value):
    load_config({f"ORRERY_{key}": value})


def test_all_wrong_keys_are_named_at_once():
    assert len(refused({"ORRERY_WEB_PORT": "x", "ORRERY_NOPE": "1"}).splitlines()) == 2


def test_a_wrong_key_of_the_file_is_named_with_its_path(tmp_path):
    (tmp_path / "orrery.yml").write_text("worker: {slotz: 3}\n")
    assert refused({}) == "orrery.yml: worker.slotz: Extra inputs are not permitted"


def test_values_that_contradict_each_other_are_refused():
    assert "bucket is needed" in refused({"ORRERY_STORAGE_TYPE": "s3"})
    assert "half of lease_seconds" in refused({"ORRERY_WORKER_HEARTBEAT_SECONDS": "20"})


def test_lifetimes_are_iso_durations():
    assert load_config({"ORRERY_SESSIONS_LIFETIME": "P3DT1H"}).sessions.lifetime == timedelta(days=3, hours=1)


def test_keys_of_a_rotation_are_separated_by_commas():
    keys = load_config({"ORRERY_PREVIOUS_ENCRYPTION_KEYS": "a,b"}).previous_encryption_keys
    assert [key.get_secret_value() for key in keys] == ["a", "b"]


def test_no_secret_is_printed():
    loaded = load_config(
        {"ORRERY_SECRET_KEY": "tell-nobody" * 4, "ORRERY_DATABASE_URL": "postgresql://a:tell-nobody@h/d"}
    )
    assert "tell-nobody" not in repr(loaded)


def test_the_configuration_is_frozen():
    with pytest.raises(ValidationError):
        config().web_port = 1  # type: ignore[misc]


def test_no_two_knobs_share_a_name_in_the_environment():
    count = sum(len(section.model_fields) for section in sections().values())
    assert len(environment_names()) == len(Config.model_fields) - len(sections()) + count


def test_every_knob_is_described():
    undescribed = [
        f"{model.__name__}.{name}"
        for model in (Config, *sections().values())
        for name, field in model.model_fields.items()
        if name not in sections() and not field.description
    ]
    assert undescribed == []


def test_an_override_ends():
    before = config()
    with override(web_port=9, worker={"slots": 2}) as changed:
        assert config() is changed
        assert (changed.web_port, changed.worker.slots, changed.worker.lease_seconds) == (9, 2, 30)
    assert config() is before


def test_an_override_is_checked():
    with pytest.raises(ValidationError), override(web_port="x"):
        pass


def test_the_public_address_has_no_trailing_slash():
    assert load_config({"ORRERY_PUBLIC_URL": "https://flows.example/"}).origin == "https://flows.example"


def test_folders_are_absolute(tmp_path):
    assert load_config({"ORRERY_DATA_DIR": "state"}).data_dir == tmp_path / "state"
    assert load_config({}).data_dir == tmp_path / "var"
    assert load_config({}).storage_path == Path(tmp_path / "var" / "storage")


def test_flows_read_what_begins_with_the_prefix_and_nothing_else():
    variables = load_config({"ORRERY_VARIABLES_ENV_VARS_PREFIX": "FLOW_"}).variables
    given = {"FLOW_MY_Region": "eu", "FLOW_": "x", "ENV_A": "a", "ORRERY_SECRET_KEY": "s", "PATH": "/bin"}
    assert variables.envs(given) == {"my_region": "eu"}
    assert load_config({}).variables.envs(given) == {"a": "a"}


@pytest.mark.parametrize("prefix", ["", "O", "ORRERY_", "ORRERY_SECRET"])
def test_no_prefix_shows_our_own_settings_to_flows(prefix):
    assert "ORRERY_VARIABLES_ENV_VARS_PREFIX" in refused({"ORRERY_VARIABLES_ENV_VARS_PREFIX": prefix})


def test_globals_are_a_map_in_the_file_and_json_in_the_environment(tmp_path):
    (tmp_path / "orrery.yml").write_text("variables: {globals: {region: eu, n: 1}, environment: production}\n")
    assert load_config({}).variables.globals == {"region": "eu", "n": 1}
    assert load_config({"ORRERY_VARIABLES_GLOBALS": '{"a": [1]}'}).variables.globals == {"a": [1]}
    assert "must be a map, as JSON" in refused({"ORRERY_VARIABLES_GLOBALS": "a=1"})
    assert "ORRERY_VARIABLES_GLOBALS" in refused({"ORRERY_VARIABLES_GLOBALS": "[1]"})
