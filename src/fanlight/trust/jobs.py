"""What the worker does for this room: it tries its controls when they are due, and keeps the history short."""

from __future__ import annotations

from django.conf import settings
from django.db import close_old_connections

from fanlight.foundation import clock, jobs
from fanlight.trust import services
from fanlight.trust.types import Zone
from fanlight.vault import services as vault


@jobs.periodic("trust.check", queue="upkeep", cron="* * * * * 11,41")
def check() -> None:
    """Try what is due. Looked at twice a minute, so that a new installation proves itself within one."""
    close_old_connections()
    try:
        services.check_due(
            zone=Zone.WORKER,
            now=clock.now(),
            root_key=vault.read_root_key(settings.FANLIGHT_ROOT_KEY),
            home=settings.FANLIGHT_HOME,
        )
    finally:
        close_old_connections()


@jobs.periodic("trust.thin_history", queue="upkeep", cron="17 * * * * 41")
def thin_history() -> None:
    """Forget results that the history does not need."""
    close_old_connections()
    try:
        services.thin_history(now=clock.now())
    finally:
        close_old_connections()
