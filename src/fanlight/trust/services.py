"""Trying the controls, and keeping what they found."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from fanlight.core.errors import WrongUse
from fanlight.foundation import database
from fanlight.trust import queries
from fanlight.trust.controls import controls_of
from fanlight.trust.types import Budget, Control, Findings, Occasion, Outcome, State, Zone
from fanlight.vault.types import RootKey

HISTORY_DAYS = 400
WHOLE_DAYS = 1
_log = logging.getLogger("fanlight.trust")


def check(
    *,
    zone: Zone,
    only: Collection[str] | None = None,
    root_key: RootKey | None = None,
    home: Path | None = None,
) -> dict[str, State]:
    """Try the controls of this process's zone now, and record what they find; return the states by promise.

    only: promises; None for all. A control that fails to look makes its promise `unknown`. Raises WrongUse when this
    process has not the zone's database role: the database would note another, and nobody would believe the result.
    """
    _require_role(zone)
    shared: dict[str, Any] = {}
    states: dict[str, State] = {}
    for control in controls_of(zone):
        if only is None or control.promise in only:
            states[control.promise] = _try(control, root_key, home, shared)
    return states


def check_due(
    *, zone: Zone, now: datetime, root_key: RootKey | None = None, home: Path | None = None
) -> dict[str, State]:
    """Try those controls of the zone that are due. Raises WrongUse as `check`."""
    due = queries.due(zone, now=now)
    return check(zone=zone, only=due, root_key=root_key, home=home) if due else {}


def thin_history(*, now: datetime) -> int:
    """Forget results that the history does not need; return how many. Works as the worker's role only."""
    return database.execute(
        "trust",
        "thin_results",
        queries.believed()
        | {"young": now - timedelta(days=WHOLE_DAYS), "oldest": now - timedelta(days=HISTORY_DAYS)},
    )


def own_zone() -> Zone:
    """Return the zone whose database role this process has. Raises WrongUse when it has neither's."""
    role = _current_role()
    for zone in Zone:
        if zone.role == role:
            return zone
    raise WrongUse(
        code="trust.wrong_role",
        detail=f"Controls are tried as the portal or the worker, and this process is {role!r} to the database.",
        remedy="Give it the database URL of the portal or of the worker.",
    )


def _require_role(zone: Zone) -> None:
    if own_zone() is not zone:
        raise WrongUse(
            code="trust.wrong_role",
            detail=f"The controls of the {zone} are tried as {zone.role!r}, and this process has another role.",
            remedy=f"Run it with the database URL of the {zone}.",
        )


def _current_role() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])


def _try(control: Control, root_key: RootKey | None, home: Path | None, shared: dict[str, Any]) -> State:
    started = time.monotonic()
    occasion = Occasion(Budget(control.budget_seconds), root_key, home, shared)
    try:
        with _limited(control.budget_seconds):
            outcome = control.check(occasion)
        state = outcome.state
    except Exception as error:
        # Nobody has looked, whatever the reason. What an error says may hold names; its kind does not.
        _log.warning("the check of %s failed: %s", control.promise, type(error).__name__)
        connection.close()
        findings = Findings()
        findings.add(queries.FAILED, error=f"{type(error).__name__}: {error}"[:500])
        outcome, state = Outcome({}, findings, is_exercised=False), State.UNKNOWN
    database.execute(
        "trust",
        "record_result",
        {
            "promise": control.promise,
            "state": state.value,
            "milliseconds": round((time.monotonic() - started) * 1000),
            "evidence": json.dumps(
                {
                    "counts": list(outcome.counts.items()),
                    "findings": outcome.findings.by_code,
                    "is_partial": outcome.is_partial,
                }
            ),
            "findings": json.dumps(
                [{"code": one.code, **one.where} for one in outcome.findings.first], default=str
            ),
        },
    )
    return state


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    # No single statement outlives the control's time, whatever it waits for.
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, false)", [str(round(seconds * 1000))])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET statement_timeout")
