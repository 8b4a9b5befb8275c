"""Tasks about key-value pairs, states, namespace files, logs and executions."""

import pytest

from plugins.contracts import PluginError
from tests.plugins.tasks.memory import run

CORE = "io.kestra.plugin.core."


def test_a_pair_is_set_read_listed_and_deleted(ctx):
    ctx.scope["inputs"] = {"value": {"n": 1, "list": [True, None]}}
    run(ctx, f"{CORE}kv.Set", key="a", value="{{ inputs.value }}")
    assert run(ctx, f"{CORE}kv.Get", key="a") == {"value": {"n": 1, "list": [True, None]}}
    assert run(ctx, f"{CORE}kv.GetKeys") == {"keys": ["a"]}
    assert run(ctx, f"{CORE}kv.GetKeys", prefix="b") == {"keys": []}
    assert run(ctx, f"{CORE}kv.Delete", key="a") == {"deleted": True}
    assert run(ctx, f"{CORE}kv.Delete", key="a") == {"deleted": False}
    assert run(ctx, f"{CORE}kv.Get", key="a") == {"value": None}


def test_a_missing_pair_may_be_an_error(ctx):
    said = "No value found for key 'a' in namespace 'company.team' and `errorOnMissing` is set to true"
    for kind in ("Get", "Delete"):
        with pytest.raises(PluginError, match=f"^{said}$"):
            run(ctx, f"{CORE}kv.{kind}", key="a", errorOnMissing=True)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("NUMBER", "123.45", 123.45),
        ("BOOLEAN", "true", True),
        ("JSON", '[{"a":1}]', [{"a": 1}]),
        ("STRING", "5", "5"),
        ("DATE", "2024-01-02", "2024-01-02"),
    ],
)
def test_a_type_may_be_asked_for(ctx, kind, text, value):
    run(ctx, f"{CORE}kv.Set", key="a", value=text, kvType=kind, ttl="PT5M")
    kept = ctx.services["kv"].kept["company.team", "a"]
    assert (kept["value"], kept["type"], kept["ttl"]) == (value, kind, 300)


@pytest.mark.parametrize(("kind", "text"), [("NUMBER", "x"), ("BOOLEAN", "yes"), ("JSON", "{"), ("NUMBER", "NaN")])
def test_a_value_of_another_type_is_refused(ctx, kind, text):
    with pytest.raises(PluginError, match=f"is no {kind}"):
        run(ctx, f"{CORE}kv.Set", key="a", value=text, kvType=kind)


def test_a_pair_is_not_overwritten_when_told_so(ctx):
    run(ctx, f"{CORE}kv.Set", key="a", value="1", overwrite=False)
    with pytest.raises(PluginError):
        run(ctx, f"{CORE}kv.Set", key="a", value="2", overwrite=False)


def test_pairs_are_purged(ctx):
    run(ctx, f"{CORE}kv.Set", key="a", value="1")
    assert run(ctx, f"{CORE}kv.PurgeKV", keyPattern="a*") == {"size": 1}
    assert ctx.services["kv"].purged["key_pattern"] == "a*"


def test_states_merge_and_belong_to_the_loop_value(ctx):
    assert run(ctx, f"{CORE}state.Set", data={"a": 1})["count"] == 1
    assert run(ctx, f"{CORE}state.Set", data={"b": "{{ flow.id }}"})["count"] == 2
    assert run(ctx, f"{CORE}state.Get") == {"count": 2, "data": {"a": 1, "b": "flow"}}
    ctx.scope["taskrun"] = {"value": "x"}
    assert run(ctx, f"{CORE}state.Get")["count"] == 0
    assert run(ctx, f"{CORE}state.Get", taskrunValue=False)["count"] == 2
    assert run(ctx, f"{CORE}state.Delete", taskrunValue=False) == {"deleted": True}
    for kind in ("Get", "Delete"):
        with pytest.raises(PluginError):
            run(ctx, f"{CORE}state.{kind}", errorOnMissing=True)


def test_namespace_files_are_uploaded_downloaded_and_deleted(ctx):
    uri = ctx.keep("hello")
    upload = {"filesMap": {"/path/file.txt": uri}, "destination": "/folder"}
    assert set(run(ctx, f"{CORE}namespace.UploadFiles", **upload)["files"]) == {"/folder/path/file.txt"}
    with pytest.raises(PluginError, match="already exists"):
        run(ctx, f"{CORE}namespace.UploadFiles", **upload, conflict="ERROR")
    assert run(ctx, f"{CORE}namespace.UploadFiles", **upload, conflict="SKIP")["files"] == {}
    files = run(ctx, f"{CORE}namespace.DownloadFiles", files=["**file.txt"])["files"]
    assert ctx.text(files["/folder/path/file.txt"]) == "hello"
    deleted = run(ctx, f"{CORE}namespace.DeleteFiles", files=["/folder/**"], deleteParentFolder=True)["files"]
    assert deleted == {"/folder/path/file.txt": "nsfile://company.team/folder/path/file.txt"}
    with pytest.raises(PluginError):
        run(ctx, f"{CORE}namespace.DeleteFiles", files=["x"], errorOnMissing=True)


