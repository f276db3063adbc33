"""Who or what something comes from: a member by name, the command line, a schedule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fanlight.core.actors import Actor
from fanlight.core.identifiers import PersonId, RunId
from fanlight.extraction.types import Purpose, Run, Trigger
from fanlight.organizations import queries as organizations

Names = Mapping[PersonId, str]


@dataclass(frozen=True, slots=True)
class Origin:
    """Words, then a person's name or nothing, then words. approval_of: the run whose question was answered."""

    words: str
    name: str = ""
    after: str = ""
    approval_of: RunId | None = None


def names(actor: Actor) -> dict[PersonId, str]:
    """Return what the organization's members are called."""
    return {one.person_id: one.name or one.email for one in organizations.members(actor)}


def by(known: Names, person_id: PersonId | None) -> Origin:
    """Say who did something. None: whoever sits at the machine itself."""
    if person_id is None:
        return Origin("from the command line")
    return Origin("by", known[person_id]) if person_id in known else Origin("by a former member")


def origin(run: Run, known: Names) -> Origin:
    """Say who or what made a run begin."""
    if run.purpose is Purpose.CONTROL:
        return Origin("by a control of this installation")
    if run.purpose is Purpose.TEST:
        return Origin("to test the connection")
    match run.trigger:
        case Trigger.SCHEDULE:
            return Origin("by the schedule")
        case Trigger.RETRY:
            return Origin("by the schedule, again after a failure")
        case Trigger.APPROVAL:
            who = by(known, run.requested_by)
            return Origin(who.words, who.name, "who approved a removal", run.approval_of)
    return by(known, run.requested_by)
