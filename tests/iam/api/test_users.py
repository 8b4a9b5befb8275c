"""Lists of users."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from control_plane.kernel.config import override
from iam.authentication.sign_in import tell_failure
from tests.cast import ACME, GLOBEX, Person, make_cast, make_person

pytestmark = pytest.mark.django_db


def listed(root: Person) -> dict[str, dict]:
    return {each["email"]: each for each in root.client.get("/api/v1/users?size=100").json()["results"]}


def test_a_list_tells_which_names_are_closed_and_where_each_may_enter():
    cast = make_cast()
    with override(lockout={"failures": 2}):
        for _ in range(2):
            tell_failure("vera@acme.test", "203.0.113.9")
    users = listed(cast.root)
    assert [email for email, user in users.items() if user["locked"]] == ["vera@acme.test"]
    assert [each["id"] for each in users["vera@acme.test"]["tenants"]] == [ACME]
    assert [each["id"] for each in users["root@orrery.test"]["tenants"]] == [ACME, GLOBEX]


def test_a_long_list_costs_as_many_queries_as_a_short_one():
    cast = make_cast()
    listed(cast.root)
    counts = []
    for batch in range(2):
        with CaptureQueriesContext(connection) as queries:
            listed(cast.root)
        counts.append(len(queries))
        for number in range(10):
            make_person(f"more{batch}-{number}@acme.test", tenants=[ACME])
        listed(cast.root)
    assert counts[0] == counts[1]
