"""Flows imply namespaces, and go with their tenant."""

import pytest

from control_plane.kernel.scope import tenant_scope
from flows.lifecycle import namespaces_of_flows, remove_flows
from flows.models import Flow, FlowRevision
from flows.services.saving import create_flow, delete_flow
from tests.flows.services.test_saving import HELLO

pytestmark = pytest.mark.django_db


def test_a_living_flow_implies_its_namespace(editor):
    create_flow(editor, source=HELLO)
    with tenant_scope("acme"):
        assert list(namespaces_of_flows()) == ["company.team"]
    delete_flow(editor, namespace="company.team", flow_id="hello")
    with tenant_scope("acme"):
        assert list(namespaces_of_flows()) == []


def test_flows_and_revisions_go_with_their_tenant(editor):
    create_flow(editor, source=HELLO)
    with tenant_scope("acme"):
        remove_flows(editor)
        assert not Flow.objects.exists() and not FlowRevision.objects.exists()
