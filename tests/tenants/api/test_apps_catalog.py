"""How a tenant's catalogue of apps looks."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from audit.models import AuditEntry
from control_plane.kernel.scope import tenant_scope
from tests.cast import ACME, make_cast

pytestmark = pytest.mark.django_db
CATALOG = f"/api/v1/tenants/{ACME}/apps-catalog"
LOOK = {"title": "Our apps", "titleColor": "#fff", "primaryColor": "#123456"}
PNG = b"\x89PNG\r\n\x1a\n"


def test_a_superadmin_chooses_the_look_and_everybody_in_the_tenant_sees_it():
    cast = make_cast()
    assert cast.vera.client.get(CATALOG).json() == {}
    told = cast.root.client.post(CATALOG, LOOK, content_type="application/json")
    assert (told.status_code, told.json()) == (200, LOOK)
    assert cast.vera.client.get(CATALOG).json() == LOOK
    assert cast.olga.client.post(CATALOG, LOOK, content_type="application/json").status_code == 403
    assert cast.otto.client.get(CATALOG).status_code == 404
    shown = cast.root.client.get(f"/api/v1/tenants/{ACME}").json()
    assert shown["appCatalogConfig"] == LOOK
    with tenant_scope(ACME):
        assert AuditEntry.objects.filter(resource="TENANT", actor_id=cast.root.user.id).count() == 1


def test_the_logo_is_an_image_and_goes_again():
    cast = make_cast()

    def send(content: bytes):
        return cast.root.client.post(f"{CATALOG}/logo", {"logo": SimpleUploadedFile("l.png", content)})

    assert send(b"<svg onload='alert(1)'/>").status_code == 422
    assert send(PNG).json()["logo"].startswith("data:image/png;base64,")
    assert cast.vera.client.get(CATALOG).json()["logo"].startswith("data:image/png")
    assert cast.vera.client.delete(f"{CATALOG}/logo").status_code == 403
    for _ in range(2):
        assert cast.root.client.delete(f"{CATALOG}/logo").status_code == 200
    assert cast.vera.client.get(CATALOG).json() == {}


@pytest.mark.parametrize("wrong", [{"title": "x" * 256}, {"titleColor": 1}, []])
def test_a_look_that_is_none_is_refused_and_nothing_changes(wrong: object):
    cast = make_cast()
    told = cast.root.client.post(CATALOG, wrong, content_type="application/json")
    assert told.status_code == 422 and cast.vera.client.get(CATALOG).json() == {}
