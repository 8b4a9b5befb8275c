"""A folder that the users of tasks may enter: below pytest's own they may only until another pytest starts."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def reachable_folder() -> Iterator[Path]:
    """Entered by everybody, read by its owner alone, as the worker makes them; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="orrery-test-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
