"""What lists and pages say of an integration, gathered from the rooms that know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fanlight.catalog import queries as catalog
from fanlight.core.actors import Actor
from fanlight.core.identifiers import IntegrationId
from fanlight.extraction import queries as extraction
from fanlight.extraction.types import Run
from fanlight.integrations import queries as integrations
from fanlight.integrations.types import Credential, Integration, Schedule
from fanlight.portal import people, standing
from fanlight.portal.people import Names, Origin
from fanlight.portal.standing import Bar, Standing

TABLE_KINDS = ("table", "partitioned_table", "foreign_table")


@dataclass(frozen=True, slots=True)
class Next:
    """When it is extracted by itself. at: the moment, or None; words: instead of it, or before it."""

    words: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in a list, with its integration and who or what made it begin."""

    run: Run
    integration: Integration
    origin: Origin


@dataclass(frozen=True, slots=True)
class Line:
    """All that a list says of an integration. active: the run that is not over, latest: the last that is."""

    integration: Integration
    standing: Standing
    active: Run | None
    latest: Run | None
    paused: Origin | None
    next: Next
    credential: Standing | None
    product: str
    tables: int
    columns: int
    bars: list[Bar]
    bars_label: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """All integrations of an organization. runs: latest first."""

    known: list[Integration]
    runs: Mapping[IntegrationId, list[Run]]
    counts: Mapping[IntegrationId, Mapping[str, int]]
    schedules: Mapping[IntegrationId, Schedule]
    credentials: Mapping[IntegrationId, Credential]
    names: Names

    def lines(self) -> list[Line]:
        """Return a line for each integration, by name."""
        return [
            line(
                one,
                self.runs.get(one.id, []),
                self.schedules[one.id],
                self.credentials.get(one.id),
                self.names,
                self.counts.get(one.id, {}),
            )
            for one in self.known
        ]

    def is_busy(self) -> bool:
        """Tell whether something is under way in any of them."""
        return any(standing.is_busy(one, self.runs.get(one.id, [])) for one in self.known)

    def recent(self, most: int) -> list[RunRow]:
        """Return the latest runs of all of them, latest first."""
        by_id = {one.id: one for one in self.known}
        found = [run for some in self.runs.values() for run in some if run.integration_id in by_id]
        latest = sorted(found, key=lambda run: run.requested_at, reverse=True)[:most]
        return [RunRow(run, by_id[run.integration_id], people.origin(run, self.names)) for run in latest]


def gather(actor: Actor, *, most_runs: int) -> Gathered:
    """Return all integrations that an actor may see. Raises Refused."""
    return Gathered(
        known=integrations.integrations(actor),
        runs=extraction.latest_runs(actor, most=most_runs),
        counts=catalog.counts(actor),
        schedules=integrations.schedules(actor),
        credentials=integrations.credentials(actor),
        names=people.names(actor),
    )


def line(
    integration: Integration,
    runs: list[Run],
    schedule: Schedule,
    credential: Credential | None,
    names: Names,
    counts: Mapping[str, int],
) -> Line:
    """Return what a list says of one integration. runs: latest first."""
    over = [run for run in runs if run.state.is_over]
    active = next((run for run in runs if not run.state.is_over), None)
    product = next((run.product for run in runs if run.product), "")
    if not product:
        product = integration.report.product if integration.report else integration.connector_title
    is_paused = integration.paused_at is not None
    return Line(
        integration=integration,
        standing=standing.of_integration(integration, runs),
        active=active,
        latest=over[0] if over else None,
        paused=people.by(names, integration.paused_by) if is_paused else None,
        next=Next("") if active else next_time(integration, schedule),
        credential=standing.of_credential(credential) if credential else None,
        product=product,
        tables=sum(counts.get(kind, 0) for kind in TABLE_KINDS),
        columns=counts.get("column", 0),
        bars=standing.bars(over),
        bars_label=standing.bars_label(over),
    )


def next_time(integration: Integration, schedule: Schedule) -> Next:
    """Say when an integration is extracted by itself next."""
    if integration.paused_at is not None:
        return Next("when resumed")
    stop = standing.stop_of(schedule)
    if stop is not None:
        return Next(stop.next)
    if schedule.next_at is None:
        return Next("only when asked for")
    return Next("again" if schedule.failures else "", schedule.next_at)
