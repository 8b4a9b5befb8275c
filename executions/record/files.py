"""Files that an execution keeps in the internal storage."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterable
from typing import Any

from control_plane.kernel.words.ids import new_id
from executions.engine.records import Execution
from flows.model.inputs.ports import Keepers, Upload
from plugins.formats.ion import text_of
from stores.storage.keys import execution_prefix, input_key, uri_of
from stores.storage.place import storage

logger = logging.getLogger(__name__)


def prefix_of(execution: Execution) -> str:
    """Keys of its files begin with this."""
    return execution_prefix(execution.tenant, execution.namespace, execution.flow_id, execution.id)


def keepers(tenant: str, namespace: str, flow_id: str, execution_id: str) -> Keepers:
    """Uploads among the inputs are stored under the execution that is about to be."""
    return Keepers(keep_file=_keep_under(execution_prefix(tenant, namespace, flow_id, execution_id)))


def _keep_under(prefix: str) -> Callable[[str, Upload], str]:
    def keep(input_id: str, upload: Upload) -> str:
        key = input_key(prefix, input_id, _file_name(upload.name))
        content: Any = upload.content
        content.seek(0)
        storage().put(key, content)
        return uri_of(key)

    return keep


def _file_name(name: str) -> str:
    """The last part of what the client called it."""
    return name.replace("\\", "/").rpartition("/")[2] or "file"


def keep_turn_outputs(turn: Execution) -> str:
    """Write what a turn of a loop gives into a file of its own; its address."""
    key = f"{prefix_of(turn)}{new_id()}.ion"
    storage().put(key, io.BytesIO(text_of(turn.outputs).encode() + b"\n"))
    return uri_of(key)


def forget_below(prefixes: Iterable[str]) -> None:
    """Delete files of executions by how their keys begin. Called once those are gone, so what fails is left behind and
    logged."""
    for prefix in prefixes:
        try:
            storage().delete_prefix(prefix)
        except Exception:
            logger.exception("files of an execution are left behind: %s", prefix)
