"""Somebody who may do everything with the stores of Acme, and jobs of its flows."""

from control_plane.kernel.actor import Context
from iam.authorization.jobs import job_actor
from stores.jobs.calls import JobPlace
from tests.flows.conftest import editor  # noqa: F401


def job_place(namespace: str) -> JobPlace:
    return JobPlace(Context(job_actor("acme", namespace, "hello", "execution"), "acme"), "hello")
