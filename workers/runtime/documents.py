"""From the document of a task to a task that can run, once for each document."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from control_plane.kernel.words.errors import ControlPlaneError
from flows import expressions
from flows.model.parse import parse_runnable, parse_task, parse_trigger
from plugins.contracts import PluginError, RunnableTask, Trigger
from plugins.flowables.working_directory import WorkingDirectory
from plugins.triggers.kinds import PollingTrigger, RealtimeTrigger
from workers.runtime.scope import Coverage

MAX_KEPT = 512
_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A task, and the branches of the scope its expressions name."""

    task: RunnableTask
    coverage: Coverage


class Documents:
    """Parsed tasks by their document: the runs of a task in a thousand executions parse it once."""

    def __init__(self, size: int = MAX_KEPT) -> None:
        self._size = size
        self._kept: OrderedDict[bytes, Prepared] = OrderedDict()
        self._lock = threading.Lock()

    def prepare(self, document: Mapping[str, Any]) -> Prepared:
        """The task. Raises PluginError when the document is none that a worker can run."""
        key = hashlib.blake2b(_encoder.encode(document), digest_size=16).digest()
        with self._lock:
            known = self._kept.get(key)
            if known is not None:
                self._kept.move_to_end(key)
                return known
        prepared = Prepared(runnable(document), coverage_of(document))
        with self._lock:
            self._kept[key] = prepared
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return prepared


def coverage_of(value: Any) -> Coverage:
    """The branches that a claim brings for these expressions."""
    return Coverage(paths_in(value))


def runnable(document: str | Mapping[str, Any]) -> RunnableTask:
    """The runnable task that a text or a map describes. Raises PluginError in the words of the flow parser."""
    try:
        return parse_runnable(document)
    except ControlPlaneError as error:
        reasons = "; ".join(violation.message for violation in error.violations) or error.message
        raise PluginError(reasons, retryable=False) from error


def any_task(document: str | Mapping[str, Any]) -> RunnableTask:
    """The task of a text that was made at run time; whoever asks checks that it can run."""
    try:
        return cast(RunnableTask, parse_task(document))
    except ControlPlaneError as error:
        reasons = "; ".join(violation.message for violation in error.violations) or error.message
        raise PluginError(reasons, retryable=False) from error


def working_directory(document: Mapping[str, Any]) -> WorkingDirectory:
    """The directory that a document describes; its tasks come with the job, each by itself."""
    try:
        task = parse_task(document)
    except ControlPlaneError as error:
        raise PluginError(error.message, retryable=False) from error
    if not isinstance(task, WorkingDirectory):
        raise PluginError(f"{task.type} has no tasks of its own", retryable=False)
    return task


def polling_trigger(document: Mapping[str, Any]) -> PollingTrigger:
    """The trigger of a document, when it is one that a worker asks."""
    trigger = _trigger(document)
    if not isinstance(trigger, PollingTrigger):
        raise PluginError(f"{trigger.type} is no trigger that polls", retryable=False)
    return trigger


def realtime_trigger(document: Mapping[str, Any]) -> RealtimeTrigger:
    """The same of one that listens."""
    trigger = _trigger(document)
    if not isinstance(trigger, RealtimeTrigger):
        raise PluginError(f"{trigger.type} is no trigger that listens", retryable=False)
    return trigger


def _trigger(document: Mapping[str, Any]) -> Trigger:
    try:
        return parse_trigger(document)
    except ControlPlaneError as error:
        raise PluginError(error.message, retryable=False) from error


def paths_in(value: Any) -> Iterator[str]:
    """The variables that the expressions anywhere in a document name."""
    if isinstance(value, str):
        if "{" in value:
            with contextlib.suppress(expressions.ExpressionError):
                yield from expressions.compile(value).references.paths
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from paths_in(key)
            yield from paths_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from paths_in(each)
