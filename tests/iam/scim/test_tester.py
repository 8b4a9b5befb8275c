"""scim2-tester against our own service: every check of it passes."""

import pytest
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_tester import Status, check_server

from control_plane.wsgi import application
from tests.cast import make_cast
from tests.iam.scim.clients import make_client

pytestmark = pytest.mark.django_db


def test_all_checks_pass():
    scim = make_client(make_cast().olga)
    client = WSGISCIMClient(
        application,
        base_url=f"http://testserver{scim.base}",
        environ={"HTTP_AUTHORIZATION": f"Bearer {scim.token}"},
    )
    results = check_server(client)
    failed = [
        result for result in results if result.status not in (Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE)
    ]
    assert not failed, "\n".join(repr(result)[:900] for result in failed)
    assert len(results) > 50
