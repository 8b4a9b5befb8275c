"""ForEachItem: another flow for every batch of a file."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import IO, Any, ClassVar, Literal

from pydantic import Field

from control_plane.kernel.words.sizes import parse_size
from plugins.contracts import Model, PluginError, Property, RunContext, RunnableTask, Task
from plugins.contracts.plans import FlowableTask
from plugins.flowables.child_flow import ChildFlowTask


class Batch(Model):
    """How a file is cut: by rows, into a number of partitions, or by size."""

    rows: Property[int] | None = Property(1)
    partitions: Property[int] | None = None
    bytes: Property[str] | None = None
    separator: Property[str] = Property("\n")


class ForEachItem(FlowableTask):
    """Cut a file of the internal storage into batches and start an execution of another flow for each.

    It appears as four task runs: itself, `<id>_split`, `<id>_items` and `<id>_merge`. `{{ taskrun.items }}` is the
    address of the batch and `{{ taskrun.iteration }}` its number from 0, for use in `inputs`.
    `{{ outputs.<id>_merge.subflowOutputs }}` is a file with the outputs of all of them.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.flow.ForEachItem"
    ALIASES: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.flows.ForEachItem",)
    DEPRECATED: ClassVar[str] = "use io.kestra.plugin.core.flow.Loop"
    TITLE: ClassVar[str] = "Run another flow for each batch of a file"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: batches
namespace: company.team
inputs:
  - id: file
    type: FILE
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEachItem
    items: "{{ inputs.file }}"
    batch:
      rows: 10
    namespace: company.team
    flowId: child
    inputs:
      file: "{{ taskrun.items }}"
""",
    )

    items: Property[str]
    batch: Batch = Batch()
    namespace: Property[str]
    flow_id: Property[str]
    revision: Property[int] | None = None
    inputs: dict[str, Any] = Field(default_factory=dict)
    labels: Any = None
    wait: Property[bool] = Property(True)
    transmit_failed: Property[bool] = Property(True)
    inherit_labels: Property[bool] = Property(False)
    schedule_date: Property[Any] | None = None
    restart_behavior: Literal["RETRY_FAILED", "NEW_EXECUTION"] = "RETRY_FAILED"

    def branches(self) -> Mapping[str, Sequence[Task]]:
        return {"tasks": [self._split(), self._items(), self._merge()]}

    def _split(self) -> Task:
        return ForEachItemSplit(
            type=ForEachItemSplit.TYPE,
            id=f"{self.id}_split",
            items=self.items,
            batch=self.batch,
            worker_group=self.worker_group,
            worker_selector=self.worker_selector,
        )

    def _items(self) -> Task:
        return ForEachItemExecutions(
            type=ForEachItemExecutions.TYPE,
            id=f"{self.id}_items",
            split_id=f"{self.id}_split",
            namespace=self.namespace,
            flow_id=self.flow_id,
            revision=self.revision,
            inputs=self.inputs,
            labels=self.labels,
            wait=self.wait,
            transmit_failed=self.transmit_failed,
            inherit_labels=self.inherit_labels,
            schedule_date=self.schedule_date,
            restart_behavior=self.restart_behavior,
        )

    def _merge(self) -> Task:
        return ForEachItemMerge(
            type=ForEachItemMerge.TYPE,
            id=f"{self.id}_merge",
            items_id=f"{self.id}_items",
            worker_group=self.worker_group,
            worker_selector=self.worker_selector,
        )


class ForEachItemSplit(RunnableTask):
    """Part of ForEachItem: cut the file into batches and keep a list of their addresses, one in a line."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.flow.ForEachItem$ForEachItemSplit"
    TITLE: ClassVar[str] = "The first part of a ForEachItem"
    IS_INTERNAL: ClassVar[bool] = True

    items: Property[str]
    batch: Batch = Batch()

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        uri = ctx.render(self.items)
        if not isinstance(uri, str) or not uri.startswith("kestra://"):
            raise PluginError(f"`items` must be an address of the internal storage, not `{uri}`", retryable=False)
        listing = io.StringIO()
        with ctx.open(uri) as source:
            for number, batch in enumerate(self._batches(ctx, source)):
                listing.write(ctx.store(batch, f"batch-{number:06d}.txt") + "\n")
                batch.close()
        splits = ctx.store(io.BytesIO(listing.getvalue().encode()), "splits.txt")
        return {"splits": splits}

    def _batches(self, ctx: RunContext, source: IO[bytes]) -> Iterator[Any]:
        separator = ctx.render(self.batch.separator).encode()
        records = _records(source, separator)
        if self.batch.partitions is not None:
            return _dealt(records, int(ctx.render(self.batch.partitions)))
        if self.batch.bytes is not None:
            return _filled(records, _by_size(_size(ctx.render(self.batch.bytes))))
        return _filled(records, _by_rows(int(ctx.render(self.batch.rows or Property(1)))))


