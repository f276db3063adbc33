"""The verb promises: every control now, each as the process it is tried as, and how all of them stand."""

# Imports stand where they are needed: the rooms load after the process has its role, and Django takes its time.
# ruff: noqa: PLC0415
from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fanlight.cli import local
from fanlight.cli.options import AsJson, HomeOption
from fanlight.cli.terminal import clipped, print_table, say
from fanlight.cli.verbs import app
from fanlight.core.errors import NotFound, WrongUse

if TYPE_CHECKING:
    from fanlight.trust.types import Standing, State

BROKEN, OUTSIDE = 1, 3
_SENTENCE = 90
Told = Mapping[str, Sequence[Mapping[str, Any]]]


@app.command()
def promises(
    only: Annotated[list[str] | None, typer.Option(help="Of these promises only, for example R2.")] = None,
    stored: Annotated[
        bool, typer.Option("--stored", help="Tell what the latest checks found; try nothing.")
    ] = False,
    as_json: AsJson = False,
    zone: Annotated[str, typer.Option(hidden=True)] = "",
    home: HomeOption = None,
) -> None:
    """Try every control of the security policy now. Exit 1 when a promise is broken, 3 when one could not be tried."""
    from fanlight.trust import queries

    known = [one.id for one in queries.promises()]
    chosen = [one.upper() for one in only] if only else known
    for one in chosen:
        if one not in known:
            raise NotFound(
                code="promise.unknown",
                detail=f"There is no promise {one!r}.",
                remedy=f"The policy has {', '.join(known)}.",
            )
    if zone:
        _try_as_portal(zone, chosen)
        return
    if not stored and local.is_embedded():
        _in_a_process_of_its_own("portal", chosen)
    with local.as_process("worker", "promises"):
        tried: dict[str, State] = {}
        if not stored:
            tried = _try_own(chosen)
        found, told = _standings(chosen)
    _print(found, told, as_json=as_json)
    _exit(found, tried)


def _try_as_portal(zone: str, chosen: Sequence[str]) -> None:
    if zone != "portal":
        raise WrongUse(
            code="promises.zone",
            detail=f"{zone!r} is no zone that is tried apart.",
            remedy="Leave --zone out: every control is tried as the process it belongs to.",
        )
    with local.as_process("portal", "promises"):
        _try_own(chosen)


def _try_own(chosen: Sequence[str]) -> dict[str, State]:
    from django.conf import settings

    from fanlight.trust import services
    from fanlight.trust.types import Zone
    from fanlight.vault import services as vault

    zone = services.own_zone()
    is_worker = zone is Zone.WORKER
    return services.check(
        zone=zone,
        only=chosen,
        root_key=vault.read_root_key(settings.FANLIGHT_ROOT_KEY) if is_worker else None,
        home=settings.FANLIGHT_HOME,
    )


def _in_a_process_of_its_own(zone: str, chosen: Sequence[str]) -> None:
    import subprocess

    arguments = [sys.executable, "-P", "-m", "fanlight.cli.main", "promises", "--zone", zone]
    for one in chosen:
        arguments += ["--only", one]
    code = subprocess.run(arguments, check=False).returncode  # noqa: S603 - our own program
    if code:
        raise SystemExit(code)


def _standings(chosen: Sequence[str]) -> tuple[list[Standing], Told]:
    from fanlight.foundation import clock
    from fanlight.trust import queries, services
    from fanlight.trust.types import Zone

    found = [one for one in queries.standings(now=clock.now()) if one.promise.id in chosen]
    is_told = services.own_zone() is Zone.WORKER
    return found, queries.findings() if is_told else {}


def _print(found: Sequence[Standing], told: Told, *, as_json: bool) -> None:
    if as_json:
        from fanlight.trust import queries

        rows = [queries.as_plain(one) for one in found]
        for row in rows:
            if row["state"] == "broken":
                row["evidence"]["details"] = told.get(row["id"], [])
        typer.echo(json.dumps(rows))
        return
    print_table(
        ("", "Promise", "State", "Since"),
        [
            (
                one.promise.id,
                clipped(one.promise.sentence, _SENTENCE),
                one.state.value,
                one.since.strftime("%Y-%m-%d %H:%M") if one.since else "",
            )
            for one in found
        ],
    )
    counts = Counter(one.state for one in found)
    summary = [f"{counts[state]} {state}" for state in type(found[0].state) if counts[state]]
    say("\n" + ", ".join(summary) + ".", keeps_lines=True)
    for one in found:
        if one.reason and one.state.value not in ("not claimed", "proven"):
            say(f"\n{one.promise.id}: {one.reason}", keeps_lines=True)
            for finding in (
                told.get(one.promise.id, [])[:20] if one.state.value in ("broken", "unknown") else []
            ):
                say("    " + ", ".join(f"{name}: {value}" for name, value in finding.items()))


def _exit(found: Sequence[Standing], tried: Mapping[str, State]) -> None:
    if any(one.state.value == "broken" for one in found):
        raise SystemExit(BROKEN)
    if any(state.value == "unknown" for state in tried.values()):
        raise SystemExit(OUTSIDE)
