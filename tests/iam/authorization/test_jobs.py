"""What a running flow may do follows from where it stands."""

from __future__ import annotations

import pytest

from control_plane.kernel.actor import Context
from control_plane.kernel.authorization import authorizer
from control_plane.kernel.scope import tenant_scope
from iam.authorization.jobs import job_actor
from stores.permissions import KVSTORE, SECRET
from tenants.services.namespaces import create_namespace, update_namespace
from tests.cast import ACME, GLOBEX, Cast, make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def job(namespace: str = "prod.eng", tenant: str = ACME) -> Context:
    return Context(job_actor(tenant, namespace, "f", "e"), tenant)


def may(permission, namespace: str | None, ctx: Context | None = None) -> bool:
    with tenant_scope(ACME):
        return authorizer().may(ctx or job(), permission, namespace)


@pytest.mark.parametrize(
    ("namespace", "reads", "writes"),
    [
        ("prod.eng", True, True),
        ("prod.eng.deep", True, True),
        ("prod", True, False),
        ("prod.ops", False, False),
        ("prod.engine", False, False),
        ("dev", False, False),
        (None, False, False),
    ],
)
def test_it_reads_what_it_inherits_and_writes_its_own_and_below(
    cast: Cast, namespace: str | None, reads: bool, writes: bool
):
    assert may(KVSTORE.VIEW, namespace) is reads
    assert may(SECRET.LIST, namespace) is reads
    assert may(KVSTORE.UPDATE, namespace) is writes


def test_no_job_changes_a_secret_or_a_right(cast: Cast):
    assert not may(SECRET.UPDATE, "prod.eng")


def test_a_namespace_lets_others_in_and_the_nearest_word_counts(cast: Cast):
    olga = cast.olga.context(ACME)
    create_namespace(olga, name="dev", variables={}, settings={"allowedNamespaces": [{"namespace": "prod"}]})
    assert may(KVSTORE.UPDATE, "dev") and may(KVSTORE.UPDATE, "dev.below")
    assert not may(SECRET.UPDATE, "dev"), "it may there what it may at home"
    create_namespace(olga, name="dev.below", variables={}, settings={"allowedNamespaces": []})
    assert not may(KVSTORE.VIEW, "dev.below")
    update_namespace(
        olga, name="dev.below", description="", variables={}, settings={"allowedNamespaces": [{"namespace": "*"}]}
    )
    assert may(KVSTORE.VIEW, "dev.below", job("elsewhere"))


def test_a_job_opens_no_other_tenant(cast: Cast):
    stranger = Context(job_actor(GLOBEX, "prod.eng", "f", "e"), ACME)
    assert not may(KVSTORE.VIEW, "prod.eng", stranger)
