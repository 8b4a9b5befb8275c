"""Lists cost a constant number of queries, whatever they hold."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from control_plane.kernel.scope import tenant_scope
from tenants.models import Namespace
from tests.cast import ACME, Cast, make_cast

pytestmark = pytest.mark.django_db
# Versions of rights, BEGIN, the tenant's setting, COMMIT.
THE_DOOR = 4


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def queries(cast: Cast, path: str) -> int:
    cast.olga.client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert cast.olga.client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize(
    ("path", "most"),
    [
        (f"/api/v1/{ACME}/namespaces/search?size=50", THE_DOOR + 6),
        (f"/api/v1/{ACME}/auditlogs/search?size=50", THE_DOOR + 1),
        ("/api/v1/me/api-tokens", 3 + 1),
        (f"/api/v1/{ACME}/acls/permissions", THE_DOOR),
    ],
)
def test_a_list_costs_the_same_with_one_row_and_with_many(cast: Cast, path: str, most: int):
    few = queries(cast, path)
    with tenant_scope(ACME):
        for number in range(60):
            Namespace.objects.create(name=f"n{number}")
    assert queries(cast, path) <= max(few, most) and few <= most


@pytest.mark.parametrize(("size", "page", "shown"), [(5, 1, 5), (5, 2, 2), (7, 1, 7), (10, 1, 7), (5, 3, 0)])
def test_the_total_is_exact_on_every_page(cast: Cast, size: int, page: int, shown: int):
    sent = {"size": size, "page": page}
    for number in range(7):
        cast.olga.client.post(f"/api/v1/{ACME}/namespaces", f'{{"id": "n{number}"}}', content_type="application/json")
    answer = cast.olga.client.get(f"/api/v1/{ACME}/auditlogs/search", sent).json()
    assert (len(answer["results"]), answer["total"]) == (shown, 7)
