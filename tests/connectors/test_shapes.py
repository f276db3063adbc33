"""What each statement answers with, as real servers describe it: nothing else is read."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

import psycopg
import pytest
from psycopg.pq import ExecStatus

from fanlight.connectors.postgres import guard
from fanlight.connectors.postgres.closed_list import LISTS, SHAPES, read_shapes
from tests.servers import VERSIONS, ThrowawayServer

FILE = Path(str(files("fanlight.connectors.postgres") / "statements" / "shapes.toml"))
_HEAD = """\
# What the columns of each statement's answer are, as servers of PostgreSQL 15 and 18 describe it
# (tests/connectors/test_shapes.py): b, i, t, f for a truth value, a whole number, a text, a fraction; capitals for arrays
# of them. An answer of another shape is not read.
"""


def _described(connection: psycopg.Connection[object]) -> dict[str, str]:
    """Return the shapes of the statements that this server takes."""
    found = {}
    for one in (*LISTS.catalogue, *LISTS.session):
        pgconn = connection.pgconn
        if pgconn.prepare(b"", one.sql.encode()).status != ExecStatus.COMMAND_OK:
            continue
        answer = pgconn.describe_prepared(b"")
        types = [answer.ftype(number) for number in range(answer.nfields)]
        assert set(types) <= set(guard.KINDS), (one.name, types)
        found[one.name] = "".join(guard.KINDS[oid] for oid in types)
    return found


def test_each_statement_has_the_shape_that_servers_describe(tmp_path_factory: pytest.TempPathFactory) -> None:
    shapes: dict[str, str] = {}
    for version in VERSIONS:
        with (
            ThrowawayServer(version, tmp_path_factory.mktemp(f"shapes{version}")) as server,
            server.connect() as connection,
        ):
            found = _described(connection)
        differing = {name for name in found.keys() & shapes.keys() if found[name] != shapes[name]}
        assert not differing, "a file of its own for each version is needed"
        shapes |= found
    assert set(shapes) == {one.name for one in (*LISTS.catalogue, *LISTS.session)}
    if os.environ.get("FANLIGHT_TEST_RENEW") == "1":
        lines = [f'{name} = "{shape}"\n' for name, shape in sorted(shapes.items())]
        FILE.write_text(_HEAD + "".join(lines), "utf-8")
    assert read_shapes() == shapes
    assert dict(SHAPES) == shapes or os.environ.get("FANLIGHT_TEST_RENEW") == "1"
