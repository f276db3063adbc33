"""What the worker does for this room. Arguments are identifiers as text; the rows say the rest."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import close_old_connections

from fanlight.core.errors import Conflict, NotFound
from fanlight.core.identifiers import IntegrationId, OrganizationId, RunId
from fanlight.extraction import services
from fanlight.foundation import jobs
from fanlight.integrations.services import TEST_JOB
from fanlight.vault import services as vault


@jobs.job(services.RUN_JOB, queue="extraction")
def run_extraction(organization_id: str, run_id: str) -> None:
    """Carry out a run that was asked for. One that somebody else has taken up is left to them."""
    close_old_connections()
    try:
        services.execute_run(
            organization_id=OrganizationId(UUID(organization_id)),
            run_id=RunId(UUID(run_id)),
            root_key=vault.read_root_key(settings.FANLIGHT_ROOT_KEY),
        )
    except Conflict as error:
        if error.code != "run.taken":
            raise
    finally:
        close_old_connections()


@jobs.job(TEST_JOB, queue="quick")
def test_connection(organization_id: str, integration_id: str) -> None:
    """Try a connection that somebody is waiting to hear about."""
    close_old_connections()
    try:
        services.test_connection(
            organization_id=OrganizationId(UUID(organization_id)),
            integration_id=IntegrationId(UUID(integration_id)),
            root_key=vault.read_root_key(settings.FANLIGHT_ROOT_KEY),
        )
    except NotFound:
        pass  # deleted while the job waited
    finally:
        close_old_connections()
