"""Plain data of search."""

from __future__ import annotations

from dataclasses import dataclass

from fanlight.core.identifiers import AssetId


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found. path: whole, from the integration on. asset_id: the asset, or the relation of a column.

    score: higher is better; comparable within one search only.
    """

    asset_id: AssetId
    kind: str
    name: str
    path: str
    comment: str | None
    score: float
