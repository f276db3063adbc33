"""Jobs whose worker was killed are taken up again: the queue's own lock would hold them for ever."""

from __future__ import annotations

import logging

from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from procrastinate.utils import utcnow

from fanlight.foundation.jobs import STALLED_SECONDS

_log = logging.getLogger(__name__)


@app.periodic(cron="* * * * * */15")
@app.task(name="queue.retry_stalled", queue="upkeep", queueing_lock="queue.retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Put back what a worker without a heartbeat had begun. Jobs bear being started again.

    One of which the next waits already (it comes by itself, or was asked for again) ends instead: two of them may not
    wait.
    """
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        try:
            await manager.retry_job(job, retry_at=utcnow())
        except ConnectorException:
            # Nothing that is wrong with one may keep the others from being taken up.
            _log.warning("the stalled job %s ends; its next one waits", job.task_name)
            await manager.finish_job(job, Status.FAILED, delete_job=True)
