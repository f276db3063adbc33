"""Keeping search in step with the catalogue: in the transaction of every merge."""

from __future__ import annotations

from fanlight.core.identifiers import IntegrationId, OrganizationId, RunId
from fanlight.foundation import database


def refresh_entries(organization_id: OrganizationId, integration_id: IntegrationId, run_id: RunId) -> None:
    """Make the entries of what a run has changed anew, and remove those of what is gone.

    Follows `catalog.services.merge`, inside its scope and transaction: what is stored is searchable when it commits.
    """
    values = {"organization_id": organization_id, "integration_id": integration_id, "run_id": run_id}
    for step in ("forget_entries", "enter_assets", "enter_columns"):
        database.execute("discovery", step, values)
