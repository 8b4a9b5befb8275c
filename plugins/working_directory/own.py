"""What a task's runner needs for itself: a folder beside the working directory, which no pattern of a flow can meet."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plugins.contracts import RunContext
from plugins.working_directory.files import write_file


class OwnFiles:
    """Commands as they are run, copies of stored files that they name, environments of packages, temporary files.

    Some of it holds secrets in plain text, so all of it goes when the command has ended.
    """

    def __init__(self, folder: Path, workdir: Path) -> None:
        self.folder = folder
        self._workdir = workdir
        self._beside: list[Path] = []
        self.temporary = folder / "tmp"
        self.temporary.mkdir()

    def script(self, ending: str, content: bytes) -> Path:
        """Write a script into the working directory, where it finds its neighbours; it goes before they are kept."""
        path = write_file(self._workdir, f".script-{os.urandom(6).hex()}{ending}", content)
        self._beside.append(path)
        return path

    def forget_scripts(self) -> None:
        for path in self._beside:
            path.unlink(missing_ok=True)


@contextmanager
def own_files(ctx: RunContext) -> Iterator[OwnFiles]:
    """A folder of this attempt, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=f".own-{ctx.workdir.name[:40]}-", dir=ctx.workdir.parent))
    own = OwnFiles(folder, ctx.workdir)
    try:
        yield own
    finally:
        own.forget_scripts()
        shutil.rmtree(folder, ignore_errors=True)
