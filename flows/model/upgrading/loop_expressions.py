"""What expressions inside a loop read, in the words of a Loop: `item.value` for `taskrun.value`, and so on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from flows.model.upgrading.expressions import Reference, Step, Token, blocks, calls, references
from flows.model.upgrading.text import Scalar
from flows.model.upgrading.walk import SIDE_BRANCHES, TaskNode

WORKING_DIRECTORY = "io.kestra.plugin.core.flow.WorkingDirectory"
_WITH_OUTPUTS = ("flow.If", "flow.Switch", "flow.LoopUntil", "flow.Subflow", "flow.Pause")
"""Tasks around others that may show outputs among the `parents`, which shifts those behind them."""
_ANY_TASK = "the outputs of all tasks are read as a whole"


class CannotLoop(Exception):
    """A loop does not come to the same as a Loop; `line` is where that shows."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


class Rewriter:
    """Rewrites the expressions of the tasks in one loop; `loops` are the types of loops."""

    def __init__(self, inner: Mapping[int, TaskNode], loops: frozenset[str]) -> None:
        self._tasks = {task.id: task for task in inner.values()}
        self._loops = loops

    def check_outside(self, given: Iterable[Scalar]) -> None:
        """Raises CannotLoop when something outside reads what stays inside a turn."""
        for scalar in given:
            for tokens in blocks(scalar.value):
                for reference in references(tokens):
                    if reference.name not in ("outputs", "tasks"):
                        continue
                    key = reference.steps[0].key if reference.steps else None
                    if key is None:
                        raise CannotLoop(_ANY_TASK, scalar.place.line)
                    if key in self._tasks:
                        raise CannotLoop(
                            f"outputs of `{key}` are read outside of it; declare them as `outputs` of the Loop",
                            scalar.place.line,
                        )

    def rewritten(self, task: TaskNode, scalar: Scalar) -> str | None:
        """The text in the words of a Loop; None when it stays. Raises CannotLoop."""
        changes: list[tuple[int, int, str]] = []
        for tokens in blocks(scalar.value):
            try:
                changes += self._changes(task, tokens, scalar.value)
            except CannotLoop as reason:
                raise CannotLoop(str(reason), scalar.place.line) from None
        if not changes:
            return None
        done, position = [], 0
        for start, end, new in sorted(changes):
            if start < position:
                continue  # inside of one that is replaced as a whole
            done += [scalar.value[position:start], new]
            position = end
        return "".join([*done, scalar.value[position:]])

    def _changes(self, task: TaskNode, tokens: list[Token], text: str) -> list[tuple[int, int, str]]:
        changes = []
        for call in calls(tokens, "currentEachOutput"):
            inside = next(references(call.inside), None)
            if inside is None or inside.name != "outputs" or len(inside.steps) != 1:
                raise CannotLoop("currentEachOutput() is asked for more than the outputs of one task")
            self._same_turn(task, inside)
            changes.append((call.start, call.end, text[inside.start : inside.end]))
        for reference in references(tokens):
            if not any(start <= reference.start < end for start, end, _ in changes):
                change = self._change(task, reference, text)
                changes += [] if change is None else [change]
        if any(token.text == "render" for token in tokens):
            raise CannotLoop("an expression is rendered again, and what it reads then is not seen here")
        return changes

    def _change(self, task: TaskNode, reference: Reference, text: str) -> tuple[int, int, str] | None:
        keys = reference.keys()
        if reference.name == "taskrun" and keys[:1] in (["value"], ["iteration"]):
            return self._of_turn(task, reference, keys[0] or "")
        if reference.name == "parent":
            return self._of_parent(task, reference, 0, keys)
        if reference.name == "parents":
            number = reference.steps[0].inside if reference.steps else []
            if len(number) != 1 or not number[0].text.isdigit():
                raise CannotLoop("`parents` are read as a whole")
            return self._of_parent(task, reference, int(number[0].text), keys[1:], 1)
        if reference.name in ("workerTaskrun", "tasks"):
            raise CannotLoop(f"`{reference.name}` is another one in a Loop")
        return self._of_outputs(task, reference) if reference.name == "outputs" else None

    def _of_turn(self, task: TaskNode, reference: Reference, key: str) -> tuple[int, int, str]:
        around = self._value_around(task)
        if around is None or (key == "iteration" and around is not self._loops_around(task)[0]):
            raise CannotLoop(f"`taskrun.{key}` is not that of the loop here")
        path = self._item(task, around)
        end = reference.steps[0].end
        return reference.start, end, path + (".index" if key == "iteration" else ".value")

    def _of_parent(
        self, task: TaskNode, reference: Reference, number: int, keys: list[str | None], skipped: int = 0
    ) -> tuple[int, int, str]:
        if keys[:2] != ["taskrun", "value"]:
            raise CannotLoop("of `parent` something else than `taskrun.value` is read")
        around = self._nth_parent(task, number)
        return reference.start, reference.steps[skipped + 1].end, f"{self._item(task, around)}.value"

    def _nth_parent(self, task: TaskNode, number: int) -> TaskNode:
        """The loop whose value the n-th of the `parents` has: those without value and outputs are none of them."""
        for parent in task.around:
            loop = self._value_around(parent)
            if loop is not None:
                if number == 0:
                    return loop
                number -= 1
            elif parent.type.endswith(_WITH_OUTPUTS):
                raise CannotLoop("which of the `parents` is meant hangs on the outputs of those around")
        raise CannotLoop("there are not so many `parents`")

    def _value_around(self, task: TaskNode) -> TaskNode | None:
        """The loop whose value a task run of this task has."""
        if not task.around:
            return None
        parent = task.around[0]
        if parent.type in self._loops:
            if task.branch in SIDE_BRANCHES:
                raise CannotLoop(f"values are read in the `{task.branch}` of the loop")
            return parent
        return self._value_around(parent) if parent.type == WORKING_DIRECTORY else None

    def _loops_around(self, task: TaskNode) -> list[TaskNode]:
        return [each for each in task.around if each.type in self._loops]

    def _item(self, task: TaskNode, loop: TaskNode) -> str:
        depth = next(place for place, each in enumerate(self._loops_around(task)) if each is loop)
        if depth == 0:
            return "item"
        return "item.parent" if depth == 1 else f"item.parents[{depth - 1}]"

    def _of_outputs(self, task: TaskNode, reference: Reference) -> tuple[int, int, str] | None:
        key = reference.steps[0].key if reference.steps else None
        if key is None:
            raise CannotLoop(_ANY_TASK)
        if key not in self._tasks:
            return None
        loops = self._same_turn(task, reference)
        selectors = reference.steps[1 : 1 + len(loops)]
        for loop, step in zip(reversed(loops), selectors, strict=False):
            if not self._asks_for(task, step, loop):
                raise CannotLoop(f"outputs of `{key}` are read of another turn")
        if len(selectors) < len(loops):
            raise CannotLoop(f"outputs of `{key}` are read of all turns")
        return (selectors[0].start, selectors[-1].end, "") if selectors else None

    def _same_turn(self, task: TaskNode, reference: Reference) -> list[TaskNode]:
        """The loops around the task whose outputs are read, nearest first, all of which are around the reader too."""
        key = reference.steps[0].key or ""
        source = self._tasks.get(key)
        if source is None:
            raise CannotLoop(f"there is no task `{key}` in the loop")
        loops, own = self._loops_around(source), self._loops_around(task)
        if len(loops) > len(own) or any(a is not b for a, b in zip(reversed(loops), reversed(own), strict=False)):
            raise CannotLoop(f"outputs of `{key}` are read outside of its loop")
        return loops

    def _asks_for(self, task: TaskNode, step: Step, loop: TaskNode) -> bool:
        """Whether the step is the value of this turn of the loop."""
        inside = list(references(step.inside))
        if len(inside) != 1 or inside[0].end != step.inside[-1].end:
            return False
        change = self._change(task, inside[0], "")
        return change is not None and change[2] == f"{self._item(task, loop)}.value" and change[1] == inside[0].end

    @staticmethod
    def in_raw(raw: str, old: str, new: str) -> str | None:
        """The text as it is written with the changed expressions; None when one is not written in one piece."""
        before, after = _pieces(old), _pieces(new)
        if len(before) != len(after):
            return None
        for piece, other in zip(before, after, strict=True):
            if piece != other:
                if raw.count(piece) < 1:
                    return None
                raw = raw.replace(piece, other)
        return raw


def _pieces(text: str) -> list[str]:
    return re.findall(r"\{\{.*?\}\}|\{%.*?%\}", text, re.DOTALL)
