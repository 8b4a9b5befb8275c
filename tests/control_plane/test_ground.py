"""The ground that database tests stand on."""

import pytest
import redis
from django.db import connection

pytestmark = pytest.mark.django_db


def test_the_suite_runs_as_the_serving_role():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("orrery_app",)


def test_a_test_may_commit():
    assert not connection.in_atomic_block


def test_valkey_answers(valkey):
    with redis.Redis.from_url(valkey.url) as client:
        assert client.set("a", 1)


def test_valkey_is_empty_again(valkey):
    with redis.Redis.from_url(valkey.url) as client:
        assert client.get("a") is None
