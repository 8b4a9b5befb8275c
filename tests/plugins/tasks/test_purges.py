"""Tasks that tidy up ask for what they were told to, batch by batch, and tell what went."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.contracts import PluginError
from tests.plugins.tasks.memory import run

CORE = "io.kestra.plugin.core."


class Store:
    """Answers every method with the next of its answers, and remembers what was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []

    def __getattr__(self, method: str) -> Any:
        def ask(**arguments: Any) -> Any:
            self.asked.append({"method": method, **arguments})
            return self.answers.pop(0)

        return ask


def test_pairs_are_purged_where_and_as_it_is_said(ctx):
    purge = f"{CORE}kv.PurgeKV"
    ctx.services["kv"] = store = Store(1, 2, 3, 4, 5)
    assert run(ctx, purge) == {"size": 1}
    assert run(ctx, purge, namespaces=["a", "b"], includeChildNamespaces=False, keyPattern="k*") == {"size": 5}
    assert run(ctx, purge, namespacePattern="{{ flow.namespace }}.*", behavior={"type": "key", "expiredOnly": False})
    assert run(ctx, purge, expiredOnly=False) == {"size": 5}
    plain = {"method": "purge", "key_pattern": None, "expired_only": True}
    assert store.asked == [
        {**plain, "namespace": None, "children": True},
        {**plain, "namespace": "a", "children": False, "key_pattern": "k*"},
        {**plain, "namespace": "b", "children": False, "key_pattern": "k*"},
        {
            **plain,
            "expired_only": False,
            "namespace": None,
            "children": True,
            "namespace_pattern": "company.team.*",
        },
        {**plain, "expired_only": False, "namespace": None, "children": True},
    ]
    assert run(ctx, purge, behavior={"type": "version", "keepAmount": 2}) == {"size": 0}


def test_lines_are_purged_in_batches_of_the_size_that_is_asked_for(ctx):
    ctx.services["logs"] = store = Store(3, 3, 1)
    outputs = run(ctx, f"{CORE}log.PurgeLogs", endDate="2024-01-01", batchSize=3)
    assert outputs == {"count": 7, "executionLogsCount": 7, "nonExecutionLogsCount": 0}
    assert [asked["limit"] for asked in store.asked] == [3, 3, 3]
    assert run(ctx, f"{CORE}log.PurgeLogs", endDate="2024-01-01", purgeExecutionLogs=False)["count"] == 0
    assert len(store.asked) == 3


def test_revisions_are_purged_until_none_are_left(ctx):
    ctx.services["flows"] = store = Store(5_000, 2)
    behavior = {"before": "{{ '2024-01-01' }}", "keepAmount": 3}
    assert run(ctx, f"{CORE}flow.PurgeFlows", namespace="a", flowId="b", behavior=behavior) == {"size": 5_002}
    asked = {"method": "purge_revisions", "namespace": "a", "flow_id": "b", "before": "2024-01-01", "keep": 3}
    assert store.asked == [asked, asked]


def test_at_least_one_revision_is_kept(ctx):
    with pytest.raises(PluginError):
        run(ctx, f"{CORE}flow.PurgeFlows", behavior="{{ {'keepAmount': 0} }}")


def test_files_of_namespaces_are_purged_as_it_is_said(ctx):
    ctx.services["files"] = store = Store(1, 2)
    purge = f"{CORE}namespace.PurgeFiles"
    assert run(ctx, purge, namespaces=["a"], filePattern="*.txt") == {"size": 1}
    assert run(ctx, purge, namespacePattern="a.*", behavior={"type": "version", "before": "2024-01-01"}) == {"size": 2}
    assert store.asked == [
        {"method": "purge", "namespace": "a", "children": True, "pattern": "*.txt", "before": None, "keep": 1},
        {
            "method": "purge",
            "namespace": None,
            "children": True,
            "namespace_pattern": "a.*",
            "pattern": None,
            "before": "2024-01-01",
            "keep": None,
        },
    ]


def test_what_executions_left_behind_is_purged_batch_by_batch_and_first_only_counted(ctx):
    counts = {"scannedCount": 2, "purgedCount": 1, "deletedFilesCount": 3}
    ctx.services["storage"] = store = Store({**counts, "next": "k"}, counts)
    outputs = run(ctx, f"{CORE}storage.PurgeStorage", endDate="2024-01-01")
    assert outputs == {"scannedCount": 4, "purgedCount": 2, "deletedFilesCount": 6}
    assert [asked.get("after") for asked in store.asked] == [None, "k"]
    assert all(asked["dry_run"] for asked in store.asked)
