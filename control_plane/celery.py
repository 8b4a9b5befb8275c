"""The Celery application: tickets that wake workers, and nothing that anybody would miss."""

from __future__ import annotations

import os

from celery import Celery

from control_plane.kernel.config import config

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "control_plane.settings")

app = Celery("orrery", set_as_current=True)
app.conf.update(
    broker_url=config().celery_broker_url or "memory://",
    broker_connection_retry_on_startup=True,
    # A ticket that cannot be sent now is not worth waiting for: the reconciler offers its job again.
    broker_transport_options={"socket_timeout": 2, "socket_connect_timeout": 2, "max_retries": 0},
    broker_pool_limit=4,
    task_publish_retry=False,
    task_ignore_result=True,
    result_backend=None,
    accept_content=["json"],
    task_serializer="json",
    task_acks_late=False,
    task_create_missing_queues=True,
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    timezone="UTC",
)
app.autodiscover_tasks(related_name="background")
