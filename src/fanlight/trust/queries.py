"""How the promises stand, from stored results that are believed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fanlight.foundation import database
from fanlight.trust.controls import controls, controls_of
from fanlight.trust.policy import promises
from fanlight.trust.types import Control, Day, Evidence, Promise, Standing, State, Zone

__all__ = ["as_plain", "believed", "due", "findings", "promises", "standings"]

# What nobody has looked at for a day is not known to be so.
STALE = timedelta(hours=24)
# What is not proven is looked at sooner: a first extraction, or a repair, is to be seen.
_IMPATIENT = {
    State.NOT_EXERCISED: timedelta(seconds=45),
    State.UNKNOWN: timedelta(minutes=5),
    State.BROKEN: timedelta(minutes=5),
}
SHOWN_DAYS = 30
FAILED = "check.failed"
_SKEW = timedelta(minutes=5)
_COUNTED = re.compile(r"[A-Za-z][A-Za-z' -]{0,60}\Z")
_SENTENCES = {FAILED: "The check itself failed, so nobody knows whether this is so."}
# Of a day, the worst is told; that there was nothing to check is told only where nothing else was found.
_WORST = (State.BROKEN, State.UNKNOWN, State.PROVEN, State.NOT_EXERCISED)
_PAIR = 2
_Row = tuple[State, datetime, int, Mapping[str, Any]]


def believed() -> dict[str, list[str]]:
    """Return which role's results are believed for which promise, for the statements of this room."""
    known = controls()
    return {"promises": list(known), "roles": [control.zone.role for control in known.values()]}


def standings(*, now: datetime, with_days: bool = False) -> list[Standing]:
    """Return how every promise stands, in the policy's order. with_days: with the history of the last 30 days.

    Asks nobody: the policy is public, and what is told of a result are counts and sentences.
    """
    latest, since = _latest(), _since()
    days = _days(now) if with_days else {}
    return [
        _standing(one, controls().get(one.id), latest.get(one.id), since.get(one.id), now, days.get(one.id))
        for one in promises()
    ]


def as_plain(standing: Standing) -> dict[str, Any]:
    """Return a standing as others rely on it: id, sentence, state, since, checked_at, evidence. Times in ISO 8601."""
    evidence = standing.evidence
    return {
        "id": standing.promise.id,
        "sentence": standing.promise.sentence,
        "state": standing.state.value,
        "since": standing.since.isoformat() if standing.since else None,
        "checked_at": standing.checked_at.isoformat() if standing.checked_at else None,
        "evidence": {
            "how": evidence.how if evidence else None,
            "zone": evidence.zone.value if evidence else None,
            "on": dict(evidence.counts) if evidence else {},
            "findings": [{"sentence": said, "count": count} for said, count in evidence.findings]
            if evidence
            else [],
            "is_partial": evidence.is_partial if evidence else False,
            "milliseconds": evidence.milliseconds if evidence else None,
            "reason": standing.reason,
            "tests": list(standing.promise.tests),
        },
    }


def due(zone: Zone, *, now: datetime) -> set[str]:
    """Return the promises of a zone whose control is to be tried again: after its own time, or sooner if not proven."""
    latest = _latest()
    return {
        control.promise
        for control in controls_of(zone)
        if control.promise not in latest or _is_due(control, latest[control.promise], now)
    }


def _is_due(control: Control, row: _Row, now: datetime) -> bool:
    state, checked_at, *_ = row
    return now - checked_at >= min(control.every, _IMPATIENT.get(state, control.every))


def findings() -> dict[str, list[dict[str, Any]]]:
    """Return what the latest results hold for the operator alone, by promise.

    It names things. The portal's role may not read it; this works as the worker's.
    """
    return {one: json.loads(told) for one, told in database.rows("trust", "latest_findings", believed())}


def _latest() -> dict[str, _Row]:
    return {
        promise: (State(state), at, milliseconds, _mapping(json.loads(evidence)))
        for promise, state, at, milliseconds, evidence in database.rows("trust", "latest_results", believed())
    }


