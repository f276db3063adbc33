"""The read limit: what any extractor of PostgreSQL must at least read, as one whole process.

Five set queries over the catalogue in one snapshot, fetched and counted, nothing kept. It needs no grant.

    python bench/limit.py "host=/tmp/socket dbname=src user=reader"
"""

from __future__ import annotations

import json
import sys

import psycopg

_OURS = "n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'"
_KINDS = "c.relkind IN ('r', 'p', 'v', 'm', 'f')"

QUERIES = {
    "schemas": f"""
        SELECT n.oid, n.nspname, pg_get_userbyid(n.nspowner), obj_description(n.oid, 'pg_namespace')
        FROM pg_namespace AS n
        WHERE {_OURS}""",
    "relations": f"""
        SELECT c.oid, c.relnamespace, c.relname, c.relkind::text, c.reltuples::float8, c.relpages,
            d.description, CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END
        FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        LEFT JOIN pg_description AS d
            ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0
        WHERE {_KINDS} AND {_OURS}""",
    "columns": f"""
        SELECT a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
            a.attidentity::text, a.attgenerated::text, pg_get_expr(e.adbin, e.adrelid), d.description
        FROM pg_attribute AS a
        JOIN pg_class AS c ON c.oid = a.attrelid
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        LEFT JOIN pg_attrdef AS e ON e.adrelid = a.attrelid AND e.adnum = a.attnum
        LEFT JOIN pg_description AS d
            ON d.classoid = 'pg_class'::regclass AND d.objoid = a.attrelid AND d.objsubid = a.attnum
        WHERE a.attnum > 0 AND NOT a.attisdropped AND {_KINDS} AND {_OURS}""",
    "constraints": f"""
        SELECT k.oid, k.conrelid, k.conname, k.contype::text, k.conkey, k.confrelid, k.confkey,
            k.confupdtype::text, k.confdeltype::text,
            CASE WHEN k.contype IN ('c', 'x') THEN pg_get_constraintdef(k.oid) END
        FROM pg_constraint AS k
        JOIN pg_namespace AS n ON n.oid = k.connamespace
        WHERE k.conrelid <> 0 AND {_OURS}""",
    "indexes": f"""
        SELECT i.indrelid, c.relname, i.indisunique, i.indisprimary, i.indkey::int2[], m.amname
        FROM pg_index AS i
        JOIN pg_class AS c ON c.oid = i.indexrelid
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        JOIN pg_am AS m ON m.oid = c.relam
        WHERE {_OURS}""",
}


def read(conninfo: str) -> dict[str, int]:
    """Read all five and return how many rows each gave."""
    with psycopg.connect(conninfo) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        return {name: len(connection.execute(query.encode()).fetchall()) for name, query in QUERIES.items()}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(read(sys.argv[1])) + "\n")
