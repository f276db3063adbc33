"""One run: how far it is or how it went, and every statement that it sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from fanlight.connectors import registry
from fanlight.connectors.types import Statement
from fanlight.core.actors import Actor
from fanlight.core.errors import NotFound
from fanlight.core.identifiers import IntegrationId, RunId
from fanlight.extraction import queries as extraction
from fanlight.extraction.types import LedgerLine, Run
from fanlight.foundation import clock
from fanlight.integrations import queries as integrations
from fanlight.portal import standing
from fanlight.portal.asking import PortalRequest, signed_in

LINES = 100
_DIGITS = 9  # of a line's number: more than any run has statements
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
    """Show a run; to htmx, what changes while it works, or the next lines of the ledger."""
    found = integrations.integration(actor, IntegrationId(integration_id))
    run = extraction.run(actor, RunId(run_id))
    if run.integration_id != found.id:
        raise NotFound(code="run.unknown", detail="There is no such run.")
    context = figures(run) | {"integration": found}
    if request.htmx and request.htmx.target == "run":
        template = "portal/parts/run_live.html"
    else:
        template = "portal/parts/ledger_lines.html" if request.htmx else "portal/run.html"
        context |= _ledger(actor, run, found.connector, request.GET.get("after", ""))
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def figures(run: Run) -> dict[str, Any]:
    """Return what a run's page prints of it."""
    waiting_since = run.requested_at if run.started_at is None else None
    return {
        "run": run,
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
