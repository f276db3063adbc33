"""R3: rights beyond reading are noticed. What is reported of each credential is compared with what it could do now."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from fanlight.connectors import registry
from fanlight.connectors.types import Privileges, RightLevel
from fanlight.core.actors import Actor
from fanlight.core.errors import FanlightError
from fanlight.core.identifiers import OrganizationId
from fanlight.extraction import queries as extraction
from fanlight.extraction import services as extractions
from fanlight.extraction.types import Run, RunState
from fanlight.integrations import queries as integrations
from fanlight.integrations.types import Integration
from fanlight.tenancy import queries as tenancy
from fanlight.trust.types import Control, Findings, Occasion, Outcome, Zone

MOST_PROBES = 20


def check(occasion: Occasion) -> Outcome:
    """Look for each extracted integration's report, and ask some sources anew what their credential could do."""
    if occasion.root_key is None:
        raise RuntimeError("only who holds the root key can ask a source")
    findings = Findings()
    extracted = list(_extracted())
    reported = 0
    for organization_id, integration, run in extracted:
        report = integrations.privileges(Actor.worker(organization_id), integration.id)
        if report is None or run.started_at is None or report.checked_at < run.started_at:
            findings.add("report.missing", organization=organization_id, integration=integration.id)
        else:
            reported += 1
    open_to_us = [one for one in extracted if one[1].paused_at is None]
    chosen = random.sample(open_to_us, min(MOST_PROBES, len(open_to_us)))
    asked = silent = 0
    for organization_id, integration, _ in chosen:
        if occasion.budget.is_spent:
            break
        try:
            now = extractions.probe(
                organization_id=organization_id, integration_id=integration.id, root_key=occasion.root_key
            )
        except FanlightError:
            silent += 1  # a source that cannot be asked is no right that nobody noticed
            continue
        asked += 1
        _compare(organization_id, integration, now, findings)
    counts = {
        "integrations extracted": len(extracted),
        "reports from their latest run": reported,
        "credentials asked about anew": asked,
        "sources out of reach": silent,
    }
    return Outcome(
        counts, findings, is_exercised=bool(extracted), is_partial=asked < len(open_to_us) or silent > 0
    )


def _extracted() -> Iterator[tuple[OrganizationId, Integration, Run]]:
    """Yield every integration with its latest run that succeeded."""
    for one in tenancy.organizations():
        actor = Actor.worker(one.id)
        runs = extraction.latest_runs(actor)
        for integration in integrations.integrations(actor):
            succeeded = (run for run in runs.get(integration.id, []) if run.state is RunState.SUCCEEDED)
            if (run := next(succeeded, None)) is not None:
                yield one.id, integration, run


def _compare(
    organization_id: OrganizationId,
    integration: Integration,
    now: dict[str, Privileges],
    findings: Findings,
) -> None:
    stored = integrations.found_privileges(Actor.worker(organization_id), integration.id)
    where: dict[str, Any] = {"organization": organization_id, "integration": integration.id}
    for database in registry.connector(integration.connector).databases(integration.settings):
        if database not in now:
            continue
        if database not in stored:
            findings.add("report.incomplete", **where)
        elif unnoticed := _writing(now[database]) - _writing(stored[database]):
            findings.add("right.unnoticed", times=len(unnoticed), rights=len(unnoticed), **where)
        elif now[database].writable > stored[database].writable:
            findings.add("right.unnoticed", **where)


def _writing(found: Privileges) -> set[tuple[object, ...]]:
    return {
        (right.kind, right.path, right.signature, one)
        for right in found.rights
        if right.level is RightLevel.WRITE
        for one in right.rights
    }


CONTROL = Control(
    promise="R3",
    zone=Zone.WORKER,
    how="Each extracted integration must have a report from its latest run of what its credential could do, and "
    "sources are asked anew: nothing beyond reading may be found that the report does not list.",
    findings={
        "report.missing": "An integration was extracted, and nobody noted what its credential could do.",
        "report.incomplete": "A report does not say what a credential could do in one of its databases.",
        "right.unnoticed": "A credential has a right beyond reading that nobody was told of; an extraction notes it.",
    },
    check=check,
    every=timedelta(hours=1),
)
