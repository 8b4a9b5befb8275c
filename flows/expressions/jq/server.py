"""The program of the child process: one JSON question per line in, one JSON answer per line out."""

from __future__ import annotations

import json
import resource
import signal
import sys
import time
from functools import lru_cache
from typing import Any

import jq

MAX_RESULTS = 100_000


@lru_cache(maxsize=256)
def compiled(program: str) -> Any:
    return jq.compile(program)


def answer(program: str, source: str, longest: int, seconds: float) -> tuple[str, str, float]:
    """The answer within that much processor time, and how much it took; the process ends when it runs out."""
    began = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        kind, text = results(program, source, longest)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return kind, text, time.process_time() - began


def results(program: str, source: str, longest: int) -> tuple[str, str]:
    pieces: list[str] = []
    total = 0
    try:
        for result in compiled(program).input_text(source):
            pieces.append(json.dumps(result, ensure_ascii=False))
            total += len(pieces[-1]) + 1
            if total > longest or len(pieces) > MAX_RESULTS:
                return "limit", "makes too much output"
    except MemoryError:
        return "limit", "used too much memory"
    except (ValueError, RecursionError) as error:
        return "error", str(error)
    return "ok", "[" + ",".join(pieces) + "]"


def main() -> None:
    limit = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # A program may name modules to import; with no file handle left, none can be opened.
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
    for line in sys.stdin.buffer:
        question = json.loads(line)
        sys.stdout.buffer.write(json.dumps(answer(*question), ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