def test_files_of_the_working_directory_are_uploaded_by_pattern(ctx):
    (ctx.workdir / "application-test.yml").write_text("x")
    run(ctx, f"{CORE}namespace.UploadFiles", files=["glob:**application**"], destination="/folder/")
    assert set(ctx.services["files"].kept) == {("company.team", "/folder/application-test.yml")}


def test_logs_are_fetched_page_by_page(ctx):
    class Logs:
        asked = []

        def fetch(self, *, offset, limit, **criteria):
            self.asked.append(criteria)
            return [{"message": f"line {number}"} for number in range(offset, min(offset + limit, 1500))]

    ctx.services["logs"] = Logs()
    outputs = run(ctx, f"{CORE}log.Fetch", tasksId=["a"], level="WARN")
    assert outputs["size"] == 1500
    assert ctx.text(outputs["uri"]).splitlines()[-1] == '{"message":"line 1499"}'
    assert Logs.asked[0]["execution_id"] == "execution"
    assert Logs.asked[0]["level"] == "WARN"


class Calls:
    """Remembers what it was asked for, and answers what it was told."""

    def __init__(self, answer=None):
        self.answer = answer
        self.asked = []

    def __getattr__(self, name):
        return lambda **arguments: self.asked.append((name, arguments)) or self.answer


def test_executions_are_counted_and_counts_are_chosen(ctx):
    counts = [{"namespace": "a", "flowId": "x", "count": 0}, {"namespace": "a", "flowId": "y", "count": 4}]
    ctx.services["executions"] = Calls(counts)
    flows = [{"namespace": "a", "flowId": "x"}, {"namespace": "a", "flowId": "y"}]
    outputs = run(ctx, f"{CORE}execution.Count", flows=flows, states=["SUCCESS"], expression="{{ count >= 1 }}")
    assert outputs == {"results": [counts[1]], "total": 4}
    assert ctx.services["executions"].asked[0][1]["states"] == ["SUCCESS"]


def test_an_execution_is_resumed(ctx):
    ctx.services["executions"] = Calls()
    run(ctx, f"{CORE}execution.Resume", executionId="e", inputs={"a": "{{ flow.id }}"})
    assert ctx.services["executions"].asked == [("resume", {"execution_id": "e", "inputs": {"a": "flow"}})]


class Batches:
    """Purges in batches, as the platform does."""

    def __init__(self):
        self.asked = []

    def purge(self, *, after=None, **criteria):
        self.asked.append(after)
        return {"executionsCount": 2, "next": "a"} if after is None else {"executionsCount": 1, "logsCount": 4}


def test_a_purge_goes_on_until_nothing_is_left(ctx):
    ctx.services["executions"] = Batches()
    outputs = run(ctx, f"{CORE}execution.PurgeExecutions", endDate="2024-01-01")
    assert outputs == {"executionsCount": 3, "logsCount": 4, "executionOutputsCount": 0, "taskOutputsCount": 0}
    assert ctx.services["executions"].asked == [None, "a"]


def test_lines_are_purged_until_fewer_went_than_might(ctx):
    left = [10_000, 10_000, 3]
    ctx.services["logs"] = Calls()
    ctx.services["logs"].purge = lambda **criteria: left.pop(0)
    assert run(ctx, f"{CORE}log.PurgeLogs", endDate="2024-01-01")["count"] == 20_003


def test_purges_and_toggles_say_what_they_mean(ctx):
    ctx.services |= {"executions": Calls({"executionsCount": 2}), "logs": Calls(3), "triggers": Calls()}
    purged = run(ctx, f"{CORE}execution.PurgeExecutions", endDate="2024-01-01", states=["FAILED"])
    assert purged["executionsCount"] == 2
    assert run(ctx, f"{CORE}log.PurgeLogs", endDate="2024-01-01", logLevels=["ERROR"])["count"] == 3
    run(ctx, f"{CORE}trigger.Toggle", flowId="f", trigger="t", enabled=True)
    asked = {"namespace": None, "flow_id": "f", "trigger": "t", "enabled": True}
    assert ctx.services["triggers"].asked == [("toggle", asked)]
