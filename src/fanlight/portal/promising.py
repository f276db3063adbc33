"""The page of promises: its words, its facts and its strips of days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fanlight.connectors import registry
from fanlight.core import words
from fanlight.trust.types import Day, Group, Standing, State

# Word and tone. 'open' and 'bare' are drawn unfinished: nobody is to take them for good.
WORDS: dict[State, tuple[str, str]] = {
    State.PROVEN: ("Proven", "good"),
    State.BROKEN: ("Broken", "bad"),
    State.OVERDUE: ("Overdue", "warn"),
    State.STALE: ("Stale", "open"),
    State.UNKNOWN: ("Unknown", "open"),
    State.NOT_EXERCISED: ("Not exercised", "bare"),
    State.INHERITED: ("Inherited", "still"),
    State.NOT_CLAIMED: ("Not claimed", "bare"),
}
MEANINGS: dict[State, str] = {
    State.PROVEN: "A control tried it and found that it holds.",
    State.BROKEN: "A control found that it does not hold.",
    State.OVERDUE: "It holds, and its owner has not reviewed it in time.",
    State.STALE: "It held when it was last tried, more than 24 hours ago.",
    State.UNKNOWN: "It was not tried, or could not be.",
    State.NOT_EXERCISED: "There was nothing yet to try it on.",
    State.INHERITED: "It is somebody else's, with evidence.",
    State.NOT_CLAIMED: "Nothing proves it here, so nothing is claimed.",
}
# Always shown, however few there are.
_ALWAYS = (State.PROVEN, State.BROKEN)
TITLES = {
    Group.TRANSPORT: "Transport",
    Group.SOURCES: "Sources",
    Group.DATA: "Data",
    Group.WORKSPACE: "Workspace",
    Group.OPERATIONS: "Operations",
}
BAR_STEP, BAR_WIDTH = 6, 4
_STRIP_KINDS = {State.PROVEN: "ok", State.BROKEN: "bad", State.UNKNOWN: "open", State.NOT_EXERCISED: "bare"}
# What a reader can look up beyond the evidence.
_ABOUT_STATEMENTS = ("R1", "R2", "R3", "W3")


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of a strip. title: what a pointer is told."""

    x: int
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Line:
    """One promise of the page. on: what it was proven on. shows_statements: whether the list of them belongs to it."""

    standing: Standing
    word: str
    tone: str
    on: str
    bars: list[Bar]
    bars_label: str
    shows_statements: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """How many promises stand so; a filter. state None: all."""

    state: State | None
    word: str
    tone: str
    count: int
    meaning: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Section:
    """The promises of one group."""

    title: str
    lines: list[Line]


def facts(standings: Sequence[Standing], chosen: State | None) -> list[Fact]:
    """Return the filters, all promises first."""
    found = [Fact(None, "In all", "still", len(standings), "Every promise.", chosen is None)]
    for state, (word, tone) in WORDS.items():
        count = sum(one.state is state for one in standings)
        if count or state in _ALWAYS or state is chosen:
            # None of a kind is neither good news nor bad.
            shown = tone if count else "still"
            found.append(Fact(state, word, shown, count, MEANINGS[state], chosen is state))
    return found


def sections(standings: Sequence[Standing], chosen: State | None) -> list[Section]:
    """Return what the page lists, by group in the policy's order."""
    shown = [one for one in standings if chosen is None or one.state is chosen]
    found = [
        Section(title, [line(one) for one in shown if one.promise.group is group])
        for group, title in TITLES.items()
    ]
    return [section for section in found if section.lines]


def line(standing: Standing) -> Line:
    """Return one promise as the page shows it."""
    word, tone = WORDS[standing.state]
    evidence = standing.evidence
    counts = evidence.counts.items() if evidence else ()
    bars = [_bar(place, day) for place, day in enumerate(standing.days)] if evidence else []
    return Line(
        standing=standing,
        word=word,
        tone=tone,
        on=", ".join(words.counted(count, label) for label, count in counts if count),
        bars=bars,
        bars_label=_label(standing.days) if bars else "",
        shows_statements=standing.promise.id in _ABOUT_STATEMENTS,
    )


def last_check(standings: Sequence[Standing]) -> datetime | None:
    """Return when the control that is longest unheard of has told, None where one never did."""
    told = [one.checked_at for one in standings if one.promise.control]
    known = [moment for moment in told if moment is not None]
    return min(known) if known and len(known) == len(told) else None


def connectors() -> list[tuple[str, str]]:
    """Return the kinds of source whose statements can be read: name and title."""
    return [(one.name, one.title) for one in registry.connectors()]


def _bar(place: int, day: Day) -> Bar:
    kind = _STRIP_KINDS.get(day.state, "none") if day.state else "none"
    said = WORDS[day.state][0].lower() if day.state else "not checked"
    return Bar(place * BAR_STEP, kind, f"{day.day:%d %B}: {said}")


def _label(days: Sequence[Day]) -> str:
    counts: dict[str, int] = {}
    for day in days:
        said = day.state.value if day.state else "not checked"
        counts[said] = counts.get(said, 0) + 1
    told = ", ".join(f"{count} {said}" for said, count in counts.items())
    return f"The last {len(days)} days: {told}"
