"""A mail server on the loopback that keeps what it is given, for tests."""

from __future__ import annotations

import queue
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

SECONDS = 20


@dataclass
class MailServer:
    """`port` is where it listens; `next` waits for a message."""

    port: int
    kept: queue.Queue[EmailMessage]
    refuses: set[str]
    """Recipients that it does not take."""

    def next(self) -> EmailMessage:
        return self.kept.get(timeout=SECONDS)

    @property
    def knobs(self) -> dict[str, Any]:
        return {"host": "127.0.0.1", "port": self.port, "security": "none", "sender": "orrery@acme.test"}


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("220 ready")
        while line := self.rfile.readline():
            if not self._answer(line.decode().strip()):
                return

    def _answer(self, line: str) -> bool:
        verb = line.partition(" ")[0].upper()
        if verb == "RCPT" and any(each in line for each in self.server.refuses):  # type: ignore[attr-defined]
            self._say("550 no such mailbox")
        elif verb == "DATA":
            self._say("354 go on")
            self._keep()
            self._say("250 kept")
        else:
            self._say("221 bye" if verb == "QUIT" else "250 well")
        return verb != "QUIT"

    def _keep(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        message = message_from_bytes(b"".join(lines), policy=policy.default)
        self.server.kept.put(message)  # type: ignore[attr-defined]

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.kept: queue.Queue[EmailMessage] = queue.Queue()
        self.refuses: set[str] = set()


@contextmanager
def mail_server() -> Iterator[MailServer]:
    with _Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield MailServer(server.server_address[1], server.kept, server.refuses)
        finally:
            server.shutdown()
            thread.join()
