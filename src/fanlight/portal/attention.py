"""What somebody should look at, said to those who may do something about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.core import words
from fanlight.core.actors import Actor
from fanlight.extraction import queries as extraction
from fanlight.extraction.types import NeedsALook, RunState
from fanlight.portal.standing import HELD, REFUSED, Standing

PAUSED_DAYS = 30


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one should look: a word, a sentence, and where to go."""

    standing: Standing
    sentence: str
    address: str
    link: str


@dataclass(frozen=True, slots=True)
class Matter:
    """An integration to look at. reasons: one at least."""

    name: str
    address: str
    reasons: list[Reason]


def matters(actor: Actor, now: datetime) -> list[Matter]:
    """Return what needs a look, by integration; nothing for whoever may not do anything about it."""
    if not access.is_allowed(actor, Permission.INTEGRATION_RUN):
        return []
    found = extraction.needing_a_look(actor, paused_before=now - timedelta(days=PAUSED_DAYS))
    return [Matter(one.name, reverse("integration", args=[one.id]), _reasons(one, now)) for one in found]


def _reasons(one: NeedsALook, now: datetime) -> list[Reason]:
    page = reverse("integration", args=[one.id])
    reasons = []
    if one.run_state == RunState.HELD and one.run_id:
        run = reverse("run", args=[one.id, one.run_id])
        reasons.append(Reason(Standing("Asks first", "warn"), one.detail, run, "See what would be removed"))
    elif one.stopped_reason == REFUSED:
        said = "Its credential was refused three times; it is not tried again, so that the account is not locked."
        reasons.append(Reason(Standing("Sign-in refused", "bad"), said, page, "See what to do"))
    elif one.run_state == RunState.FAILED and one.run_id:
        run = reverse("run", args=[one.id, one.run_id])
        reasons.append(Reason(Standing("Last run failed", "bad"), one.detail, run, "See the run"))
    elif one.stopped_reason:
        why = "" if one.stopped_reason == HELD else f" ({one.stopped_reason})"
        said = f"It is not extracted by itself any more{why}."
        reasons.append(Reason(Standing("Schedule stopped", "warn"), said, page, "See why"))
    if one.paused_at is not None:
        said = f"Nothing has been extracted for {words.duration(now - one.paused_at)}."
        reasons.append(Reason(Standing("Paused", "still"), said, page, "See it"))
    if one.excess:
        said = f"Its credential: {one.excess}. Fanlight uses none of it beyond reading the catalogue."
        rights = reverse("integration-credential", args=[one.id])
        reasons.append(Reason(Standing("More than reading", "warn"), said, rights, "Take it away"))
    return reasons
