"""Keeping search in step with the catalogue: in the transaction of every merge, and of every erasure."""

from __future__ import annotations

from django.db import connection

from fanlight.core.identifiers import IntegrationId, OrganizationId, RunId
from fanlight.foundation import database

MANY = 500  # assets of which all columns are read at once, instead of asset by asset


def refresh_entries(organization_id: OrganizationId, integration_id: IntegrationId, run_id: RunId) -> None:
    """Make the entries of what a run has changed anew, and remove those of what is gone.

    Follows `catalog.services.merge`, inside its scope and transaction: what is stored is searchable when it commits.
    """
    values = {"organization_id": organization_id, "integration_id": integration_id, "run_id": run_id}
    changed, is_any_old = database.rows("discovery", "count_changed", values)[0]
    if not changed:
        return
    with database.joining_whole(changed > MANY):
        if is_any_old:
            database.execute("discovery", "count_words", values | {"sign": -1})
            database.execute("discovery", "forget_entries", values)
        for step in ("enter_assets", "enter_columns"):
            database.execute("discovery", step, values)
        database.execute("discovery", "count_words", values | {"sign": 1})
        if is_any_old:
            database.execute("discovery", "forget_words", values)
    with connection.cursor() as cursor:
        cursor.execute("SELECT fanlight_settle_entries()")


def forget_erased(organization_id: OrganizationId) -> None:
    """Remove the entries of what was erased. Follows `catalog.services.finish_erasure`, in its transaction."""
    database.execute("discovery", "forget_orphans", {"organization_id": organization_id})
