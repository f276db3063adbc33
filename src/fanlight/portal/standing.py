"""How an integration, its runs and its credential stand: a word, a colour, and sixteen bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fanlight.core import words
from fanlight.extraction.types import Run, RunState
from fanlight.integrations.types import Credential, Integration, PrivilegeReport, Schedule, TestState

BARS = 16
BAR_STEP = 6
BAR_ROOM, BAR_LEAST = 22, 4
WORKER_SECONDS = 15
PHASES = {
    "waiting": "Waiting for the worker",
    "connecting": "Connecting",
    "reading": "Reading the source's catalogue",
    "arriving": "Bringing in what was read",
    "merging": "Comparing and storing",
    "done": "Done",
}
REASONS = {
    "locked": "locked by somebody else for the whole run",
    "denied": "not open to this credential",
    "failed": "the source answered with an error",
    "unreachable": "its database could not be reached",
}
REFUSED, HELD = "source.refused_credential", "run.held"


@dataclass(frozen=True, slots=True)
class Standing:
    """A word for a state. tone: good, warn, bad or still."""

    word: str
    tone: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a schedule goes on no more by itself. next: in a list, when it will."""

    why: str
    remedy: str
    next: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a spark line. kind: ok, bad, warn, still or none. Lengths in the drawing's units."""

    x: int
    y: int
    height: int
    kind: str


_STOPS = {
    REFUSED: Stop(
        "The source refused this credential three times. It is not tried again by itself, so that the account is not "
        "locked there.",
        "Check the role and its password at the source, then enter the password again, or extract once by hand. The "
        "schedule goes on when a run succeeds.",
        "when mended",
    ),
    HELD: Stop(
        "The latest run found so much gone that it asks first. Nothing is removed, and nothing runs by itself, until "
        "somebody has answered.",
        "Look at what would be removed; then approve it, or mend the source and extract again.",
        "when answered",
    ),
}
_TESTS = {
    TestState.TESTING: Standing("Testing", "still"),
    TestState.FAILED: Standing("Does not connect", "bad"),
}
_BARS = {RunState.FAILED: "bad", RunState.HELD: "warn", RunState.STOPPED: "still"}


def of_run(run: Run) -> Standing:
    """Say how a run stands."""
    match run.state:
        case RunState.QUEUED:
            return Standing("Stopping" if run.stopping else "Waiting", "still")
        case RunState.RUNNING:
            return Standing("Stopping", "still") if run.stopping else Standing("Running", "good")
        case RunState.FAILED:
            return Standing("Failed", "bad")
        case RunState.STOPPED:
            return Standing("Stopped", "still")
        case RunState.HELD:
            return Standing("Asks first", "warn")
        case RunState.SUCCEEDED:
            return Standing("Incomplete", "warn") if run.not_seen_count else Standing("Complete", "good")


def of_integration(integration: Integration, runs: Sequence[Run]) -> Standing:
    """Say how an integration stands. runs: latest first."""
    if runs and not runs[0].state.is_over:
        return of_run(runs[0])
    if integration.paused_at is not None:
        return Standing("Paused", "still")
    if integration.test_state in _TESTS:
        return _TESTS[integration.test_state]
    # A run that somebody stopped says nothing of the source.
    told = next((run for run in runs if run.state is not RunState.STOPPED), None)
    if told is None:
        is_untested = integration.test_state is TestState.UNTESTED
        return Standing("Not tested" if is_untested else "Not extracted yet", "still")
    return _extracted(told)


def _extracted(run: Run) -> Standing:
    match run.state:
        case RunState.FAILED:
            is_refused = run.problem is not None and run.problem.code == REFUSED
            return Standing("Sign-in refused" if is_refused else "Last run failed", "bad")
        case RunState.HELD:
            return Standing("Asks first", "warn")
    return Standing("Extracted in part", "warn") if run.not_seen_count else Standing("Extracted", "good")


def of_credential(credential: Credential) -> Standing:
    """Say what a credential could do: green only where it is known that it cannot read data."""
    if credential.is_excessive or not credential.is_known:
        return Standing(credential.sentence, "warn")
    return Standing(credential.sentence, "still" if credential.reads_data else "good")


def of_report(report: PrivilegeReport) -> Standing:
    """Say the same of a whole report."""
    reads_data = report.readable > 0 or any(
        right.level == "read" and right.kind != "membership" for right in report.rights
    )
    return of_credential(
        Credential(report.sentence, report.is_excessive, report.checked_at, reads_data, not report.unknown)
    )


def stop_of(schedule: Schedule) -> Stop | None:
    """Say why a schedule goes on no more by itself, or None while it does."""
    if not schedule.stopped_reason:
        return None
    unknown = Stop(
        f"It was stopped ({schedule.stopped_reason}).", "Extract once by hand to see why.", "when mended"
    )
    return _STOPS.get(schedule.stopped_reason, unknown)


def is_busy(integration: Integration, runs: Sequence[Run]) -> bool:
    """Tell whether something is under way that is worth looking at again in a second."""
    return integration.test_state is TestState.TESTING or any(not run.state.is_over for run in runs)


def bars(over: Sequence[Run]) -> list[Bar]:
    """Return a bar for each of the latest runs that are over. over: latest first."""
    latest = list(reversed(over[:BARS]))
    longest = max((run.milliseconds or 0 for run in latest), default=0) or 1
    drawn = []
    for place in range(BARS):
        found = latest[place - (BARS - len(latest))] if place >= BARS - len(latest) else None
        share = (found.milliseconds or 0) / longest if found else 0
        height = BAR_LEAST + round((BAR_ROOM - BAR_LEAST) * share)
        kind = "none" if found is None else _BARS.get(found.state, "ok")
        drawn.append(Bar(x=place * BAR_STEP, y=BAR_ROOM - height, height=height, kind=kind))
    return drawn


def bars_label(over: Sequence[Run]) -> str:
    """Say the same in words."""
    latest = over[:BARS]
    if not latest:
        return "No runs yet"
    counted = [
        (sum(run.state is state for run in latest), word)
        for state, word in (
            (RunState.SUCCEEDED, "succeeded"),
            (RunState.FAILED, "failed"),
            (RunState.STOPPED, "stopped"),
            (RunState.HELD, "held"),
        )
    ]
    said = ", ".join(f"{count} {word}" for count, word in counted if count)
    return f"Last {words.plural(len(latest), 'run')}: {said}"


def has_waited_long(since: datetime | None, now: datetime) -> bool:
    """Tell whether a worker should have taken this up by now."""
    return since is not None and (now - since).total_seconds() > WORKER_SECONDS
