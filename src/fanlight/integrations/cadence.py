"""When something is due: five cron fields in UTC, the picker's choices, and the patience after failures."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise

from fanlight.core.errors import WrongUse
from fanlight.core.identifiers import IntegrationId

MANUAL = ""
LEAST_MINUTES = 15
REFUSALS = 3  # of a credential in a row; a fourth might lock the account at the source
_FIRST_RETRY, _LAST_RETRY = timedelta(minutes=5), timedelta(hours=6)
_FIELDS = re.compile(r"[0-9*,/-]+(?: [0-9*,/-]+){4}\Z")
_MOMENTS_TRIED = 200
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


def daily_for(integration_id: IntegrationId) -> str:
    """Return the default: once a day, at a minute that the id chooses, so that not all come at once."""
    minute = int(integration_id.hex[-8:], 16) % 1440
    return f"{minute % 60} {minute // 60} * * *"


def check_cron(text: str) -> str:
    """Return a schedule with its spaces put right, or MANUAL for none.

    Raises WrongUse (code 'field.cron') when it is not five cron fields, never comes, or comes more often than every
    15 minutes.
    """
    cron = " ".join(text.split())
    if not cron:
        return MANUAL
    if not _FIELDS.match(cron):
        raise _wrong("has five fields: minute, hour, day of the month, month, day of the week")
    # Most who ask for a source's schedule compute nothing, and need not load what does.
    from croniter import CroniterError  # noqa: PLC0415

    try:
        moments = _moments(cron)
    except (CroniterError, ValueError, KeyError, IndexError):
        moments = []
    if len(moments) < 2:  # noqa: PLR2004 - two moments make an interval
        raise _wrong("is not understood, or never comes")
    least = min(later - earlier for earlier, later in pairwise(moments))
    if least < timedelta(minutes=LEAST_MINUTES):
        raise _wrong(f"comes more often than every {LEAST_MINUTES} minutes")
    return cron


def _moments(cron: str) -> list[datetime]:
    from croniter import croniter  # noqa: PLC0415

    moment = croniter(cron, datetime.fromisoformat("2024-01-01T00:00:00+00:00"), max_years_between_matches=8)
    return [moment.get_next(datetime) for _ in range(_MOMENTS_TRIED)]


def _wrong(what: str) -> WrongUse:
    return WrongUse(
        code="field.cron",
        detail=f"The schedule {what}.",
        remedy="Write it as '30 4 * * *' (every day at 04:30 UTC), or choose one of the others.",
    )


def next_time(cron: str, after: datetime) -> datetime | None:
    """Return when a schedule comes next after a moment; None for MANUAL. Both in UTC."""
    if cron == MANUAL:
        return None
    from croniter import croniter  # noqa: PLC0415

    found: datetime = croniter(cron, after, max_years_between_matches=8).get_next(datetime)
    return found


def retry_time(cron: str, failures: int, now: datetime) -> datetime | None:
    """Return when to try again after so many failures in a row: 5 minutes, doubled each time, 6 hours at most.

    Never later than the schedule's own next time; None for MANUAL.
    """
    regular = next_time(cron, now)
    if regular is None:
        return None
    patience: timedelta = min(_FIRST_RETRY * 2 ** min(failures - 1, 16), _LAST_RETRY)
    return min(regular, now + patience)


@cache
def describe(cron: str) -> str:
    """Return a schedule in words: 'every day at 04:30 UTC'; its fields as they are when there is no simple way."""
    if cron == MANUAL:
        return "only when asked for"
    minute, hour, day, month, weekday = cron.split(" ")
    said = ""
    if minute.isdecimal() and (day, month) == ("*", "*"):
        if weekday == "*":
            said = _every_day(minute, hour)
        elif hour.isdecimal() and re.fullmatch(r"[0-6]", weekday):
            said = f"every {_DAYS[int(weekday)]} at {hour:0>2}:{minute:0>2} UTC"
    return said or f"at '{cron}' (UTC)"


def _every_day(minute: str, hour: str) -> str:
    if hour == "*":
        return f"every hour, at minute {int(minute)}"
    if re.fullmatch(r"\*/[0-9]+", hour):
        return f"every {hour[2:]} hours, at minute {int(minute)}"
    return f"every day at {hour:0>2}:{minute:0>2} UTC" if hour.isdecimal() else ""