class ForEachItemExecutions(ChildFlowTask):
    """Part of ForEachItem: one execution for each batch. Ends when all have ended, as the worst of them."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.flow.ForEachItem$ForEachItemExecutable"
    TITLE: ClassVar[str] = "The second part of a ForEachItem"
    IS_INTERNAL: ClassVar[bool] = True

    split_id: str

    def items(self) -> Any:
        return f"{{{{ read(outputs['{self.split_id}'].splits) }}}}"


class ForEachItemMerge(RunnableTask):
    """Part of ForEachItem: gather what the executions gave into one file, a JSON document in a line."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.flow.ForEachItem$ForEachItemMergeOutputs"
    TITLE: ClassVar[str] = "The last part of a ForEachItem"
    IS_INTERNAL: ClassVar[bool] = True

    items_id: str

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        outputs: Iterable[Mapping[str, Any]] = ctx.service("executions").child_outputs(task_id=self.items_id)
        with tempfile.SpooledTemporaryFile(max_size=1 << 20) as merged:
            for document in outputs:
                merged.write(json.dumps(document, ensure_ascii=False, default=str).encode() + b"\n")
            merged.seek(0)
            return {"subflowOutputs": ctx.store(merged, "outputs.ion")}  # type: ignore[arg-type]  # it is a file


def _records(source: IO[bytes], separator: bytes) -> Iterator[bytes]:
    """What stands between separators, the separator kept at its end; a last one without it counts too."""
    pending = b""
    while block := source.read(1 << 16):
        *whole, pending = (pending + block).split(separator)
        for record in whole:
            yield record + separator
    if pending:
        yield pending


def _by_rows(rows: int) -> Callable[[int, int, int], bool]:
    if rows < 1:
        raise PluginError("`batch.rows` must be at least 1", retryable=False)
    return lambda count, _size, _next: count >= rows


def _by_size(limit: int) -> Callable[[int, int, int], bool]:
    return lambda count, size, coming: count > 0 and size + coming > limit


def _filled(records: Iterable[bytes], is_full: Callable[[int, int, int], bool]) -> Iterator[Any]:
    batch, count, size = None, 0, 0
    for record in records:
        if batch is not None and is_full(count, size, len(record)):
            batch.seek(0)
            yield batch
            batch = None
        if batch is None:
            batch, count, size = _new_batch(), 0, 0
        batch.write(record)
        count, size = count + 1, size + len(record)
    if batch is not None:
        batch.seek(0)
        yield batch


def _dealt(records: Iterable[bytes], partitions: int) -> Iterator[Any]:
    """Records in turn to each of so many batches; those that stay empty are left out."""
    if partitions < 1:
        raise PluginError("`batch.partitions` must be at least 1", retryable=False)
    batches: list[Any] = []
    for number, record in enumerate(records):
        if number < partitions:
            batches.append(_new_batch())
        batches[number % partitions].write(record)
    for batch in batches:
        batch.seek(0)
        yield batch


def _new_batch() -> Any:
    return tempfile.SpooledTemporaryFile(max_size=1 << 20)


def _size(text: str) -> int:
    try:
        return parse_size(text)
    except ValueError as error:
        raise PluginError(f"`batch.bytes` must be a size such as 10MB, not `{text}`", retryable=False) from error
