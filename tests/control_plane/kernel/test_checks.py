"""Settings that do not go together are told by the names of their keys; the ones of tests go together."""

from typing import Any

import pytest
from django.core.checks import run_checks

from control_plane.kernel.checks import _RULES, TAG
from control_plane.kernel.config import override

KEY = "a key that is long enough for anything"
WRONG: dict[str, dict[str, Any]] = {
    "kernel.E001": {"secret_key": KEY, "encryption_key": KEY},
    "kernel.E002": {"encryption_key": KEY, "previous_encryption_keys": [KEY]},
    "kernel.E003": {"limits": {"yaml_bytes": 4096, "body_bytes": 2048}},
    "kernel.E004": {"limits": {"upload_bytes": 2048}},
    "kernel.W001": {"public_url": "https://flows.example.com"},
    "iam.E001": {"sessions": {"idle": "P8D"}},
    "iam.E002": {"sessions": {"basic_memory": "P2D"}},
    "iam.W001": {"web_host": "0.0.0.0", "public_url": "http://flows.example.com"},
    "stores.E001": {"storage": {"type": "s3", "bucket": "b", "path": "/tmp/x"}},
    "stores.E002": {"storage": {"bucket": "b"}},
    "stores.E003": {"storage": {"access_key": "a"}},
    "workers.E001": {"worker": {"sweep_seconds": 60}},
}


def told() -> dict[str, str]:
    return {str(each.id): each.msg for each in run_checks(tags=[TAG])}


def test_what_goes_together_is_not_told_of():
    assert told() == {}


def test_each_rule_is_tried():
    assert [identity for identity, *_ in _RULES] == list(WRONG)


@pytest.mark.parametrize("identity", WRONG)
def test_what_does_not_go_together_is_told_by_its_keys(identity: str):
    with override(**WRONG[identity]):
        message = told()[identity]
    (settings,) = [rule[3] for rule in _RULES if rule[0] == identity]
    for setting in settings:
        assert f"ORRERY_{setting.replace('.', '_').upper()}" in message
