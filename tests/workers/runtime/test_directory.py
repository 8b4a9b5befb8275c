"""Tasks of a WorkingDirectory run in order, in one directory, under one job."""

from tests.workers.runtime.control_plane import job
from workers.runtime import protocol

SHELL = "io.kestra.plugin.scripts.shell.Commands"


def directory(children, **over):
    tasks = [child.task for child in children]
    document = {"id": "wd", "type": "io.kestra.plugin.core.flow.WorkingDirectory", "tasks": tasks, **over}
    return job("one", document, children=children)


def child(task_id: str, *commands: str, **over):
    return protocol.Child(
        task_run_id=f"run-{task_id}", task={"id": task_id, "type": SHELL, "commands": [*commands], **over}
    )


def events(plane):
    """What was told of children, in order: id and state."""
    told = [event for item in plane.items for event in item.children]
    return [(event.task_run_id, event.end.state if event.end else "RUNNING") for event in told]


def test_tasks_share_the_directory_and_see_outputs_of_those_before(plane, start):
    first = child("a", "echo hello > note.txt", 'echo \'::{"outputs":{"n":3}}::\'')
    second = child("b", "cat note.txt", "echo n is {{ outputs.a.vars.n }}")
    plane.offer(directory([first, second], inputFiles={"given.txt": "x"}, outputFiles=["*.txt"]))
    start()
    end = plane.end_of("one")
    assert end.state == "SUCCESS"
    assert set(end.outputs["outputFiles"]) == {"given.txt", "note.txt"}
    assert events(plane) == [("run-a", "RUNNING"), ("run-a", "SUCCESS"), ("run-b", "RUNNING"), ("run-b", "SUCCESS")]
    lines = [(line.task_run_id, line.message) for line in plane.logs["one"]]
    assert lines == [("run-b", "hello"), ("run-b", "n is 3")]


def test_the_first_failure_ends_it(plane, start):
    plane.offer(directory([child("a", "exit 3"), child("b", "true")]))
    start()
    end = plane.end_of("one")
    assert (end.state, end.error) == ("FAILED", None), "the child has told it"
    assert events(plane) == [("run-a", "RUNNING"), ("run-a", "FAILED")]


def test_a_task_that_may_fail_stops_nothing(plane, start):
    plane.offer(directory([child("a", "exit 3", allowFailure=True), child("b", "true")]))
    start()
    assert plane.end_of("one").state == "SUCCESS"
    assert events(plane)[-1] == ("run-b", "SUCCESS")


def test_a_task_whose_condition_does_not_hold_is_skipped(plane, start):
    plane.offer(directory([child("a", "true", runIf="{{ 1 > 2 }}"), child("b", "true")]))
    start()
    assert plane.end_of("one").state == "SUCCESS"
    assert events(plane)[0] == ("run-a", "SKIPPED")


def test_a_kill_ends_the_task_that_runs(plane, start):
    plane.offer(directory([child("a", "echo up", "sleep 60"), child("b", "true")]))
    start()
    plane.until(lambda: plane.messages("one") == ["up"])
    plane.order(protocol.Order(order="kill", job_id="one"))
    assert plane.end_of("one").state == "KILLED"
    assert events(plane)[-1] == ("run-a", "KILLED")


def test_what_a_cache_keeps_is_found_by_the_next_job(plane, start):
    kept: list[str] = []
    plane.services["executions", "find_cache"] = lambda ttl: kept[0] if kept else None
    plane.services["executions", "keep_cache"] = lambda uri: kept.append(uri)
    cache = {"patterns": ["deps/**"], "ttl": "PT1H"}
    install = child(
        "a", "mkdir deps", "echo 'echo ready' > deps/run.sh", "chmod +x deps/run.sh", "ln -s run.sh deps/link"
    )
    plane.offer(directory([install], cache=cache))
    start()
    assert plane.end_of("one").state == "SUCCESS"
    assert len(kept) == 1
    again = directory([child("a", "./deps/link", "echo x > deps/more.txt")], cache=cache)
    again.id = "two"
    plane.offer(again)
    assert plane.end_of("two").state == "SUCCESS"
    assert plane.messages("two")[-1] == "ready"
    assert len(kept) == 1
