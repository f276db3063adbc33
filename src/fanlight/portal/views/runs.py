"""One run: how far it is or how it went, and every statement that it sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.connectors import registry
from fanlight.connectors.types import Statement
from fanlight.core.actors import Actor
from fanlight.core.errors import NotFound
from fanlight.core.identifiers import IntegrationId, RunId
from fanlight.extraction import queries as extraction
from fanlight.extraction.types import LedgerLine, Purpose, Run, RunState
from fanlight.foundation import clock
from fanlight.integrations import queries as integrations
from fanlight.integrations.types import Integration
from fanlight.portal import departing, people, standing
from fanlight.portal.asking import PortalRequest, signed_in

LINES = 100
_DIGITS = 9  # of a line's number: more than any run has statements
TITLES = {
    Purpose.EXTRACTION: "Run",
    Purpose.TEST: "Test of the connection",
    Purpose.CONTROL: "Look by a control",
}
ABOUT_RIGHTS = ("source.excess_privileges", "source.unknown_privileges")
CHANGES = (
    ("added", "new"),
    ("changed", "changed"),
    ("gone", "gone"),
    ("unchanged", "unchanged"),
    ("columns_added", "columns new"),
    ("columns_changed", "columns changed"),
    ("columns_gone", "columns gone"),
    ("estimates", "estimates updated"),
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A line of the ledger with its statement, when that is on today's lists. summary: its purpose's first sentence."""

    line: LedgerLine
    statement: Statement | None

    @property
    def summary(self) -> str:
        """What it is for, in a sentence."""
        if self.statement is None:
            return ""
        first, dot, _ = " ".join(self.statement.purpose.split()).partition(". ")
        return first + dot.strip()


@signed_in("GET")
def run_page(request: PortalRequest, actor: Actor, integration_id: UUID, run_id: UUID) -> HttpResponse:
    """Show a run; to htmx, what changes while it works, or the next lines of a list."""
    found, run = run_of(actor, integration_id, run_id)
    target = request.htmx.target if request.htmx else ""
    context = figures(actor, run) | {"integration": found}
    if run.state is RunState.HELD:
        context |= departing.listed(actor, found, run, request.GET.get("gone_after", ""))
    if target not in ("run", "more-gone"):
        context |= _ledger(actor, run, found.connector, request.GET.get("after", ""))
    response = render(request, _templates(is_htmx=bool(request.htmx), target=target), context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _templates(*, is_htmx: bool, target: str | None) -> str:
    if not is_htmx:
        return "portal/run.html"
    parts = {"run": "run_live", "more-gone": "removal_rows"}
    return f"portal/parts/{parts.get(target or '', 'ledger_lines')}.html"


def run_of(actor: Actor, integration_id: UUID, run_id: UUID) -> tuple[Integration, Run]:
    """Return a run and the integration that it is of. Raises NotFound."""
    found = integrations.integration(actor, IntegrationId(integration_id))
    run = extraction.run(actor, RunId(run_id))
    if run.integration_id != found.id:
        raise NotFound(code="run.unknown", detail="There is no such run.")
    return found, run


def figures(actor: Actor, run: Run) -> dict[str, Any]:
    """Return what a run's page prints of it."""
    waiting_since = run.requested_at if run.started_at is None else None
    may_run = access.is_allowed(actor, Permission.INTEGRATION_RUN)
    return {
        "run": run,
        "title": TITLES[run.purpose],
        "is_extraction": run.purpose is Purpose.EXTRACTION,
        "origin": people.origin(run, people.names(actor)),
        "may_cancel": may_run and not run.state.is_over and not run.stopping,
        "is_about_rights": run.problem is not None and run.problem.code in ABOUT_RIGHTS,
        "phases": [(name, run.phases[name]) for name in standing.PHASES if name in run.phases],
        "changes": [(word, run.changes[name]) for name, word in CHANGES if name in run.changes],
        "more_not_seen": run.not_seen_count - len(run.not_seen),
        "run_waits_long": standing.has_waited_long(waiting_since, clock.now()),
    }


def _ledger(actor: Actor, run: Run, connector: str, after: str) -> dict[str, Any]:
    number = int(after) if after.isascii() and after.isdigit() and len(after) <= _DIGITS else 0
    page = extraction.ledger(actor, run.id, after=number, most=LINES)
    lists = registry.connector(connector).statements()
    known = {one.digest: one for some in (lists.catalogue, lists.session, lists.driver) for one in some}
    return {
        "sent": [Sent(line, known.get(line.digest)) for line in page.lines],
        "next_after": page.next_after,
        "after": number,
    }
