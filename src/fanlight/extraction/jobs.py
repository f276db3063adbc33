"""What the worker does for this room. Arguments are identifiers as text; the rows say the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

from django.conf import settings
from django.db import close_old_connections

from fanlight.core.errors import NotFound
from fanlight.core.identifiers import IntegrationId, OrganizationId, RunId
from fanlight.extraction import services
from fanlight.extraction.stopping import STOP_JOB
from fanlight.foundation import jobs
from fanlight.integrations.services import TEST_JOB
from fanlight.vault import services as vault
from fanlight.vault.types import RootKey

EXTRACTIONS, QUICK, TURNS = "extraction", "quick", "turns"


@contextmanager
def _fresh_connections() -> Iterator[None]:
    close_old_connections()
    try:
        yield
    finally:
        close_old_connections()


def _root_key() -> RootKey:
    return vault.read_root_key(settings.FANLIGHT_ROOT_KEY)


@jobs.job(services.NEXT_JOB, queue=EXTRACTIONS)
def run_next() -> None:
    """Carry out one run, of the organization whose turn it is."""
    with _fresh_connections():
        services.execute_next(root_key=_root_key())


@jobs.periodic("extraction.keep_turns", queue=TURNS, cron="* * * * * */5")
def keep_turns() -> None:
    """Ask for the runs that are due."""
    with _fresh_connections():
        services.keep_turns()


@jobs.job(TEST_JOB, queue=QUICK)
def test_connection(organization_id: str, integration_id: str) -> None:
    """Try a connection that somebody is waiting to hear about."""
    # Deleted while the job waited: there is nothing to say any more.
    with _fresh_connections(), suppress(NotFound):
        services.test_connection(
            organization_id=OrganizationId(UUID(organization_id)),
            integration_id=IntegrationId(UUID(integration_id)),
            root_key=_root_key(),
        )


@jobs.job(STOP_JOB, queue=QUICK)
def end_stopped(organization_id: str, run_id: str) -> None:
    """End a run that was to stop before anybody took it up."""
    with _fresh_connections():
        services.end_stopped(
            organization_id=OrganizationId(UUID(organization_id)), run_id=RunId(UUID(run_id))
        )


@jobs.job(services.ERASE_JOB, queue=QUICK)
def erase_integration(organization_id: str, integration_id: str) -> None:
    """Erase a deleted source. While a run of it still ends, nothing happens: `keep_turns` asks again."""
    with _fresh_connections():
        services.erase_integration(
            organization_id=OrganizationId(UUID(organization_id)),
            integration_id=IntegrationId(UUID(integration_id)),
        )
