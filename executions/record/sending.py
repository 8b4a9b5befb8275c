"""Where a new job waits: with the workers it asks for, or else those that its namespace or tenant has for it."""

from __future__ import annotations

from dataclasses import replace

from flows.namespace_settings.surroundings import Around
from plugins.contracts.worker_selectors import WantedWorkers
from workers.queue.queue import NewJob
from workers.queue.routing import route


def sent(tenant: str, around: Around, job: NewJob, workers: WantedWorkers | None) -> NewJob:
    if workers is None:
        workers = around.workers
    if workers is None:
        return job
    if not workers.fallback:
        workers = replace(workers, fallback=around.fallback)
    chosen = route(tenant, workers)
    payload = {**job.payload, "workers": workers.as_kept()}
    return replace(job, group=chosen.line, fallback=chosen.fallback, payload=payload)
