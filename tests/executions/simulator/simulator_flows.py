"""Random flows for property tests: nested flowables, retries, handlers, and a script of what their tasks come to."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from executions.simulator.fleet import Done, SimulatedJob
from flows.model.parse import parse_document
from plugins.contracts import State

P = "io.kestra.plugin.core."
DEPTH = 3


class FlowMaker:
    """One random flow after the other, all from one seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.count = 0

    def flow(self, name: str = "random", *, depth: int = DEPTH) -> Any:
        document: dict[str, Any] = {
            "id": name,
            "namespace": "company.team",
            "tasks": self._tasks(depth, most=4),
        }
        for side in ("errors", "finally", "afterExecution"):
            if self.chance.random() < 0.3:
                document[side] = self._tasks(1, most=2)
        if self.chance.random() < 0.1:
            document["retry"] = self._retry()
        if self.chance.random() < 0.1:
            document["outputs"] = [{"id": "out", "type": "STRING", "value": "{{ execution.id }}"}]
        if self.chance.random() < 0.1:
            document["sla"] = [{"id": "s", "type": "MAX_DURATION", "behavior": "FAIL", "duration": "PT20S"}]
        return parse_document(document).flow

    def _tasks(self, depth: int, most: int = 3) -> list[dict[str, Any]]:
        return [self._task(depth) for _ in range(self.chance.randint(1, most))]

    def _task(self, depth: int) -> dict[str, Any]:
        self.count += 1
        task: dict[str, Any] = {"id": f"t{self.count}"}
        makers = [self._leaf] if depth == 0 else [self._leaf, self._leaf, *self._flowables()]
        self.chance.choice(makers)(task, depth)
        if self.chance.random() < 0.1:
            task["runIf"] = self.chance.choice(
                ["{{ false }}", "{{ true }}", "{{ outputs.none.x }}", "{{ errorLogs() }}"]
            )
        if self.chance.random() < 0.1:
            task["allowFailure"] = True
        if self.chance.random() < 0.05:
            task["disabled"] = True
        return task

    def _flowables(self) -> list[Any]:
        return [
            self._sequential,
            self._parallel,
            self._for_each,
            self._condition,
            self._switch,
            self._dag,
            self._allow_failure,
            self._loop,
            self._pause,
            self._directory,
            self._each_parallel,
            self._subflow,
            self._turns,
        ]

    def _turns(self, task: dict[str, Any], depth: int) -> None:
        task.update(
            type=P + "flow.Loop",
            values=self._values(),
            concurrencyLimit=self.chance.randint(0, 2),
            transmitFailed=self.chance.random() < 0.7,
            tasks=self._tasks(depth - 1),
        )
        if self.chance.random() < 0.3:
            value = self.chance.choice(["{{ item.value }}", "{{ outputs.none.x }}", "{{ errorLogs() }}"])
            task["outputs"] = [{"id": "o", "type": "STRING", "value": value}]
        self._sides(task, depth)

    def _leaf(self, task: dict[str, Any], depth: int) -> None:
        if self.chance.random() < 0.04:
            state = self.chance.choice(["SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED", "{{ kv('x') }}"])
            task.update(type=P + "execution.Exit", state=state)
            return
        task.update(type=P + "debug.Return", format="x")
        if self.chance.random() < 0.3:
            task["retry"] = self._retry()

    def _retry(self) -> dict[str, Any]:
        retry: dict[str, Any] = {
            "type": self.chance.choice(["constant", "exponential", "random"]),
            "maxAttempts": self.chance.randint(1, 4),
        }
        if retry["type"] == "random":
            retry.update(minInterval="PT1S", maxInterval="PT5S")
        else:
            retry["interval"] = "PT1S"
        if retry["type"] == "exponential":
            retry["maxInterval"] = "PT1M"
        if self.chance.random() < 0.1:
            retry["behavior"] = "CREATE_NEW_EXECUTION"
        return retry

    def _sides(self, task: dict[str, Any], depth: int) -> None:
        for side in ("errors", "finally"):
            if self.chance.random() < 0.2:
                task[side] = self._tasks(max(0, depth - 2), most=2)

    def _sequential(self, task: dict[str, Any], depth: int) -> None:
        task.update(type=P + "flow.Sequential", tasks=self._tasks(depth - 1))
        self._sides(task, depth)

    def _allow_failure(self, task: dict[str, Any], depth: int) -> None:
        task.update(type=P + "flow.AllowFailure", tasks=self._tasks(depth - 1))
        self._sides(task, depth)

    def _parallel(self, task: dict[str, Any], depth: int) -> None:
        task.update(type=P + "flow.Parallel", tasks=self._tasks(depth - 1), concurrent=self.chance.randint(0, 2))
        task["onChildFailure"] = self._on_failure()
        self._sides(task, depth)

    def _on_failure(self) -> str:
        return self.chance.choice(["CONTINUE", "FAIL", "CANCEL"])

    def _values(self) -> list[str]:
        return [str(number) for number in range(self.chance.randint(0, 4))]

    def _for_each(self, task: dict[str, Any], depth: int) -> None:
        limit = self.chance.randint(0, 2)
        task.update(
            type=P + "flow.ForEach", values=self._values(), concurrencyLimit=limit, tasks=self._tasks(depth - 1)
        )
        self._sides(task, depth)

    def _each_parallel(self, task: dict[str, Any], depth: int) -> None:
        task.update(type=P + "flow.EachParallel", value=self._values() or ["x"], tasks=self._tasks(depth - 1))

    def _condition(self, task: dict[str, Any], depth: int) -> None:
        condition = self.chance.choice(["{{ true }}", "{{ false }}", "{{ nothing }}", "{{ kv('x') }}"])
        task.update(type=P + "flow.If", condition=condition, then=self._tasks(depth - 1), **{"else": self._tasks(0)})

    def _switch(self, task: dict[str, Any], depth: int) -> None:
        value = self.chance.choice(["a", "b", "c"])
        task.update(type=P + "flow.Switch", value=value, cases={"a": self._tasks(depth - 1), "b": self._tasks(0)})

    def _dag(self, task: dict[str, Any], depth: int) -> None:
        tasks = self._tasks(depth - 1, most=4)
        ids = [each["id"] for each in tasks]
        entries = [
            {"task": each, "dependsOn": self.chance.sample(ids[:index], self.chance.randint(0, index))}
            for index, each in enumerate(tasks)
        ]
        task.update(type=P + "flow.Dag", tasks=entries, concurrent=self.chance.randint(0, 2))
        task["onChildFailure"] = self._on_failure()

    def _loop(self, task: dict[str, Any], depth: int) -> None:
        enough = self.chance.randint(1, 4)
        task.update(
            type=P + "flow.LoopUntil",
            condition="{{ outputs." + task["id"] + ".iterationCount >= " + str(enough) + " }}",
            checkFrequency={"interval": "PT1S", "maxIterations": 3, **self._longest()},
            failOnMaxReached=self.chance.random() < 0.3,
            tasks=self._tasks(depth - 1),
        )

    def _longest(self) -> dict[str, str]:
        return {"maxDuration": "PT3S"} if self.chance.random() < 0.3 else {}

    def _pause(self, task: dict[str, Any], depth: int) -> None:
        task.update(
            type=P + "flow.Pause", pauseDuration="PT2S", behavior=self.chance.choice(["RESUME", "WARN", "FAIL"])
        )
        if self.chance.random() < 0.5:
            task["tasks"] = self._tasks(depth - 1)
        if self.chance.random() < 0.3:
            task["onPause"] = self._task(0)
        self._sides(task, depth)

    def _directory(self, task: dict[str, Any], depth: int) -> None:
        tasks = []
        for _ in range(self.chance.randint(1, 3)):
            self.count += 1
            tasks.append({"id": f"t{self.count}", "type": P + "debug.Return", "format": "x"})
        task.update(type=P + "flow.WorkingDirectory", tasks=tasks)
        self._sides(task, depth)

    def _subflow(self, task: dict[str, Any], depth: int) -> None:
        task.update(
            type=P + "flow.Subflow",
            namespace="company.team",
            flowId=self.chance.choice(["child", "missing"]),
            wait=self.chance.random() < 0.8,
        )


def script_from(seed: int) -> Any:
    """What each attempt comes to: mostly well; the same attempt always the same."""

    def script(job: SimulatedJob) -> Done:
        chance = random.Random(f"{seed}:{job.task.id}:{job.value}:{job.attempt}")
        outcome = chance.choices([State.SUCCESS, State.FAILED, State.WARNING, State.KILLED], [85, 12, 2, 1])[0]
        outputs: Mapping[str, Any] = {"value": chance.randint(0, 9)}
        error = "bad luck" if outcome is State.FAILED else None
        labels = {"lucky": "yes"} if chance.random() < 0.1 else {}
        return Done(outcome, outputs, error, labels, took=timedelta(seconds=chance.random() * 3))

    return script
