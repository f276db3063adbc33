"""Plain data of search."""

from __future__ import annotations

from dataclasses import dataclass

from fanlight.core.errors import FanlightError
from fanlight.core.identifiers import AssetId


class SearchTookTooLong(FanlightError):
    """A search was ended by its limit."""

    http_status = 503

    def __init__(self, seconds: float) -> None:
        super().__init__(
            code="search.too_long",
            detail=f"The search took longer than {seconds:g} s, so it was ended.",
            remedy="Write fewer words, or whole ones, or try again in a minute.",
        )


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found. path: whole, from the integration on. asset_id: the asset, or the relation of a column.

    score: higher is better; comparable within one search only. instead: what was searched for instead of what was
    typed, where a word of that is in no name and no comment; the same in every hit of a search; else empty.
    """

    asset_id: AssetId
    kind: str
    name: str
    path: str
    comment: str | None
    score: float
    instead: str = ""
