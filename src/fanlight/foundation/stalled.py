"""Jobs whose worker was killed are taken up again: the queue's own lock would hold them for ever."""

from __future__ import annotations

from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.utils import utcnow

from fanlight.foundation.jobs import STALLED_SECONDS


@app.periodic(cron="* * * * * */15")
@app.task(name="queue.retry_stalled", queue="quick", queueing_lock="queue.retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Put back what a worker without a heartbeat had begun. Jobs bear being started again."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        await manager.retry_job(job, retry_at=utcnow())
