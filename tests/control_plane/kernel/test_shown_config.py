"""What an operator sees of the configuration, and what nobody does."""

from __future__ import annotations

from control_plane.kernel.config import Config
from control_plane.kernel.shown_config import HIDDEN, shown


def test_what_is_set_is_shown_by_its_name() -> None:
    told = shown(Config(web_port=9000))
    assert told["web_port"] == 9000
    assert told["storage.type"] == "local"


def test_secrets_and_credentials_are_hidden_wherever_they_stand() -> None:
    knobs = Config.model_validate(
        {
            "secret_key": "a" * 40,
            "previous_encryption_keys": ["b" * 40],
            "database_url": "postgresql://app:hunter2@db/orrery",
            "redis_url": "redis://:hunter2@cache:6379/0",
            "storage": {"access_key": "AKIA", "secret_key": "hunter2"},
        }
    )
    told = shown(knobs)
    assert told["secret_key"] == told["storage.secret_key"] == told["previous_encryption_keys"] == HIDDEN
    assert told["database_url"] == "postgresql://***@db/orrery"
    assert "hunter2" not in str(told)
