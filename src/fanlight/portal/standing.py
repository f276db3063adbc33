"""How an integration and its runs stand, in words and in sixteen bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fanlight.core import words
from fanlight.core.identifiers import IntegrationId
from fanlight.extraction.types import Run, RunState
from fanlight.integrations.types import Integration, TestState

BARS = 16
BAR_STEP, BAR_WIDTH = 6, 4
BAR_ROOM, BAR_LEAST = 22, 4
TABLE_KINDS = ("table", "partitioned_table", "foreign_table")
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
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A word for a state. tone: good, warn, bad or still."""

    word: str
    tone: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a spark line. kind: ok, bad or none. Lengths in the drawing's units."""

    x: int
    y: int
    height: int
    kind: str


@dataclass(frozen=True, slots=True)
class Line:
    """All that a list says of an integration. active: the run that is not over, latest: the last that is."""

    integration: Integration
    standing: Standing
    active: Run | None
    latest: Run | None
    product: str
    tables: int
    columns: int
    bars: list[Bar]
    bars_label: str


def of_run(run: Run) -> Standing:
    """Say how a run stands."""
    match run.state:
        case RunState.QUEUED:
            return Standing("Waiting", "still")
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
    match integration.test_state:
        case TestState.TESTING:
            return Standing("Testing", "still")
        case TestState.FAILED:
            return Standing("Does not connect", "bad")
    if not runs:
        is_untested = integration.test_state is TestState.UNTESTED
        return Standing("Not tested" if is_untested else "Not extracted yet", "still")
    if runs[0].state is RunState.FAILED:
        return Standing("Last run failed", "bad")
    return Standing("Extracted in part", "warn") if runs[0].not_seen_count else Standing("Extracted", "good")


def is_busy(integration: Integration, runs: Sequence[Run]) -> bool:
    """Tell whether something is under way that is worth looking at again in a second."""
    return integration.test_state is TestState.TESTING or any(not run.state.is_over for run in runs)


def lines(
    integrations: Sequence[Integration],
    runs: Mapping[IntegrationId, list[Run]],
    counts: Mapping[IntegrationId, Mapping[str, int]],
) -> list[Line]:
    """Return a line for each integration. runs: latest first."""
    return [_line(one, runs.get(one.id, []), counts.get(one.id, {})) for one in integrations]


def _line(integration: Integration, runs: list[Run], counts: Mapping[str, int]) -> Line:
    over = [run for run in runs if run.state.is_over]
    active = next((run for run in runs if not run.state.is_over), None)
    product = next((run.product for run in runs if run.product), "")
    if not product:
        product = integration.report.product if integration.report else integration.connector_title
    return Line(
        integration=integration,
        standing=of_integration(integration, runs),
        active=active,
        latest=over[0] if over else None,
        product=product,
        tables=sum(counts.get(kind, 0) for kind in TABLE_KINDS),
        columns=counts.get("column", 0),
        bars=_bars(over),
        bars_label=_label(over[:BARS]),
    )


def _bars(over: list[Run]) -> list[Bar]:
    latest = list(reversed(over[:BARS]))
    longest = max((run.milliseconds or 0 for run in latest), default=0) or 1
    bars = []
    for place in range(BARS):
        found = latest[place - (BARS - len(latest))] if place >= BARS - len(latest) else None
        share = (found.milliseconds or 0) / longest if found else 0
        height = BAR_LEAST + round((BAR_ROOM - BAR_LEAST) * share)
        kind = "none" if found is None else "bad" if found.state is RunState.FAILED else "ok"
        bars.append(Bar(x=place * BAR_STEP, y=BAR_ROOM - height, height=height, kind=kind))
    return bars


def _label(over: list[Run]) -> str:
    failed = sum(run.state is RunState.FAILED for run in over)
    if not over:
        return "No runs yet"
    return f"Last {words.plural(len(over), 'run')}: {len(over) - failed} succeeded, {failed} failed"


def has_waited_long(since: datetime | None, now: datetime) -> bool:
    """Tell whether a worker should have taken this up by now."""
    return since is not None and (now - since).total_seconds() > WORKER_SECONDS
