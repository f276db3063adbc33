"""Compare Fanlight's extraction with the read limit, pg_dump and DataHub, interleaved, as whole processes.

python bench/extract.py --tables 1000 10000 --rounds 3 --against datahub --json extract.json
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import report
import rivals
import servers
import source
from catalogue import Catalogue
from measuring import Measured, measure

HERE = Path(__file__).parent
READER = "fanlight_reader"
LIMIT, DUMP, DATAHUB = "read limit", "pg_dump --schema-only", "DataHub"
FIRST, UNCHANGED, GROWN = "Fanlight, first run", "Fanlight, unchanged", "Fanlight, after rows"


@dataclass(frozen=True)
class _Bench:
    """What is compared. rival: None when only our own runs are. rounds: of each size."""

    server: servers.Source
    catalogue: Catalogue
    rival: rivals.DataHub | None
    rounds: int
    share: float


def main() -> None:
    """Run the comparison for each size; print a report, and keep every figure where asked."""
    given = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers and folders go, as after Ctrl-C
    with (
        tempfile.TemporaryDirectory(prefix="fanlight-bench-home-") as home,
        tempfile.TemporaryDirectory(prefix="fanlight-bench-rival-") as folder,
        servers.throwaway(given.source) as server,
        Catalogue(given.fanlight, Path(home)) as catalogue,
    ):
        rival = rivals.DataHub(Path(folder)) if given.against else None
        about = report.surroundings(server.conninfo("postgres"), catalogue)
        about |= {"datahub": rival.version} if rival else {}
        bench = _Bench(server, catalogue, rival, given.rounds, given.share)
        shapes = [source.Shape(tables, given.columns, given.seed) for tables in given.tables]
        sizes = [_compare(bench, shape) for shape in shapes]
    result = {"about": about, "rounds": given.rounds, "sizes": sizes, "load_after": os.getloadavg()}
    print(report.markdown(result))
    if given.json:
        given.json.write_text(json.dumps(result, indent=2) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=int, nargs="+", default=[1000], help="sizes of the source")
    parser.add_argument("--columns", type=int, default=20, help="columns of each table")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--share", type=float, default=0.1, help="part of the tables that get rows")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--source", type=int, choices=(15, 18), default=15, help="version of the source")
    parser.add_argument("--against", choices=("datahub",), help="measure that beside it, in the same rounds")
    parser.add_argument("--fanlight", type=Path, default=Path(sys.executable).with_name("fanlight"))
    parser.add_argument("--json", type=Path, help="where to write every single figure")
    return parser.parse_args()


def _compare(bench: _Bench, shape: source.Shape) -> dict[str, Any]:
    server, catalogue = bench.server, bench.catalogue
    database, password = f"source_{shape.tables}", secrets.token_hex(16)
    server.make_database(database, READER, password)
    owner = server.conninfo(database)
    _say(f"{shape.tables} tables: making the source")
    made = source.make(owner, shape)
    limit: list[str | Path] = [sys.executable, HERE / "limit.py", server.conninfo(database, READER)]
    dump: list[str | Path] = [server.programs / "pg_dump", "--schema-only", "--file", os.devnull, owner]
    environment = {**os.environ, "PGPASSWORD": password}
    source_only = {"source": server.postmaster}
    both = {**source_only, "catalogue": catalogue.postmaster}
    url = f"postgresql://{READER}@/{database}?host={quote(str(server.socket_folder), safe='')}"
    counted = measure(limit, environment=environment, servers=source_only)  # warms the source's caches
    runs: dict[str, list[dict[str, Any]]] = {}

    def keep(name: str, measured: Measured) -> None:
        _say(f"{shape.tables} tables, round {number}: {name} {measured.wall_seconds:.2f} s")
        figures = asdict(measured)
        output = figures.pop("output")
        runs.setdefault(name, []).append(
            figures | ({"run": report.run_record(output)} if name.startswith("Fanlight") else {})
        )

    for number in range(1, bench.rounds + 1):
        integration = f"bench-{shape.tables}-{number}"
        catalogue.connect(url, integration, password)
        keep(LIMIT, measure(limit, environment=environment, servers=source_only))
        keep(DUMP, measure(dump, environment=environment, servers=source_only))
        if bench.rival:
            ingest = bench.rival.command(database, READER, server.socket_folder)
            keep(
                DATAHUB,
                measure(ingest, environment=environment | bench.rival.environment, servers=source_only),
            )
            runs[DATAHUB][-1]["found"] = bench.rival.counted(database)
        keep(FIRST, catalogue.extract(integration, servers=both))
        keep(UNCHANGED, catalogue.extract(integration, servers=both))
        source.grow(owner, bench.share, seed=shape.seed + number)
        keep(GROWN, catalogue.extract(integration, servers=both))
    return {
        "tables": shape.tables,
        "columns": shape.columns,
        "make_seconds": made,
        "catalogue_rows": json.loads(counted.output),
        "runs": runs,
    }


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
