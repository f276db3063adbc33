"""A schedule's form: six ways to say when, each of which is a cron of five fields in the end."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from fanlight.core.errors import FanlightError, WrongUse

WAYS = ("manual", "hourly", "six", "daily", "weekly", "cron")
DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
DEFAULT_TIME = "04:30"
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::00)?\Z")
_WAYS_OF_CRON = (
    ("hourly", re.compile(r"[0-9]+ \* \* \* \*\Z")),
    ("six", re.compile(r"[0-9]+ \*/6 \* \* \*\Z")),
    ("daily", re.compile(r"[0-9]+ [0-9]+ \* \* \*\Z")),
    ("weekly", re.compile(r"[0-9]+ [0-9]+ \* \* [0-6]\Z")),
)


@dataclass(slots=True)
class Picked:
    """What is chosen and typed. way: of WAYS. day: '0' (Sunday) to '6'. problem_field: the one that it is about."""

    way: str
    daily: str = DEFAULT_TIME
    weekly: str = DEFAULT_TIME
    day: str = "1"
    cron: str = ""
    minute: int = 0
    problem: FanlightError | None = None
    problem_field: str = field(default="")

    @property
    def days(self) -> list[tuple[str, str]]:
        """The days of the week to choose from, Monday first."""
        return [(str(number), DAYS[number]) for number in (1, 2, 3, 4, 5, 6, 0)]

    def refuse(self, problem: FanlightError) -> None:
        """Put a problem beside the field that it is about: the chosen way's own."""
        self.problem = problem
        self.problem_field = problem.code.removeprefix("field.")


def of_cron(cron: str, default: str) -> Picked:
    """Return the form for a schedule as it stands. default: a cron whose minute an hourly one would get."""
    minute = int(default.split(" ", maxsplit=1)[0])
    picked = Picked("manual" if not cron else "cron", cron=cron, minute=minute)
    for way, pattern in _WAYS_OF_CRON:
        if pattern.match(cron):
            picked.way = way
            minutes, hours, _, _, day = cron.split(" ")
            picked.minute = int(minutes)
            if way in ("daily", "weekly"):
                setattr(picked, way, f"{int(hours):02}:{int(minutes):02}")
            if way == "weekly":
                picked.day = day
    return picked


def of_post(posted: Mapping[str, str], default: str) -> Picked:
    """Return the form as it was sent, right or wrong."""
    return Picked(
        way=posted.get("way", ""),
        daily=posted.get("daily", "").strip(),
        weekly=posted.get("weekly", "").strip(),
        day=posted.get("day", "1"),
        cron=posted.get("cron", ""),
        minute=int(default.split(" ", maxsplit=1)[0]),
    )


def to_cron(picked: Picked) -> str:
    """Return the cron that was picked, empty for none. Raises WrongUse, whose code names the field."""
    match picked.way:
        case "manual":
            return ""
        case "hourly":
            return f"{picked.minute} * * * *"
        case "six":
            return f"{picked.minute} */6 * * *"
        case "daily":
            return f"{_moment(picked.daily, 'daily')} * * *"
        case "weekly":
            if picked.day not in map(str, range(len(DAYS))):
                raise WrongUse(code="field.day", detail="That is no day of the week.", remedy="Choose one.")
            return f"{_moment(picked.weekly, 'weekly')} * * {picked.day}"
        case "cron":
            if not picked.cron.strip():
                raise WrongUse(
                    code="field.cron",
                    detail="The schedule is missing.",
                    remedy="Write it as '30 4 * * *' (every day at 04:30 UTC), or choose one of the others.",
                )
            return picked.cron
    raise WrongUse(code="field.way", detail="Nothing was chosen.", remedy="Choose when it is extracted.")


def _moment(typed: str, name: str) -> str:
    found = _TIME.match(typed)
    if found is None:
        raise WrongUse(
            code=f"field.{name}",
            detail=f"{typed!r} is not a time of day." if typed else "The time is missing.",
            remedy="Write it as 04:30.",
        )
    return f"{int(found[2])} {int(found[1])}"
