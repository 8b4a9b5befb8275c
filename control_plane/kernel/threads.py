"""A bounded pool of threads in which code on the event loop may use the database."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextvars import copy_context
from functools import cache
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

from control_plane.kernel.config import config

# An answer of the database waits this long at most for a thread that computes; Python's own 5 ms is a whole request.
_TURN_SECONDS = 0.001

P = ParamSpec("P")
R = TypeVar("R")


@cache
def request_threads() -> ThreadPoolExecutor:
    """Where requests are served: each thread keeps one connection, so its size bounds what PostgreSQL sees."""
    sys.setswitchinterval(_TURN_SECONDS)
    return ThreadPoolExecutor(config().web_threads, thread_name_prefix="request")


@cache
def sign_in_threads() -> ThreadPoolExecutor:
    """Where passwords are proved, so that guessing takes no thread from anybody who is known."""
    return ThreadPoolExecutor(config().admission.sign_in_threads, thread_name_prefix="sign-in")


@cache
def health_thread() -> ThreadPoolExecutor:
    """Whether we can serve must be told while everything else is busy."""
    return ThreadPoolExecutor(1, thread_name_prefix="health")


async def in_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a short synchronous function, with the connection hygiene that a request has."""
    return await in_thread_of(request_threads(), function, *args, **kwargs)


async def in_thread_of(threads: Executor, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The same in a pool of its own."""

    def run() -> R:
        close_old_connections()
        try:
            return function(*args, **kwargs)
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(threads, copy_context().run, run)
