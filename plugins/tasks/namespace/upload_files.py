"""Writing files of a namespace."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO, ClassVar, Literal

from plugins.contracts import PluginError, Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, files
from plugins.contracts.services import NamespaceFiles
from plugins.tasks.storage.stored_files import open_file
from plugins.working_directory.files import find_files, open_found


class UploadFiles(RunnableTask):
    """Write files of the working directory, or stored files, into the files of a namespace."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.namespace.UploadFiles"
    TITLE: ClassVar[str] = "Upload namespace files"
    OUTPUTS: ClassVar[Outputs] = {
        "files": files("The addresses of the files, by path."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: namespace_upload
namespace: company.team
tasks:
  - id: write
    type: io.kestra.plugin.core.storage.Write
    content: hello
  - id: upload
    type: io.kestra.plugin.core.namespace.UploadFiles
    filesMap:
      hello.txt: "{{ outputs.write.uri }}"
    destination: /notes
""",
    )

    namespace: Property[str] = default("{{ flow.namespace }}")
    """The namespace to write to."""
    files: Property[list[str]] = default([])
    """Patterns of files in the working directory."""
    files_map: Property[dict[str, str]] = default({})
    """Names, and addresses of stored files."""
    destination: Property[str] = default("/")
    """The folder to write into."""
    conflict: Property[Literal["OVERWRITE", "ERROR", "SKIP"]] = default("OVERWRITE")
    """What happens when a file is there already."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        files: NamespaceFiles = ctx.service("files")
        namespace = ctx.render(self.namespace)
        there = set(files.list(namespace=namespace))
        written: dict[str, str] = {}
        for name, open_it in self._sources(ctx):
            path = _joined(ctx.render(self.destination), name)
            if path in there and not self._replaces(ctx, path):
                continue
            with open_it() as source:
                written[path] = files.put(path=path, source=source, namespace=namespace)
        return {"files": written}

    def _sources(self, ctx: RunContext) -> Iterator[tuple[str, Callable[[], BinaryIO]]]:
        patterns = ctx.render(self.files)
        for name, path in find_files(ctx.workdir, patterns):
            yield name, functools.partial(open_found, path)
        addresses = ctx.render(self.files_map)
        for name, uri in addresses.items():
            yield name, functools.partial(open_file, ctx, uri)

    def _replaces(self, ctx: RunContext, path: str) -> bool:
        conflict = ctx.render(self.conflict)
        if conflict == "ERROR":
            raise PluginError(f"File {path} already exists and conflict is set to ERROR", retryable=False)
        return conflict == "OVERWRITE"


def _joined(folder: str, name: str) -> str:
    return "/" + "/".join(part for part in (*folder.split("/"), *name.split("/")) if part)
