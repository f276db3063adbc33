"""What a run found gone and stopped to ask about, as a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fanlight.catalog import queries as catalog
from fanlight.core.actors import Actor
from fanlight.core.identifiers import AssetId, join_path
from fanlight.extraction import queries as extraction
from fanlight.extraction.types import Run
from fanlight.integrations.types import Integration

ASSETS = 100
LONGEST_LOCATOR = 4000


@dataclass(frozen=True, slots=True)
class Departing:
    """An asset that would be removed. asset_id: None when it is gone already."""

    path: str
    kind: str
    asset_id: AssetId | None


def listed(actor: Actor, found: Integration, run: Run, after: str) -> dict[str, Any]:
    """Return what the list of a held run needs. after: the locator to go on after; empty for the beginning."""
    page = catalog.departures(actor, run.id, after=after[:LONGEST_LOCATOR], most=ASSETS + 1)
    known = catalog.located(actor, found.id, [locator for locator, _ in page])
    begin = join_path(found.name)
    latest = extraction.runs_of(actor, found.id, most=1)
    return {
        "departing": [
            Departing(f"{begin}.{locator}", kind, known.get(locator)) for locator, kind in page[:ASSETS]
        ],
        "gone_after": after,
        "next_gone": page[ASSETS - 1][0] if len(page) > ASSETS else None,
        "is_open": latest[0].id == run.id,
    }
