"""psql, as an administrator runs it."""

from __future__ import annotations

import os
import secrets
import subprocess

from tests.servers import ThrowawayServer


def psql(server: ThrowawayServer, script: str, *, database: str = "postgres", answers: str = "") -> str:
    """Run a script as an administrator would, without a terminal; return what psql had to complain about."""
    environment = {
        "PATH": os.environ["PATH"],
        "PGHOST": str(server.socket_folder),
        "PGPORT": str(server.port),
        "PGUSER": "postgres",
    }
    script_file = server.socket_folder.parent / f"script-{secrets.token_hex(4)}.sql"
    script_file.write_text(script, encoding="utf-8", newline="")
    done = subprocess.run(
        [server.programs / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", script_file],
        env=environment,
        input=answers,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr
