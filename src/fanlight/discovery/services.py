"""Keeping search in step with the catalogue: in the transaction of every merge, and of every erasure."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from fanlight.catalog.types import Span
from fanlight.core.identifiers import IntegrationId, OrganizationId, RunId
from fanlight.foundation import database
from fanlight.tenancy.services import Beside

MANY = 500  # assets of which all columns are read at once, instead of asset by asset
_ENTER = ("enter_assets", "enter_columns")


def refresh_entries(
    organization_id: OrganizationId, integration_id: IntegrationId, run_id: RunId, ahead: Sequence[Span]
) -> None:
    """Make the entries of what a run has changed anew, and remove those of what is gone.

    Follows `catalog.services.merge`, inside its scope and transaction: what is stored is searchable when it commits.
    ahead: spans whose new assets have their entries already, by `enter_beside`.
    """
    values: dict[str, object] = {
        "organization_id": organization_id,
        "integration_id": integration_id,
        "run_id": run_id,
        "lease": None,
    } | _spans(ahead)
    changed, is_any_old, outside = database.rows("discovery", "count_changed", values)[0]
    if not changed:
        return
    with database.joining_whole(changed > MANY):
        if is_any_old:
            database.execute("discovery", "count_words", values | {"sign": -1})
            database.execute("discovery", "forget_entries", values)
    with database.joining_whole(outside > MANY):
        for step in _ENTER:
            database.execute("discovery", step, values)
        database.execute("discovery", "count_words", values | {"sign": 1})
    if is_any_old:
        database.execute("discovery", "forget_words", values)
    with connection.cursor() as cursor:
        cursor.execute("SELECT fanlight_settle_entries()")


def enter_beside(organization_id: OrganizationId, integration_id: IntegrationId, lease: UUID) -> Beside[Span]:
    """Return what makes the entries of new assets as soon as they have arrived under a lease.

    Accompanies arrivals. An entry without an asset is nothing: what search finds is read as an asset.
    """
    values: dict[str, object] = {
        "organization_id": organization_id,
        "integration_id": integration_id,
        "run_id": None,
        "lease": lease,
    }

    def enter(span: Span) -> None:
        with database.joining_whole(is_much=True):
            for step in _ENTER:
                database.execute("discovery", step, values | _spans([span]))

    def count(spans: list[Span]) -> None:
        database.execute("discovery", "count_words", values | _spans(spans) | {"sign": 1})

    return Beside(organization_id, enter, count)


def _spans(spans: Sequence[Span]) -> dict[str, object]:
    return {"firsts": [one.first for one in spans], "lasts": [one.last for one in spans]}


def forget_lost(organization_id: OrganizationId, integration_id: IntegrationId | None) -> None:
    """Remove the entries of what was erased or never came. Follows losses, in their transaction.

    integration_id: whose words are counted again, since some may have been counted that never came.
    """
    database.execute("discovery", "forget_orphans", {"organization_id": organization_id})
    if integration_id is None:
        return
    values = {"organization_id": organization_id, "integration_id": integration_id}
    database.execute("discovery", "forget_all_words", values)
    everything = values | {"run_id": None, "lease": None, "sign": 1} | _spans([])
    with database.joining_whole(is_much=True):
        database.execute("discovery", "count_words", everything)
