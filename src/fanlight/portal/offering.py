"""The demo's second source, which `fanlight demo` leaves to whoever tries it to add."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from fanlight.integrations.types import Integration

FILE = "demo.json"  # in the home, for as long as the demo runs


@dataclass(frozen=True, slots=True)
class Offer:
    """What to fill in. connector: the form's."""

    name: str
    connector: str
    host: str
    databases: str
    user: str


def offer(known: Iterable[Integration]) -> Offer | None:
    """Return the demo's source that none of these reads yet, or None; outside a demo always None."""
    try:
        said = json.loads((Path(settings.FANLIGHT_HOME) / FILE).read_text("utf-8"))
        offered = Offer(**said)
    except (OSError, ValueError, TypeError):
        return None
    is_taken = any(one.settings.get("databases") == offered.databases for one in known)
    return None if is_taken else offered