def _mapping(said: Any) -> Mapping[str, Any]:
    return said if isinstance(said, dict) else {}


def _since() -> dict[str, datetime]:
    return dict(database.rows("trust", "since", believed() | {"gap_seconds": STALE.total_seconds()}))


def _days(now: datetime) -> dict[str, dict[date, State]]:
    first = _midnight(now) - timedelta(days=SHOWN_DAYS - 1)
    found: dict[str, dict[date, State]] = {}
    for promise, day, states in database.rows("trust", "days", believed() | {"since": first}):
        found.setdefault(promise, {})[day] = min(map(State, states), key=_WORST.index)
    return found


def _midnight(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _standing(
    promise: Promise,
    control: Control | None,
    row: _Row | None,
    since: datetime | None,
    now: datetime,
    days: Mapping[date, State] | None,
) -> Standing:
    strip = _strip(days or {}, now)
    if control is None:
        return Standing(promise, State.NOT_CLAIMED, None, None, promise.not_claimed, None, strip)
    if row is None:
        reason = (
            f"Its control has not told anything yet; the {control.zone} tries it every quarter of an hour."
        )
        return Standing(promise, State.UNKNOWN, None, None, reason, None, strip)
    stored, checked_at, milliseconds, said = row
    evidence = _evidence(control, said, milliseconds)
    state, since, reason = _judge(promise, stored, checked_at, since, evidence, now)
    return Standing(promise, state, since, checked_at, reason, evidence, strip)


def _judge(
    promise: Promise,
    stored: State,
    checked_at: datetime,
    since: datetime | None,
    evidence: Evidence,
    now: datetime,
) -> tuple[State, datetime | None, str]:
    told = " ".join(sentence for sentence, _ in evidence.findings)
    if stored is State.BROKEN:
        # It stays so until a later look says otherwise, however long that takes.
        return State.BROKEN, since, told
    if checked_at - now > _SKEW:
        return State.UNKNOWN, None, "Its latest result is of a time to come: a clock is wrong."
    if now - checked_at > STALE:
        return State.STALE, checked_at + STALE, "Nobody has checked it for more than 24 hours."
    if stored is not State.PROVEN:
        return stored, since, told or "There was nothing yet to check it on."
    if promise.review_by < now.date():
        passed = datetime.combine(promise.review_by + timedelta(days=1), datetime.min.time(), UTC)
        reason = f"It holds, but its review was due on {promise.review_by:%d %B %Y}."
        return State.OVERDUE, max(passed, since or passed), reason
    part = "It could not look at everything this time." if evidence.is_partial else ""
    return State.PROVEN, since, part


def _evidence(control: Control, said: Mapping[str, Any], milliseconds: int) -> Evidence:
    # The words come from the code and only numbers from the row, whoever may have written it.
    sentences = _SENTENCES | dict(control.findings)
    told: dict[str, int] = {}
    for code, count in _numbers(said.get("findings")).items():
        sentence = sentences.get(code, "Something was found that this version has no words for.")
        told[sentence] = told.get(sentence, 0) + count
    return Evidence(
        how=control.how,
        zone=control.zone,
        counts={label: n for label, n in _numbers(said.get("counts")).items() if _COUNTED.match(label)},
        findings=tuple(told.items()),
        is_partial=said.get("is_partial") is True,
        milliseconds=milliseconds,
    )


def _numbers(said: Any) -> dict[str, int]:
    # Counts are pairs, in the order that the control gave them; findings are a mapping by code.
    pairs = list(said.items()) if isinstance(said, dict) else said
    if not isinstance(pairs, list):
        return {}
    return {
        str(pair[0]): pair[1]
        for pair in pairs
        if isinstance(pair, list | tuple) and len(pair) == _PAIR and type(pair[1]) is int
    }


def _strip(days: Mapping[date, State], now: datetime) -> tuple[Day, ...]:
    first = _midnight(now).date() - timedelta(days=SHOWN_DAYS - 1)
    every = [first + timedelta(days=passed) for passed in range(SHOWN_DAYS)]
    return tuple(Day(day, days.get(day)) for day in every)
