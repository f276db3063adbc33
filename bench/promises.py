"""How long the controls of the promises look, and in how much memory, on a catalogue of many assets.

usage: python -m bench.promises [--tables 20000 100000]. The rows are made in the catalogue itself, 20 columns a table,
as an extraction stores them; then every control is tried as its own database role.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

from tests.conftest import made_catalogue
from tests.trust.ground import Ground, make_ground

from fanlight.foundation import clock
from fanlight.tenancy.register import stored_tables
from fanlight.trust import queries

FIELDS = {table.name: list(table.fields) for table in stored_tables()}


def fill(ground: Ground, table: str, differs: dict[str, str], source: str) -> None:
    """Add rows like one that is there. differs: by field, the expression that is another. source: what follows FROM."""
    organization = ground.tenants[0].organization_id
    names = ", ".join(f'"{name}"' for name in FIELDS[table])
    values = ", ".join(differs.get(name, f'x."{name}"') for name in FIELDS[table])
    kind = "AND kind = 'table'" if table == "catalog_asset" else ""
    ground.psql(
        f"SET session_replication_role = replica; INSERT INTO {table} ({names}) SELECT {values} FROM {source}, "
        f"(SELECT * FROM {table} WHERE organization_id = '{organization}' {kind} LIMIT 1) x"
    )


def grow(ground: Ground, tables: int) -> None:
    """Give the first organization so many tables of 20 columns, with their search entries."""
    organization = ground.tenants[0].organization_id
    fill(
        ground,
        "catalog_asset",
        {"id": "gen_random_uuid()", "name": "'table_' || n", "locator": "'shop.sales.table_' || n"},
        f"generate_series(1, {tables}) n",
    )
    fill(
        ground,
        "catalog_column",
        {
            "id": "gen_random_uuid()",
            "asset_id": "a.id",
            "name": "'column_' || k",
            "position": "k",
            "comment": "'What column ' || k || ' of ' || a.name || ' holds.'",
            "default": "CASE WHEN k % 4 = 0 THEN 'nextval(?::regclass) + ' || a.name END",
        },
        f"(SELECT id, name FROM catalog_asset WHERE organization_id = '{organization}' AND name LIKE 'table%') a, "
        "generate_series(1, 20) k",
    )
    fill(
        ground,
        "discovery_entry",
        {
            "id": "c.id",
            "asset_id": "c.asset_id",
            "is_column": "true",
            "word_count": "2",
            "name": "c.name",
            "words": "to_tsvector('simple', c.name || ' ' || c.comment)",
        },
        f"(SELECT * FROM catalog_column WHERE organization_id = '{organization}' AND name LIKE 'column\\_%') c",
    )
    ground.psql("VACUUM ANALYZE")


def main() -> None:
    """Measure each size in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, nargs="+", default=[20_000, 100_000])
    for tables in parser.parse_args().tables:
        with tempfile.TemporaryDirectory() as folder, made_catalogue(Path(folder) / "catalogue") as catalogue:
            ground = make_ground(catalogue, Path(folder))
            grow(ground, tables)
            ground.check()
            with ground.acting_as("portal"):
                began = time.perf_counter()
                found = queries.standings(now=clock.now(), with_days=True)
                milliseconds = (time.perf_counter() - began) * 1000
        print(f"{tables:,} tables of 20 columns; all standings read in {milliseconds:.0f} ms")
        for one in found:
            if one.evidence is not None:
                part = " (in part)" if one.evidence.is_partial else ""
                print(f"  {one.promise.id}  {one.state.value:14} {one.evidence.milliseconds:8,} ms{part}")
        print(f"  peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB", flush=True)


if __name__ == "__main__":
    main()
