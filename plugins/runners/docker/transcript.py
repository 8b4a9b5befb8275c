"""What a container writes, read while it runs, and whole though its engine does not say that it has ended."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from plugins.contracts import PluginError
from plugins.runners.docker.engine import Engine, SaysNothing
from plugins.runners.docker.frames import Frames

LINGER_SECONDS = 5.0
"""How long the log may go on after the end of its container."""


class Transcript:
    """Both streams of one container from their beginning; what was handed on once is not handed on again.

    An engine may leave a reader waiting when the container ends just as it begins to read: Podman 4.3 does. So its end
    is waited for beside, and what has not come by then is read anew.
    """

    def __init__(self, engine: Engine, container: str) -> None:
        self._engine = engine
        self._container = container
        self._read = threading.Event()
        self._has_hung_up = False

    def read(
        self, output: Callable[[bytes], None], error: Callable[[bytes], None], stopped: Callable[[], bool]
    ) -> None:
        """Until its end, or until `stopped` says that nobody asks any more. Raises PluginError."""
        parts = (_Part(output), _Part(error))
        with self._watched():
            try:
                self._follow(parts, stopped)
            except PluginError:
                if not self._has_hung_up and not stopped():
                    raise
        if self._has_hung_up and not stopped():
            for part in parts:
                part.begin_again()
            self._take(parts, stopped, follow=False)

    def _follow(self, parts: tuple[_Part, _Part], stopped: Callable[[], bool]) -> None:
        """As long as the engine says nothing, nothing was logged: it can be asked again, until the container ends."""
        while not self._has_hung_up and not stopped():
            try:
                self._take(parts, stopped, follow=True)
            except SaysNothing:
                continue
            return

    def _take(self, parts: tuple[_Part, _Part], stopped: Callable[[], bool], *, follow: bool) -> None:
        frames = Frames(*parts)
        with self._engine.logs(self._container, follow=follow) as chunks:
            for chunk in _until(stopped, chunks):
                frames.feed(chunk)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        threading.Thread(target=self._wait, daemon=True).start()
        try:
            yield
        finally:
            self._read.set()

    def _wait(self) -> None:
        try:
            self._engine.wait(self._container)
        except PluginError:
            return
        if not self._read.wait(LINGER_SECONDS):
            self._has_hung_up = True
            self._engine.hang_up()


class _Part:
    """One stream, of which so many bytes were handed on already."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take
        self._taken = 0
        self._known = 0

    def __call__(self, piece: bytes) -> None:
        new = piece[self._known :]
        self._known -= len(piece) - len(new)
        if new:
            self._taken += len(new)
            self._take(new)

    def begin_again(self) -> None:
        self._known = self._taken


def _until(stopped: Callable[[], bool], chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        if stopped():
            return
        yield chunk
