"""Fanlight as its users run it: the installed program, with a home of its own and a warm server."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from fanlight.foundation.embedded import EmbeddedServer
from measuring import Measured, measure


class Catalogue:
    """A fresh Fanlight for the length of a block. Its server runs throughout, so no start is measured.

    program: the `fanlight` to measure. home: an empty folder. The caller removes it; what the server keeps
    elsewhere when root runs it goes with the block.
    """

    def __init__(self, program: Path, home: Path) -> None:
        self.program = program
        # Settings of whoever runs this must not lead to another catalogue.
        self._environment = {
            name: value for name, value in os.environ.items() if not name.startswith("FANLIGHT_")
        }
        self._home = home
        self._server = EmbeddedServer(home)
        self._held = ExitStack()
        self.postmaster = 0

    def __enter__(self) -> Self:
        self._fanlight("organization", "create", "Benchmark", "--admin", "bench@localhost.example")
        self._held.callback(remove_server, self._server)
        self._held.enter_context(self._server.in_use("benchmark"))
        self.postmaster = self._server.status().pid or os.getpid()
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def connect(self, url: str, name: str, password: str) -> None:
        """Add an integration without extracting it; not measured."""
        self._fanlight(
            "connect", url, "--name", name, "--password-stdin", "--no-extract", stdin=password + "\n"
        )

    def extract(self, name: str, *, servers: Mapping[str, int]) -> Measured:
        """Extract an integration and measure it."""
        command = self._command("extract", name, "--json")
        return measure(command, environment=self._environment, servers=servers)

    def _command(self, *arguments: str) -> list[str | Path]:
        return [self.program, "--home", self._home, *arguments]

    def _fanlight(self, *arguments: str, stdin: str = "") -> None:
        done = subprocess.run(
            self._command(*arguments),
            input=stdin,
            capture_output=True,
            text=True,
            env=self._environment,
            check=False,
        )
        if done.returncode:
            last = (done.stderr.strip() or done.stdout)[-2000:]
            raise SystemExit(f"fanlight {arguments[0]} ended with {done.returncode}: {last}")


def remove_server(server: EmbeddedServer) -> None:
    """Stop a home's server and remove what it keeps elsewhere when root runs it."""
    status = server.status()
    server.stop()
    if os.geteuid() == 0 and status.data_folder is not None and status.socket_folder is not None:
        # Root's clusters live outside the home: <state>/<id>/<name>/data and <runtime>/<id>/<name>.
        for folder in (status.data_folder.parents[1], status.socket_folder.parent):
            shutil.rmtree(folder, ignore_errors=True)
