"""Search over an organization's catalogue."""

from __future__ import annotations

from typing import Any

from django.db import OperationalError

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.core.actors import Actor
from fanlight.core.identifiers import AssetId, join_path, quote_part
from fanlight.discovery.types import Hit, SearchTookTooLong
from fanlight.foundation import database
from fanlight.tenancy import services as tenancy

LONGEST = 500  # characters of a query; what is longer finds nothing
MOST_SECONDS = 2.0  # of a search, whatever the sources have filled the vocabulary with


def search(actor: Actor, typed: str, *, most: int = 20) -> list[Hit]:
    """Return what fits best, best first; the last word may be unfinished. Raises Refused, SearchTookTooLong.

    typed: words of a name or comment in any order, or the end of a dotted path, with or without the integration.
    """
    text = typed.strip()
    # Entries know their path below the integration, so that renaming one rewrites nothing.
    first, _, rest = text.partition(".")
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.CATALOG_READ)
        rows = (
            _rows(
                {
                    "organization_id": actor.organization_id,
                    "typed": text,
                    "first": first.strip('"'),
                    "rest": rest,
                    "most": most,
                }
            )
            if text and len(text) <= LONGEST and "\x00" not in text
            else []
        )
    return [
        Hit(
            asset_id=AssetId(asset_id),
            kind=kind,
            name=name,
            path=".".join(
                [join_path(source), locator, *([quote_part(column)] if column is not None else [])]
            ),
            comment=comment,
            score=round(float(score), 3),
            instead=instead or "",
        )
        for source, asset_id, kind, name, locator, column, comment, score, instead in rows
    ]


def _rows(values: dict[str, Any]) -> list[tuple[Any, ...]]:
    try:
        return database.rows_within("discovery", "search", values, seconds=MOST_SECONDS)
    except OperationalError as error:
        if not database.was_too_slow(error):
            raise
        raise SearchTookTooLong(MOST_SECONDS) from None
