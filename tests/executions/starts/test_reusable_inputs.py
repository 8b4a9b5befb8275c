"""A flow is asked for inputs that its namespace keeps for many, and starts with them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import Invalid
from flows.services.reusable_inputs import delete_block, save_block
from tenants.services.namespaces import create_namespace
from tests.cast import ACME, Cast, make_cast
from tests.executions.ground import FakeWorker, row, save, start

pytestmark = pytest.mark.django_db
BLOCK = """
id: period
inputs:
  - {id: days, type: INT, defaults: 7, max: 31}
  - {id: key, type: SECRET, required: false}
"""
FLOW = """
id: hello
namespace: prod.data
inputs:
  - {{id: when, type: REUSABLE_INPUTS, ref: period{more}}}
tasks:
  - {{id: log, type: io.kestra.plugin.core.log.Log, message: "{{{{ inputs.when.days }}}} {{{{ inputs.when.key ?? '' }}}}"}}
"""


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def keep(cast: Cast, namespace: str, source: str = BLOCK) -> None:
    save_block(cast.olga.context(ACME), namespace=namespace, block_id="period", source=source)


def started(cast: Cast, more: str = "", **given: Any) -> dict[str, Any]:
    save(cast, FLOW.format(more=more))
    execution = start(cast, inputs=given)
    with tenant_scope(ACME):
        inputs: dict[str, Any] = row(execution.id).inputs
    return inputs


def test_a_parent_lends_them_and_what_was_given_is_converted(cast: Cast) -> None:
    keep(cast, "prod")
    assert started(cast, **{"when.days": "3"}) == {"when": {"days": 3}}
    with pytest.raises(Invalid, match="31"):
        start(cast, inputs={"when.days": "32"})


def test_the_nearest_block_counts_when_it_starts(cast: Cast) -> None:
    keep(cast, "prod")
    assert started(cast) == {"when": {"days": 7}}
    keep(cast, "prod.data", BLOCK.replace("defaults: 7", "defaults: 9"))
    with tenant_scope(ACME):
        assert row(start(cast).id).inputs == {"when": {"days": 9}}


def test_a_revision_may_be_named(cast: Cast) -> None:
    keep(cast, "prod")
    keep(cast, "prod", BLOCK.replace("defaults: 7", "defaults: 9"))
    assert started(cast, ", revision: 1") == {"when": {"days": 7}}


def test_a_flow_whose_block_is_gone_does_not_start(cast: Cast) -> None:
    keep(cast, "prod")
    save(cast, FLOW.format(more=""))
    delete_block(cast.olga.context(ACME), namespace="prod", block_id="period")
    with pytest.raises(Invalid, match="period"):
        start(cast)


def test_those_of_another_namespace_are_seen_where_it_lets_flows_in(cast: Cast) -> None:
    ctx = cast.olga.context(ACME)
    allowing = {"allowedNamespaces": [{"namespace": "prod.data"}]}
    create_namespace(ctx, name="open", variables={}, settings=allowing)
    create_namespace(ctx, name="closed", variables={}, settings={"allowedNamespaces": [{"namespace": "other"}]})
    keep(cast, "open")
    keep(cast, "closed")
    assert started(cast, ", namespace: open") == {"when": {"days": 7}}
    save(cast, FLOW.format(more=", namespace: closed").replace("id: hello", "id: other"))
    with pytest.raises(Invalid, match="period"):
        start(cast, "other")


def test_a_secret_among_them_is_sealed_and_reaches_the_task(cast: Cast) -> None:
    keep(cast, "prod")
    kept = started(cast, **{"when.key": "canary-7"})
    assert "canary-7" not in json.dumps(kept)
    (job,) = FakeWorker().claim()
    assert job.scope["inputs"]["when"]["key"] == "canary-7"
