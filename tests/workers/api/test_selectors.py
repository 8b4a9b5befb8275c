"""Which workers a flow may ask for."""

import pytest

from control_plane.kernel.actor import SYSTEM, Context
from tests.cast import ACME, make_cast
from workers.services.groups import create_group

pytestmark = pytest.mark.django_db


def test_members_see_the_groups_that_a_flow_may_name():
    cast = make_cast()
    create_group(Context(SYSTEM), key="gpu", name="GPU")
    assert "gpu" in cast.vera.client.get(f"/api/v1/{ACME}/worker-selectors/tags").json()["tags"]
    assert cast.otto.client.get(f"/api/v1/{ACME}/worker-selectors/tags").status_code == 404
