"""What Fanlight is measured beside: each in an environment of its own, made on demand from a lock file with hashes.

Nothing of it reaches Fanlight's own environment, and it has no way to a network while it is measured.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

_HERE = Path(__file__).parent
_BUILD = _HERE.parent / "build"
# A network of its own, in which there is nothing; a database's socket is a file and stays within reach.
_AS_ANYBODY = (
    "--user",
    "--map-current-user",
)  # who is not root needs that, and root must stay root to reach the socket
_WITHOUT_NETWORK = ("unshare", "--net", *(() if os.geteuid() == 0 else _AS_ANYBODY))

_SCHEMA = "com.linkedin.pegasus2avro.schema.SchemaMetadata"


def environment(name: str) -> Path:
    """Return the folder of a rival's environment, made from `bench/<name>.lock` when that has changed.

    Raises SystemExit with what went wrong when it cannot be installed.
    """
    lock, venv = _HERE / f"{name}.lock", _BUILD / f"bench-{name}"
    done, digest = venv / "fanlight-lock", hashlib.sha256(lock.read_bytes()).hexdigest()
    if not (done.exists() and done.read_text() == digest):
        python = venv / "bin" / "python"
        print(f"Installing {name} into {venv.relative_to(_BUILD.parent)}", file=sys.stderr, flush=True)
        try:
            _run([Path(sys.executable).with_name("uv"), "venv", "--clear", "--python", sys.executable, venv])
            _install(python, ["--quiet", "--require-hashes", "-r", lock])
        except (subprocess.CalledProcessError, OSError) as error:
            last = getattr(error, "stderr", "") or str(error)
            raise SystemExit(
                f"{name} cannot be installed here, so nothing was compared with it: {last[-1000:]}"
            ) from error
        done.write_text(digest)
    return venv


def _install(python: Path, locked: list[str | Path]) -> None:
    # Where uv does not know the index that pip is configured for, pip does it, more slowly.
    with contextlib.suppress(subprocess.CalledProcessError):
        uv = Path(sys.executable).with_name("uv")
        _run([uv, "pip", "install", "--system-certs", "--python", python, *locked])
        return
    _run([python, "-m", "ensurepip", "--upgrade"])
    _run([python, "-m", "pip", "install", *locked])


def _run(command: list[str | Path]) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)


def packages(name: str) -> Path:
    """Return the folder of a rival's modules, for this same Python to import."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return environment(name) / "lib" / version / "site-packages"


class DataHub:
    """`datahub ingest` of a PostgreSQL database into a file, with its defaults. folder: for its recipe and output."""

    def __init__(self, folder: Path) -> None:
        self.environment = {"DATAHUB_TELEMETRY_ENABLED": "false"}
        self._program = environment("datahub") / "bin" / "datahub"
        self._folder = folder
        if (
            shutil.which("unshare") is None
            or subprocess.run([*_WITHOUT_NETWORK, "true"], check=False).returncode
        ):
            raise SystemExit(
                "DataHub is only measured without a network, and `unshare` cannot take it away here."
            )
        told = subprocess.run([self._program, "--version"], check=False, capture_output=True, text=True)
        self.version = told.stdout.strip().rpartition(" ")[2]

    def command(self, database: str, user: str, socket_folder: Path) -> list[str | Path]:
        """Return what ingests a database. The password comes by PGPASSWORD."""
        uri = f"postgresql+psycopg2://{user}@/{database}?host={quote(str(socket_folder), safe='')}"
        config = {"sqlalchemy_uri": uri, "host_port": "required, and not used beside the line above"}
        recipe = {
            "source": {"type": "postgres", "config": config},
            "sink": {"type": "file", "config": {"filename": str(self.output(database))}},
        }
        path = self._folder / f"{database}.recipe.json"
        path.write_text(json.dumps(recipe))
        return [*_WITHOUT_NETWORK, self._program, "ingest", "--no-progress", "-c", path]

    def output(self, database: str) -> Path:
        """Return the file that it writes."""
        return self._folder / f"{database}.datahub.json"

    def counted(self, database: str) -> dict[str, int]:
        """Return how many tables and columns it has written: a run that found nothing would be fast."""
        schemas = [
            aspect[_SCHEMA]
            for change in json.loads(self.output(database).read_text())
            for snapshot in change.get("proposedSnapshot", {}).values()
            for aspect in snapshot["aspects"]
            if _SCHEMA in aspect
        ]
        return {"tables": len(schemas), "columns": sum(len(schema["fields"]) for schema in schemas)}
